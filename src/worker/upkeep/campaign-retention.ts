import type { Redis } from 'ioredis';
import { beginForgetting, removeJobs } from '../../shared/campaign/forget.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { onceForFleet } from './once-for-fleet.ts';

/** Most jobs removed, and most campaigns looked at, in one look; the next goes on with the rest. */
const MOST = 2000;
const CAMPAIGNS = 20;

/**
 * Forgets campaigns that finished longer ago than `retainMs`, and goes on with those that a killed
 * process had begun to forget. Whichever worker comes first does it for the fleet.
 * @param now Unix ms
 * @returns the campaigns that are forgotten now
 */
export async function sweepCampaigns(
  redis: Redis,
  keys: Keys,
  retainMs: number,
  now: number,
): Promise<string[]> {
  const forgotten = await onceForFleet(redis, keys.fleet.sweepCampaigns, () =>
    forgetOld(redis, keys, now - retainMs, now),
  );
  return forgotten ?? [];
}

async function forgetOld(
  redis: Redis,
  keys: Keys,
  before: number,
  now: number,
): Promise<{ done: string[]; isMore: boolean }> {
  const { finished, serving } = keys.fleet;
  const old = await redis.zrangebyscore(finished, '-inf', before, 'LIMIT', 0, CAMPAIGNS);
  const done: string[] = [];
  let left = MOST;
  for (const id of old) {
    // A replay has put work into it since; it is written down again at its end.
    const isServed = (await redis.hexists(serving, id)) === 1;
    const begun = isServed ? 'pending' : await beginForgetting(redis, keys, id, now);
    if (begun === 'begun') {
      left -= await removeJobs(redis, keys, id, left);
      if (left === 0) break;
      done.push(id);
    } else if (begun === 'unended') {
      // Another program has laid a job there, which nobody runs. Not looked at again for as long.
      await redis.zadd(finished, 'XX', now, id);
    } else {
      await redis.zrem(finished, id);
    }
  }
  return { done, isMore: left === 0 || old.length === CAMPAIGNS };
}
