import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../shared/keys.ts';

const REMOVED_AT_ONCE = 1000;

/**
 * What BullMQ's `obliterate` does, for jobs that were laid and never picked up, with commands that also a Redis takes
 * whose memory is full: it pauses the queue first, which such a one refuses.
 */
export async function removeLaidJobs(redis: Redis, own: CampaignKeys): Promise<void> {
  const waiting = own.job('wait');
  for (;;) {
    const ids = await redis.lrange(waiting, -REMOVED_AT_ONCE, -1);
    if (ids.length === 0) break;
    await redis.unlink(...ids.map((id) => own.job(id)));
    await redis.ltrim(waiting, 0, -ids.length - 1);
  }
  const delayed = own.job('delayed');
  for (;;) {
    const ids = await redis.zrange(delayed, '0', String(REMOVED_AT_ONCE - 1));
    if (ids.length === 0) break;
    await redis.unlink(...ids.map((id) => own.job(id)));
    await redis.zrem(delayed, ...ids);
  }
  const rest = ['meta', 'events', 'marker', 'id', 'pc', 'stalled-check'];
  await redis.unlink(...rest.map((name) => own.job(name)));
}
