import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../../shared/redis/keys.ts';
import { loadScript } from '../../shared/redis/script.ts';

/** Fails an active job by hand, as BullMQ would, with nothing of it read. */
const FAIL = loadScript(new URL('fail-job.lua', import.meta.url));

/**
 * Finds active jobs whose stored data or options are not JSON, and fails them with a reason. BullMQ throws over such a
 * job before it calls any processor, never fails it, and would pick it up again for ever.
 * @param now Unix ms
 * @returns the ids of those that were failed
 */
export async function rejectUnreadable(
  redis: Redis,
  keys: CampaignKeys,
  now: number,
): Promise<string[]> {
  const rejected: string[] = [];
  for (const id of await redis.lrange(keys.job('active'), 0, -1)) {
    const [data, options] = await redis.hmget(keys.job(id), 'data', 'opts');
    const part = isJson(data) ? (isJson(options) ? undefined : 'opts') : 'data';
    if (part === undefined) continue;
    const ended = [keys.job('active'), keys.job('stalled'), keys.job('failed')];
    const own = [keys.job(id), keys.lock(id)];
    const reason = `bad job: ${part}: expected JSON, got text that is none`;
    if ((await FAIL.run(redis, [...ended, ...own], [id, now, reason])) === 1) rejected.push(id);
  }
  return rejected;
}

/** BullMQ reads an absent field as an empty object. */
function isJson(text: string | null | undefined): boolean {
  if (text === null || text === undefined) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
