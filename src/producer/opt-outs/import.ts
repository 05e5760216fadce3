/** A whole list of people who have opted out. */
import type { Redis } from 'ioredis';
import { VolleyError } from '../../shared/errors.ts';
import { lastHasLeft } from '../../shared/fleet/first-byte.ts';
import { suppress } from '../../shared/fleet/suppression.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { NumberReading, optionsFor } from '../number-list/read-numbers.ts';
import type { Imported, ImportOptions, ImportSource } from './options.ts';

/**
 * Puts the numbers of a list on the opt-out list as it is read, some thousand at a time: every number of every row,
 * whatever else the row holds. What could not be read is told, after the rest of its row went in. Cut short, it may be
 * done again: what is on the list stays there.
 * @throws VolleyError `bad_input` for a list that cannot be used as a whole
 */
export async function importSuppressed(
  redis: Redis,
  keys: Keys,
  source: ImportSource,
  { onInvalid, onProgress, ...options }: ImportOptions = {},
): Promise<Imported> {
  const reading = new NumberReading(source, { ...options, mustHavePhoneColumn: true });
  const total: Imported = { ...reading.totals, added: 0, count: 0, national: undefined };
  try {
    await importChunks();
  } catch (error) {
    // Cut short, too: nobody of those who are on the list by now is texted any more.
    await lastHasLeft(redis, keys.fleet).catch(() => {});
    throw error;
  }
  await lastHasLeft(redis, keys.fleet);
  if (total.rows === 0)
    throw new VolleyError('bad_input', `${reading.name}: expected rows, got none`);
  const verdict = reading.verdict();
  if (verdict !== undefined) {
    total.national = {
      country: verdict.country,
      words: `${verdict.words}; ${optionsFor(verdict)}`,
    };
  }
  return total;

  async function importChunks(): Promise<void> {
    for await (const { numbers, told } of reading) {
      const { changed, count } = await suppress(redis, keys.suppression, numbers);
      Object.assign(total, reading.totals);
      total.added += changed;
      total.count = count;
      if (told.length > 0) await onInvalid?.(told);
      onProgress?.(total, reading.bytesRead());
      options.signal?.throwIfAborted();
    }
  }
}
