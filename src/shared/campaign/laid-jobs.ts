/** What a `send` has laid and not released: taking it away, by whoever may. */
import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../redis/keys.ts';
import { loadScript } from '../redis/script.ts';

/** How long a `send` that died keeps others from its id. */
export const LEASE_MS = 5000;
/** How long what one that died has laid is kept for the same command: from when a worker found it so. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;
const REMOVED_AT_ONCE = 1000;

const REMOVE = loadScript(new URL('remove-laid.lua', import.meta.url));

/**
 * Removes what was laid of a campaign, and its counts.
 * @param token of the lease; undefined for a campaign that was cancelled, which nobody can lease any more
 * @returns false where the lease is another's: whatever is there is none of the caller's business
 */
export async function removeLaidJobs(
  redis: Redis,
  own: CampaignKeys,
  token: string | undefined,
): Promise<boolean> {
  for (;;) {
    const left = await removePiece(redis, own, token ?? '', '');
    if (left !== 1) return left === 0;
  }
}

/**
 * Removes one piece of what was laid of a campaign that has been abandoned for a day, unless anybody has taken it up.
 * @returns `more` where there may be more; `kept` where it is not to be removed, or not any more
 */
export async function removeAbandoned(
  redis: Redis,
  own: CampaignKeys,
): Promise<'more' | 'done' | 'kept'> {
  const left = await removePiece(redis, own, '', ABANDONED_MS);
  return left === 1 ? 'more' : left === 0 ? 'done' : 'kept';
}

async function removePiece(
  redis: Redis,
  own: CampaignKeys,
  token: string,
  leastMs: number | '',
): Promise<number> {
  const keys = [own.lease, own.counts, own.job(''), own.campaign];
  return Number(await REMOVE.run(redis, keys, [token, LEASE_MS, REMOVED_AT_ONCE, leastMs]));
}

const FIND = loadScript(new URL('find-abandoned.lua', import.meta.url));

/**
 * Whether a campaign has been abandoned for a day: its `send` died before the release. The day begins when it is found
 * so for the first time.
 */
export async function isLongAbandoned(redis: Redis, own: CampaignKeys): Promise<boolean> {
  const keys = [own.campaign, own.lease, own.job('wait'), own.job('delayed')];
  return (await FIND.run(redis, keys, [ABANDONED_MS])) === 1;
}

const WITHDRAW = loadScript(new URL('withdraw-abandoned.lua', import.meta.url));

/** Takes such a campaign back, once nothing of it is left. @returns whether nothing is known of it any more */
export async function withdrawAbandoned(redis: Redis, own: CampaignKeys): Promise<boolean> {
  const keys = [own.campaign, own.lease, own.counts, own.job('wait'), own.job('delayed')];
  return (await WITHDRAW.run(redis, keys, [ABANDONED_MS])) === 1;
}
