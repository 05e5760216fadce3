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
import type { Keys } from '../../shared/redis/keys.ts';
import type { ListSource, ReadPacksOptions } from '../list/options.ts';
import { withHeader } from '../list/plain-list.ts';
import { RecipientJudge } from '../list/recipient.ts';
import type { InvalidRow } from '../list/row.ts';
import { openList } from '../list/source.ts';
import { PhoneNumbers } from '../phone/number.ts';

/** How numbers are understood. */
export interface SuppressOptions {
  /** ISO 3166 code of the country whose national numbers are understood. Default: none. */
  country?: string | undefined;
}

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

export interface ImportOptions extends SuppressOptions {
  /** The column with the number. Default: `phone`, `to` or `mobile`. CSV only. */
  phoneColumn?: string | undefined;
  /** Stops it: what was read by then is on the list. */
  signal?: AbortSignal | undefined;
  /** Takes the invalid rows in full, in the order of the list; waited for. */
  onInvalid?: ((rows: readonly InvalidRow[]) => void | Promise<void>) | undefined;
  /** Told after each piece; with how many bytes have been read. */
  onProgress?: ((imported: Readonly<Imported>, bytes: number) => void) | undefined;
}

export interface Imported {
  rows: number;
  /** Rows without a usable number: nothing of them is on the list. */
  invalid: number;
  /** Numbers that were not on the list before. */
  added: number;
  /** How many numbers are on the list now. */
  count: number;
}

/** A list as it is in a file or a stream. */
export type ImportSource = Exclude<ListSource, { rows: unknown }>;

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
    const known = numbersFrom(numbers, options);
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

  /**
   * Puts the numbers of a list on it, as `importSuppressed` does.
   * @internal
   */
  import(source: ImportSource, options: ImportOptions = {}): Promise<Imported> {
    return this.#use((redis) => importSuppressed(redis, this.#keys, source, options));
  }
}

/**
 * Puts the numbers of a list on the opt-out list as it is read, some thousand at a time. It reads
 * what `send` reads, and bare numbers, one a line. Rows without a usable number are left out and
 * told; all others go in. Cut short, it may be done again: what is on the list stays there.
 * @throws VolleyError `bad_input` for a list that cannot be used as a whole
 */
export async function importSuppressed(
  redis: Redis,
  keys: Keys,
  given: ImportSource,
  { country, phoneColumn, signal, onInvalid, onProgress }: ImportOptions = {},
): Promise<Imported> {
  const { source, added: lines } = await withHeader(given);
  const list = openList(source, { params: [], phoneColumn, signal });
  const judge = new RecipientJudge({ country });
  const total: Imported = { rows: 0, invalid: 0, added: 0, count: 0 };
  try {
    await importChunks();
  } catch (error) {
    // Cut short, too: nobody of those who are on the list by now is texted any more.
    await lastHasLeft(redis, keys.fleet).catch(() => {});
    throw error;
  }
  await lastHasLeft(redis, keys.fleet);
  if (total.rows === 0) throw new VolleyError('bad_input', `${list.name}: expected rows, got none`);
  return total;

  async function importChunks(): Promise<void> {
    for await (const chunk of list.chunks) {
      const numbers: string[] = [];
      const invalid: InvalidRow[] = [];
      for (const [index, row] of chunk.rows.entries()) {
        const verdict = judge.judge(row, chunk.names);
        if ('to' in verdict) numbers.push(verdict.to);
        else
          invalid.push({ line: chunk.lineOf(index) - lines, ...verdict, raw: chunk.rawOf(index) });
      }
      const { changed, count } = await suppress(redis, keys.suppression, numbers);
      total.rows += chunk.rows.length;
      total.invalid += invalid.length;
      total.added += changed;
      total.count = count;
      if (invalid.length > 0) await onInvalid?.(invalid);
      onProgress?.(total, list.bytesRead());
      signal?.throwIfAborted();
    }
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
