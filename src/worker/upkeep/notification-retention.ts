import type { Redis } from 'ioredis';
import { retire, sizesOf } from '../../shared/campaign/notifications.ts';
import { Job, NOTIFICATIONS } from '../../shared/job.ts';
import type { CampaignKeys, Keys } from '../../shared/redis/keys.ts';
import { onceForFleet } from './once-for-fleet.ts';

const PIECE = 500;
/** Jobs removed at once; if there are more, the next look goes on. */
const MOST = 5000;

/**
 * Removes notifications that ended longer ago than `retainMs`. Whichever worker comes first does it for the fleet.
 * @param now Unix ms
 * @returns how many jobs were removed
 */
export async function sweepNotifications(
  redis: Redis,
  keys: Keys,
  retainMs: number,
  now: number,
): Promise<number> {
  const own = keys.campaign(NOTIFICATIONS);
  const removed = await onceForFleet(redis, keys.fleet.sweep, () =>
    removeAllOld(redis, own, now - retainMs),
  );
  return removed ?? 0;
}

async function removeAllOld(
  redis: Redis,
  own: CampaignKeys,
  before: number,
): Promise<{ done: number; isMore: boolean }> {
  let removed = 0;
  for (let offset = 0; removed < MOST; ) {
    const ids = await redis.zrangebyscore(own.jobs, '-inf', before, 'LIMIT', offset, PIECE);
    if (ids.length === 0) return { done: removed, isMore: false };
    const gone = await Promise.all(ids.map((id) => removeOld(redis, own, id, before)));
    const count = gone.filter(Boolean).length;
    removed += count;
    // Those that stay are passed by.
    offset += ids.length - count;
  }
  return { done: removed, isMore: true };
}

/** @returns false where it stays: it has not ended yet, or not long enough ago, or nobody can say how many it was for */
async function removeOld(
  redis: Redis,
  own: CampaignKeys,
  id: string,
  before: number,
): Promise<boolean> {
  const data = await redis.hget(own.job(id), 'data');
  // Of one that another program removed, its ledger tells what it came to. One that they spoilt may be looked at.
  const isGone = data === null;
  const numbers = isGone ? sizesOf(id, await redis.hget(own.sizes, id)) : numbersIn(data);
  return numbers !== undefined && (await retire(redis, own, id, numbers, before, isGone));
}

/** Of each message; undefined where another program has made the stored job unreadable since it was counted in. */
function numbersIn(data: string | null): number[] | undefined {
  try {
    return Job.parse(JSON.parse(data ?? '')).messages.map(([to]) => to.length);
  } catch {
    return undefined;
  }
}
