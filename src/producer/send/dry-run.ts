/**
 * A `send` that enqueues nothing: reads the whole list as it would, and says what it would come to, and what it would
 * be refused for. Without Redis, what is known only there is left out: opt-outs, and what was sent before.
 */
import type { Redis } from 'ioredis';
import { readCampaign } from '../../shared/campaign/campaign.ts';
import { VolleyError } from '../../shared/errors.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { checkList, DEFAULT_MAX_INVALID } from '../list/check.ts';
import type { ListSource } from '../list/options.ts';
import { readPacks } from '../list/read-packs.ts';
import { findSuppressedWith } from '../opt-outs/suppress.ts';
import { fingerprintOf } from './identity.ts';
import { type Preview, previewOf } from './preview.ts';
import { refuseSameList, sameListKey } from './same-list.ts';
import { otherList, prepare, type SendOptions } from './send.ts';

export interface DryRun extends Preview {
  /** Why `send` would be refused. */
  readonly problem: VolleyError | undefined;
  /** The same command had been run before: `send` would enqueue nothing. */
  readonly isSent: boolean;
}

export interface Connection {
  readonly redis: Redis;
  readonly keys: Keys;
}

/** @throws VolleyError `bad_input` for options or a list that cannot be used as a whole */
export async function dryRun(
  source: ListSource,
  options: SendOptions,
  connection: Connection | undefined,
): Promise<DryRun> {
  const { texts, excluded, identity, id } = await prepare(source, options);
  const findSuppressed = connection
    ? findSuppressedWith(connection.redis, connection.keys, options.findSuppressed)
    : options.findSuppressed;
  const reading = readPacks(source, { ...options, excluded: excluded?.numbers, findSuppressed });
  for await (const packs of reading) {
    for (const pack of packs) await texts?.take(pack, reading.params);
    options.onProgress?.(reading.totals);
  }
  const preview = previewOf(id, reading, texts, excluded);
  try {
    checkList(reading.totals, options.maxInvalid ?? DEFAULT_MAX_INVALID);
    if (connection === undefined) return { ...preview, problem: undefined, isSent: false };
    const { redis, keys } = connection;
    const known = await readCampaign(redis, keys, id);
    if (known?.phase === 'released') {
      if (known.fingerprint !== fingerprintOf(reading.sha256, identity)) throw otherList(id);
      return { ...preview, problem: undefined, isSent: true };
    }
    const claim = sameListKey(keys, reading.sha256, options.template);
    if (!options.again) await refuseSameList(redis, keys, claim, id);
    return { ...preview, problem: undefined, isSent: false };
  } catch (error) {
    const isExpected = error instanceof VolleyError && error.code !== 'unavailable';
    if (isExpected) return { ...preview, problem: error, isSent: false };
    throw error;
  }
}
