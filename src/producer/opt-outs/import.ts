/** A whole list of people who have opted out. */
import type { Redis } from 'ioredis';
import { VolleyError } from '../../shared/errors.ts';
import { lastHasLeft } from '../../shared/fleet/first-byte.ts';
import { suppress } from '../../shared/fleet/suppression.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { ANY_NUMBER, RecipientJudge } from '../list/recipient.ts';
import type { InvalidRow } from '../list/row.ts';
import { openList } from '../list/source.ts';
import type { Imported, ImportOptions, ImportSource } from './options.ts';

/**
 * Puts the numbers of a list on the opt-out list as it is read, some thousand at a time. It reads what `send` reads,
 * and bare numbers, one a line. Rows without a usable number are left out and told; all others go in. Cut short, it may
 * be done again: what is on the list stays there.
 * @throws VolleyError `bad_input` for a list that cannot be used as a whole
 */
export async function importSuppressed(
  redis: Redis,
  keys: Keys,
  source: ImportSource,
  { country, phoneColumn, encoding, signal, onInvalid, onProgress }: ImportOptions = {},
): Promise<Imported> {
  const options = { params: [], phoneColumn, encoding, signal };
  const list = openList(source, options, { isMaybePlain: true });
  const judge = new RecipientJudge({ country, ...ANY_NUMBER });
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
        else invalid.push({ line: chunk.lineOf(index), ...verdict, raw: chunk.rawOf(index) });
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
