import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../../shared/redis/keys.ts';
import { loadScript } from '../../shared/redis/script.ts';
import { LEASE_MS } from './enqueue-scripts.ts';

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
  const keys = [own.lease, own.counts, own.job('')];
  for (;;) {
    const left = await REMOVE.run(redis, keys, [token ?? '', LEASE_MS, REMOVED_AT_ONCE]);
    if (left !== 1) return left === 0;
  }
}
