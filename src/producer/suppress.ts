/**
 * The opt-out list, as a program that enqueues uses it: numbers as people write them go in, and each is read the way
 * `send` reads it. The list itself is in `shared/suppression.ts`.
 */
import type { Redis } from 'ioredis';
import { VolleyError } from '../shared/errors.ts';
import type { Keys } from '../shared/keys.ts';
import { countSuppressed, SuppressionList, suppress, unsuppress } from '../shared/suppression.ts';
import type { ReadPacksOptions } from './list-options.ts';
import { PhoneNumbers } from './phone-number.ts';

export interface SuppressOptions {
  /** ISO 3166 code of the country whose national numbers are understood. Default: none. */
  country?: string | undefined;
}

export interface Added {
  /** Distinct numbers that were given. */
  numbers: number;
  /** Those that were not on the list before. */
  added: number;
  /** How many numbers are on the list now. */
  count: number;
}

export interface Removed {
  numbers: number;
  /** Those that were on the list before. */
  removed: number;
  count: number;
}

export interface Checked {
  /** In E.164. */
  to: string;
  /** Whether it is on the list. */
  suppressed: boolean;
}

/** Runs work on a connection. A producer's; or a command's own. */
type Use = <T>(work: (redis: Redis) => Promise<T>) => Promise<T>;

/** Nothing is changed where one of the numbers is none: then each call throws VolleyError `bad_input`. */
export class Suppression {
  readonly #use: Use;
  readonly #keys: Keys;

  constructor(keys: Keys, use: Use) {
    this.#keys = keys;
    this.#use = use;
  }

  /** Nobody of these is texted any more, messages that wait included. Those on their way arrive. */
  async add(numbers: readonly string[], options: SuppressOptions = {}): Promise<Added> {
    const known = numbersFrom(numbers, options);
    const { suppression } = this.#keys;
    const { changed, count } = await this.#use((redis) => suppress(redis, suppression, known));
    return { numbers: known.length, added: changed, count };
  }

  async remove(numbers: readonly string[], options: SuppressOptions = {}): Promise<Removed> {
    const known = numbersFrom(numbers, options);
    const { suppression } = this.#keys;
    const { changed, count } = await this.#use((redis) => unsuppress(redis, suppression, known));
    return { numbers: known.length, removed: changed, count };
  }

  /** Says of each distinct number whether it is on the list, in the order given. */
  async check(numbers: readonly string[], options: SuppressOptions = {}): Promise<Checked[]> {
    const known = numbersFrom(numbers, options);
    const { suppression } = this.#keys;
    const found = await this.#use((redis) => new SuppressionList(redis, suppression).find(known));
    return known.map((to, at) => ({ to, suppressed: found[at] === true }));
  }

  /** How many numbers are on the list. */
  count(): Promise<number> {
    return this.#use((redis) => countSuppressed(redis, this.#keys.suppression));
  }
}

/** For the reading of a list: looks its numbers up in the opt-out list, and asks `also` where there is one. */
export function findSuppressedWith(
  redis: Redis,
  keys: Keys,
  also?: ReadPacksOptions['findSuppressed'],
): NonNullable<ReadPacksOptions['findSuppressed']> {
  const list = new SuppressionList(redis, keys.suppression);
  return async (numbers) => {
    const [listed, others] = await Promise.all([list.find(numbers), also?.(numbers)]);
    return listed.map((each, at) => each || others?.[at] === true);
  };
}

/** Distinct, in E.164, in the order given. */
function numbersFrom(given: readonly string[], { country }: SuppressOptions): string[] {
  if (!Array.isArray(given)) {
    throw new VolleyError('bad_input', `numbers: expected an array, got ${typeof given}`);
  }
  const reader = new PhoneNumbers(country);
  const numbers = given.map((text, at) => {
    if (typeof text !== 'string') {
      throw new VolleyError('bad_input', `number ${at + 1}: expected text, got ${typeof text}`);
    }
    const number = reader.read(text);
    if (number !== undefined) return number;
    throw new VolleyError('bad_input', `number ${at + 1}: ${reader.explain(text)}`);
  });
  return [...new Set(numbers)];
}
