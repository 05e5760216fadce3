import type { Verdict } from './classify.ts';
import { firstWords } from './first-words.ts';

const STARS = '****';
/** A shorter one may stand in any text; it is looked for as a word of its own. */
const LEAST_ANYWHERE = 8;
/** As the sandbox's: a plain word is no secret, and nobody could read a log without it. */
const PLAIN_WORD = /^[a-z]{1,7}$/;
/** Whatever else stands in such a header is somebody's login, too. */
const HEADER = /\b(basic|bearer)(\s+|%20|\+)[\w+/=~.%-]{6,}/gi;
const IDS = ['plan_id', 'message_id', 'task_id'] as const;

/**
 * Takes our login out of what a far end says: one that echoes requests, or quotes them in its errors, would have it
 * written into the audit and the log. It looks at words and at ids that are none, never at a usual reply.
 */
export class Scrubber {
  readonly #forms: RegExp;

  constructor(devKey: string, devSecret: string) {
    const login = `${devKey}:${devSecret}`;
    const plain = [login, devKey, devSecret].filter((text) => !PLAIN_WORD.test(text));
    const forms = plain.flatMap((text) => [
      text,
      encodeURIComponent(text),
      inJson(text),
      ...base64(text),
    ]);
    // The longest first: a piece of it must not be replaced before it.
    const distinct = [...new Set([...forms, ...base64(login)])].sort((a, b) => b.length - a.length);
    const words = distinct.map((form) =>
      form.length < LEAST_ANYWHERE ? `(?<![\\w])${escaped(form)}(?![\\w])` : escaped(form),
    );
    this.#forms = new RegExp(words.join('|'), 'gi');
  }

  text(words: string): string {
    return words.replace(this.#forms, STARS).replace(HEADER, `$1 ${STARS}`);
  }

  /** What was not understood is part of its words from here on, as far as it may be shown. */
  verdict(verdict: Verdict): Verdict {
    const { message, unclear } = verdict;
    if (message !== undefined) verdict.message = this.text(message);
    if (unclear !== undefined) {
      const words = firstWords(unclear, (text) => this.text(text));
      verdict.message = `${verdict.message}: ${words || 'nothing'}`;
      verdict.unclear = undefined;
    }
    for (const name of IDS) {
      const id = verdict[name];
      if (id !== undefined && !/^\d*$/.test(id)) verdict[name] = this.text(id);
    }
    return verdict;
  }
}

function base64(text: string): string[] {
  const bytes = Buffer.from(text);
  const plain = bytes.toString('base64');
  return [plain, plain.replace(/=+$/, ''), bytes.toString('base64url'), encodeURIComponent(plain)];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
