/**
 * The opt-out list, as a program that enqueues uses it: numbers as people write them go in, and
 * each is read the way `send` reads it. The list itself is in `shared/fleet/suppression.ts`.
 */
import type { Redis } from 'ioredis';
import { VolleyError } from '../../shared/errors.ts';
import { lastHasLeft } from '../../shared/fleet/first-byte.ts';
import {
  countSuppressed,
  SuppressionList,
  suppress,
  unsuppress,
} from '../../shared/fleet/suppression.ts';
import { checkOptionNames, type OptionNames } from '../../shared/given-options.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import type { ReadPacksOptions } from '../list/options.ts';
import type { Imported, ImportOptions, ImportSource, SuppressOptions } from './options.ts';

export type { Imported, ImportOptions, ImportSource, SuppressOptions };

/** What became of numbers that were put on the opt-out list. */
export interface Added {
  /** Distinct numbers that were given. */
  numbers: number;
  /** Those that were not on the list before. */
  added: number;
  /** How many numbers are on the list now. */
  count: number;
}

/** What became of numbers that were taken off it. */
export interface Removed {
  /** Distinct numbers that were given. */
  numbers: number;
  /** Those that were on the list before. */
  removed: number;
  /** How many numbers are on the list now. */
  count: number;
}

/** A number, and whether it has opted out. */
export interface Checked {
  /** In E.164. */
  to: string;
  /** Whether it is on the list. */
  suppressed: boolean;
}

const SUPPRESS: OptionNames<SuppressOptions> = { country: true };
const IMPORT: OptionNames<ImportOptions> = {
  ...{ country: true, international: true, phoneColumn: true, headerRow: true, sheet: true },
  ...{ encoding: true, signal: true, onInvalid: true, onProgress: true },
};

/** Runs work on a producer's connection. */
type Use = <T>(work: (redis: Redis) => Promise<T>) => Promise<T>;

/**
 * The opt-out list. Numbers are given in E.164, with or without `+`, or national ones with a
 * `country`. Nothing is changed where one of them is no number: then each call throws VolleyError
 * `bad_input`. Each throws `unavailable` while Redis is away.
 */
export class Suppression {
  readonly #use: Use;
  readonly #keys: Keys;

  constructor(keys: Keys, use: Use) {
    this.#keys = keys;
    this.#use = use;
  }

  /**
   * Once this has resolved, within some 2 s, no request to any of these leaves any more, of
   * messages that wait neither. Those on their way arrive.
   */
  async add(numbers: readonly string[], options: SuppressOptions = {}): Promise<Added> {
    const known = await numbersFrom(numbers, options);
    const { suppression } = this.#keys;
    const { changed, count } = await this.#use(async (redis) => {
      const change = await suppress(redis, suppression, known);
      // Also where they were there before: whoever put them there may be waiting at this moment.
      await lastHasLeft(redis, this.#keys.fleet);
      return change;
    });
    return { numbers: known.length, added: changed, count };
  }

  /** They are texted again by whatever is sent from then on. */
  async remove(numbers: readonly string[], options: SuppressOptions = {}): Promise<Removed> {
    const known = await numbersFrom(numbers, options);
    const { suppression } = this.#keys;
    const { changed, count } = await this.#use((redis) => unsuppress(redis, suppression, known));
    return { numbers: known.length, removed: changed, count };
  }

  /** Says of each distinct number whether it is on the list, in the order given. */
  async check(numbers: readonly string[], options: SuppressOptions = {}): Promise<Checked[]> {
    const known = await numbersFrom(numbers, options);
    const { suppression } = this.#keys;
    const found = await this.#use((redis) => new SuppressionList(redis, suppression).find(known));
    return known.map((to, at) => ({ to, suppressed: found[at] === true }));
  }

  /** How many numbers are on the list. */
  count(): Promise<number> {
    return this.#use((redis) => countSuppressed(redis, this.#keys.suppression));
  }

  /**
   * Puts the numbers of a list on it, as `importSuppressed` does.
   * @internal
   */
  async import(source: ImportSource, options: ImportOptions = {}): Promise<Imported> {
    checkOptionNames(options, IMPORT);
    return this.#use(async (redis) => {
      const { importSuppressed } = await import('./import.ts');
      return importSuppressed(redis, this.#keys, source, options);
    });
  }
}

/**
 * For the reading of a list: looks its numbers up in the opt-out list, and asks `also` where there
 * is one.
 */
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
async function numbersFrom(given: readonly string[], options: SuppressOptions): Promise<string[]> {
  checkOptionNames(options, SUPPRESS);
  const { country } = options;
  if (!Array.isArray(given)) {
    throw new VolleyError('bad_input', `numbers: expected an array, got ${typeof given}`);
  }
  // Loaded only here: its plans are large.
  const { PhoneNumbers } = await import('../phone/number.ts');
  // Somebody has opted out also with a number that is not to be texted anyway, or of a new range.
  const reader = new PhoneNumbers(country, { numbers: 'possible', anyKind: true });
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
