/**
 * The opt-out list: numbers that nobody may text. A number without its `+` fits in an integer, and small sets of
 * integers Redis keeps as bare 8 bytes each; so the list is cut into as many sets as keep it so up to some fifteen
 * million numbers. All are E.164 here: whoever calls has read them as numbers.
 */
import type { Redis } from 'ioredis';
import { VolleyError } from '../errors.ts';
import type { SuppressionKeys } from '../redis/keys.ts';
import { loadScript, type Script } from '../redis/script.ts';

/** A prime, so that what is regular in numbers spreads. Redis keeps a set of up to 512 integers compact. */
const BUCKETS = 32_749;
/** A script call of so many numbers takes Redis some milliseconds; others wait as long. */
const NUMBERS_A_CALL = 2000;

const CHANGE = loadScript(new URL('change-suppressed.lua', import.meta.url), { BUCKETS });

const FIND = loadScript(new URL('find-suppressed.lua', import.meta.url), { BUCKETS });

export interface SuppressionChange {
  /** Numbers that were put on the list, or taken off it. */
  changed: number;
  /** Numbers on it now. */
  count: number;
}

/** Holds, from when this returns, for every request whose numbers have not been looked up yet; others may still leave. */
export function suppress(
  redis: Redis,
  keys: SuppressionKeys,
  numbers: readonly string[],
): Promise<SuppressionChange> {
  return change(redis, keys, 'SADD', numbers);
}

export function unsuppress(
  redis: Redis,
  keys: SuppressionKeys,
  numbers: readonly string[],
): Promise<SuppressionChange> {
  return change(redis, keys, 'SREM', numbers);
}

/** How many numbers are on the list. */
export async function countSuppressed(redis: Redis, keys: SuppressionKeys): Promise<number> {
  return Number((await redis.get(keys.count)) ?? 0);
}

/**
 * Looks numbers up, the way it is cheapest where the list is mostly empty: then it only asks whether it still is. The
 * answer is always of now.
 */
export class SuppressionList {
  readonly #redis: Redis;
  readonly #keys: SuppressionKeys;
  /** Only what to ask next time; never taken for an answer. */
  #wasEmpty = true;

  constructor(redis: Redis, keys: SuppressionKeys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** @returns for each number whether it is on the list */
  async find(numbers: readonly string[]): Promise<boolean[]> {
    const found = numbers.map(() => false);
    if (numbers.length === 0) return found;
    if (this.#wasEmpty && (await countSuppressed(this.#redis, this.#keys)) === 0) return found;
    const pieces = piecesOf(numbers).map(async (piece, at) => {
      const [count = 0, ...places] = await call(FIND, this.#redis, this.#keys, piece);
      for (const place of places) found[at * NUMBERS_A_CALL + place] = true;
      return count;
    });
    this.#wasEmpty = (await Promise.all(pieces)).every((count) => count === 0);
    return found;
  }
}

async function change(
  redis: Redis,
  keys: SuppressionKeys,
  command: 'SADD' | 'SREM',
  numbers: readonly string[],
): Promise<SuppressionChange> {
  const total: SuppressionChange = { changed: 0, count: 0 };
  if (numbers.length === 0) total.count = await countSuppressed(redis, keys);
  for (const piece of piecesOf(numbers)) {
    const [changed = 0, count = 0] = await call(CHANGE, redis, keys, piece, command);
    total.changed += changed;
    total.count = count;
  }
  return total;
}

async function call(
  script: Script,
  redis: Redis,
  keys: SuppressionKeys,
  numbers: readonly string[],
  ...first: string[]
): Promise<number[]> {
  const values = [...first, ...numbers.map((number) => number.slice(1))];
  const reply = await script.run(redis, [keys.count, keys.bucket], values);
  // Nothing may be sent on an answer that nobody understands.
  if (Array.isArray(reply) && reply.every((each) => typeof each === 'number')) return reply;
  throw new VolleyError('corrupt', `the opt-out list answered ${JSON.stringify(reply)}`);
}

function piecesOf(numbers: readonly string[]): string[][] {
  const count = Math.ceil(numbers.length / NUMBERS_A_CALL);
  return Array.from({ length: count }, (_none, at) =>
    numbers.slice(at * NUMBERS_A_CALL, (at + 1) * NUMBERS_A_CALL),
  );
}
