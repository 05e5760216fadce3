import type { Redis } from 'ioredis';
import { Job, NOTIFICATIONS } from '../shared/job.ts';
import type { Keys } from '../shared/keys.ts';
import { retire } from '../shared/notifications.ts';

/** How often the fleet, not each worker, looks for what is too old. */
const SWEEP_MS = 60_000;
const PIECE = 500;

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
  const mine = await redis.set(keys.fleet.sweep, '1', 'PX', SWEEP_MS, 'NX');
  if (mine === null) return 0;
  const own = keys.campaign(NOTIFICATIONS);
  const before = now - retainMs;
  let removed = 0;
  for (let offset = 0; ; ) {
    const ids = await redis.zrangebyscore(own.jobs, '-inf', before, 'LIMIT', offset, PIECE);
    if (ids.length === 0) return removed;
    for (const id of ids) {
      const data = await redis.hget(own.job(id), 'data');
      const job = Job.safeParse(data === null ? undefined : JSON.parse(data));
      const numbers = job.success ? job.data.messages.map(([to]) => to.length) : [];
      if (await retire(redis, own, id, numbers, before)) removed++;
      else offset++; // it has not ended yet, or not long enough ago
    }
  }
}
