/** Readers of option values that more than one option has. Each refuses with what was expected and what came. */
import { VolleyError } from '../../shared/errors.ts';

export function badOption(option: string, expected: string, got: string): VolleyError {
  return new VolleyError(
    'bad_input',
    `${option}: expected ${expected}, got ${JSON.stringify(got)}`,
  );
}

export function wholeNumber(option: string, least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw badOption(option, `a whole number from ${least} to ${most}`, text);
  };
}

/** The same, or a word in its place. */
export function wholeNumberOr<Word extends string>(
  option: string,
  least: number,
  most: number,
  word: Word,
) {
  const read = (text: string): number | Word => {
    if (text === word) return word;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw badOption(option, `a whole number from ${least} to ${most}, or ${word}`, text);
  };
  return Object.assign(read, { words: [word] });
}

/** A number above 0, as a limit a second is. */
export function positive(option: string) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+(\.\d+)?(e\d+)?$/i.test(text) && value > 0) return value;
    throw badOption(option, 'a number above 0', text);
  };
}

/** `NAME=VALUE`, repeatable. A name given twice is an error: one of its values would be lost. */
export function pairs(option: string) {
  return (text: string, before: Record<string, string> = {}): Record<string, string> => {
    const at = text.indexOf('=');
    if (at < 1) throw badOption(option, 'NAME=VALUE', text);
    const name = text.slice(0, at).trim();
    if (name === '') throw badOption(option, 'NAME=VALUE', text);
    if (Object.hasOwn(before, name)) throw badOption(option, `each name once`, text);
    return { ...before, [name]: text.slice(at + 1) };
  };
}

/** The same where an empty value would name nothing. */
export function filledPairs(option: string) {
  const read = pairs(option);
  return (text: string, before?: Record<string, string>): Record<string, string> => {
    const all = read(text, before);
    if (text.slice(text.indexOf('=') + 1).trim() !== '') return all;
    throw badOption(option, 'NAME=VALUE', text);
  };
}

/** `10%` or `0.1`. A bare 1 or 10 could mean either, and is refused. */
export function share(option: string) {
  return (text: string): number => {
    const [, percent] = /^(\d{1,3}(?:\.\d+)?)\s*%$/.exec(text) ?? [];
    if (percent !== undefined && Number(percent) <= 100) return Number(percent) / 100;
    if (/^(?:0|0?\.\d+)$/.test(text)) return Number(text);
    throw badOption(option, 'a share such as 10% or 0.1', text);
  };
}

/** Words separated by commas, each one of a closed set. */
export function oneOrMoreOf<Word extends string>(option: string, words: readonly Word[]) {
  const read = (text: string): Word[] =>
    text.split(',').map((part) => {
      const found = words.find((word) => word === part.trim());
      if (found === undefined) throw badOption(option, `some of ${words.join(', ')}`, part.trim());
      return found;
    });
  return Object.assign(read, { words, isList: true });
}

export function oneOf<Word extends string>(option: string, words: readonly Word[]) {
  const read = (text: string): Word => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw badOption(option, words.join(' or '), text);
    return found;
  };
  return Object.assign(read, { words });
}

/** The words that a reader takes, where they are a closed set; for what completes them. */
export function wordsOf(read: object | undefined): readonly string[] {
  const words: unknown = read && 'words' in read ? read.words : [];
  return Array.isArray(words) ? words.map(String) : [];
}

/** Whether a reader takes several of its words, separated by commas. */
export function takesList(read: object | undefined): boolean {
  return read !== undefined && 'isList' in read && read.isList === true;
}
