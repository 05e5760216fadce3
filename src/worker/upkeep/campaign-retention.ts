import type { Redis } from 'ioredis';
import { beginForgetting, removeJobs } from '../../shared/campaign/forget.ts';
import type { Keys } from '../../shared/redis/keys.ts';

/** How often the fleet, not each worker, looks for what is too old. */
const SWEEP_MS = 60_000;
/** Jobs removed at once; if there are more, the rest follows at the worker's next look, so that its heartbeat goes on. */
const MOST = 2000;
const CAMPAIGNS = 20;

/**
 * Forgets campaigns that finished longer ago than `retainMs`, and goes on with those that a killed process had begun to
 * forget. Whichever worker comes first does it for the fleet.
 * @param now Unix ms
 * @returns the campaigns that are forgotten now
 */
export async function sweepCampaigns(
  redis: Redis,
  keys: Keys,
  retainMs: number,
  now: number,
): Promise<string[]> {
  const { sweepCampaigns: mark, finished, serving } = keys.fleet;
  if ((await redis.set(mark, '1', 'PX', SWEEP_MS, 'NX')) === null) return [];
  const old = await redis.zrangebyscore(finished, '-inf', now - retainMs, 'LIMIT', 0, CAMPAIGNS);
  const forgotten: string[] = [];
  let left = MOST;
  for (const id of old) {
    // A replay has put work into it since; it is written down again at its end.
    const isServed = (await redis.hexists(serving, id)) === 1;
    const begun = isServed ? 'pending' : await beginForgetting(redis, keys, id, now);
    if (begun === 'begun') {
      const removed = await removeJobs(redis, keys, id, left);
      left -= removed;
      if (left === 0) break;
      forgotten.push(id);
    } else if (begun === 'unended') {
      // Another program has laid a job there, which nobody runs. Not looked at again for as long.
      await redis.zadd(finished, 'XX', now, id);
    } else {
      await redis.zrem(finished, id);
    }
  }
  const isMore = left === 0 || old.length === CAMPAIGNS;
  if (isMore) await redis.unlink(mark);
  return forgotten;
}
