import { createHash } from 'node:crypto';
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
