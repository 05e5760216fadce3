import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

/** A hash as a script returns it: names and values in turn. */
export function fieldsIn(reply: unknown): Record<string, string> {
  const fields: Record<string, string> = {};
  if (!Array.isArray(reply)) return fields;
  for (let at = 0; at < reply.length; at += 2) fields[String(reply[at])] = String(reply[at + 1]);
  return fields;
}

/**
 * A Lua script that Redis runs as one step. Sent by its hash; the text follows only if Redis does not know it.
 * A client may send a script again whose reply was lost with the connection, so each must be harmless when
 * it runs twice.
 */
export class Script {
  readonly #text: string;
  readonly #hash: string;

  constructor(text: string) {
    this.#text = text;
    this.#hash = createHash('sha1').update(text).digest('hex');
  }

  async run(redis: Redis, keys: string[], values: (string | number)[]): Promise<unknown> {
    try {
      return await redis.evalsha(this.#hash, keys.length, ...keys, ...values);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return redis.eval(this.#text, keys.length, ...keys, ...values);
    }
  }
}

/** What a script is given by name, so that it stands in one place: `local NAME = …` goes before its text. */
type Given = Readonly<Record<string, string | number>>;

/**
 * The script in a file of its own, read once, when the module that runs it is imported. Its header says what it does,
 * what its keys, arguments and returns are, and why it may run twice; two of its lines are read here:
 *
 *   -- WITH   entry.lua left-out.lua     files with local functions, which go before it, each once
 *   -- GIVEN  ALL_ACCEPTED               what it must be given, or one of those files must
 *
 * @param file beside the module: new URL('close.lua', import.meta.url)
 */
export function loadScript(file: URL, given: Given = {}): Script {
  return new Script(composeScript(file, given));
}

/** What is sent to Redis: without the comments, for a transaction takes the whole text with it each time. */
export function composeScript(file: URL, given: Given): string {
  const texts = new Map<string, string>();
  readWithPieces(file, texts);
  const wanted = [...texts.values()].flatMap((text) => wordsBehind('GIVEN', text));
  const names = Object.keys(given);
  if (wanted.some((name) => !names.includes(name)) || names.some((name) => !wanted.includes(name)))
    throw new Error(
      `${file.pathname}: expected ${wanted.join(', ') || 'nothing'}, got ${names.join(', ') || 'nothing'}`,
    );
  const values = names.map((name) => `local ${name} = ${JSON.stringify(given[name])}\n`);
  const bare = [...texts.values()].map((text) => text.replace(/^[ \t]*(?:--.*)?\n/gm, ''));
  return [...values, ...bare].join('');
}

/** Whatever a file needs goes before it. */
function readWithPieces(file: URL, texts: Map<string, string>): void {
  if (texts.has(file.href)) return;
  const text = readFileSync(file, 'utf8');
  for (const piece of wordsBehind('WITH', text)) readWithPieces(new URL(piece, file), texts);
  texts.set(file.href, text);
}

function wordsBehind(title: 'WITH' | 'GIVEN', text: string): string[] {
  const line = new RegExp(`^-- ${title} +(.+)$`, 'm').exec(text);
  return line?.[1]?.split(/[ ,]+/) ?? [];
}
