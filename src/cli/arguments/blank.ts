/**
 * A value that is empty, or nothing but spaces, is refused by every option and argument that takes one: it is what a
 * shell makes of a variable that nobody set, and would mean something else than was meant. One place for all, so that
 * no option of tomorrow forgets it. What an option does with a value that is there is not its business.
 */
import type { Argument, Command, Option } from 'commander';
import { badOption, takesList, wordsOf } from './option-values.ts';

/** Options whose empty value means something, and what it means. */
export const EMPTY_MEANS: ReadonlyMap<string, string> = new Map([
  ['send --params', 'none of the columns'],
]);

/** Of this command and all below it. @param path its name, behind those of the commands above it */
export function refuseBlankValues(command: Command, path = command.name()): void {
  for (const option of command.options) {
    const takesValue = option.required || option.optional;
    const name = option.long ?? option.flags;
    if (takesValue && !EMPTY_MEANS.has(`${path} ${name}`))
      wrap(option, name, withArticle(wordOf(option)));
  }
  for (const argument of command.registeredArguments) {
    const name = argument.name();
    wrap(argument, `<${name}>`, withArticle(name));
  }
  for (const part of command.commands) refuseBlankValues(part, `${path} ${part.name()}`);
}

function wrap(taker: Option | Argument, name: string, expected: string): void {
  const parse = taker.parseArg;
  const read = (text: string, before: unknown): unknown => {
    // Its own words come first: they say more of what is expected.
    const value = parse ? parse.call(taker, text, before) : text;
    if (text.trim() === '') throw badOption(name, expected, text);
    if (parse || !taker.variadic) return value;
    return Array.isArray(before) ? [...before, value] : [value];
  };
  taker.argParser(Object.assign(read, { words: wordsOf(parse), isList: takesList(parse) }));
}

/** `--plan-name <name>` → `name`. */
const wordOf = ({ flags }: Option) => /[<[]([\w-]+)/.exec(flags)?.[1] ?? 'value';

const withArticle = (word: string) => (/^[aeio]/.test(word) ? `an ${word}` : `a ${word}`);

/**
 * `--param code=`: the text would go out with a hole in it.
 * @throws VolleyError `bad_input`, with the option that means it
 */
export function refuseEmptyPairs(
  option: string,
  pairs: Readonly<Record<string, string>> | undefined,
  allowEmpty: boolean | undefined,
): void {
  if (allowEmpty) return;
  const empty = Object.entries(pairs ?? {}).find(([, value]) => value.trim() === '');
  if (empty === undefined) return;
  const [name] = empty;
  const expected = `a value for ${JSON.stringify(name)} (an empty one would be sent; --allow-empty allows it)`;
  throw badOption(option, expected, empty.join('='));
}
