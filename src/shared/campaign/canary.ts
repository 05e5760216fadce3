/**
 * What a canary holds back stands in BullMQ's delayed set with a time that is years away. As long as the campaign's
 * hash has its `canary`, it stays there; the step that takes the field off is what decides that the rest goes. Putting
 * the jobs back is work that anybody may go on with, wherever it broke off: resume, cancel, or a worker.
 */
import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../redis/keys.ts';
import { Script } from '../redis/script.ts';

/** BullMQ's scores are ms × 4096, and must stay exact: this one is in 2036. */
const HELD_MS = 2_100_000_000_000;
export const SCORE_UNIT = 4096;
export const HELD_SCORE = HELD_MS * SCORE_UNIT;
const AT_ONCE = 1000;

/**
 * KEYS 1 campaign  2 BullMQ's delayed jobs  3 its waiting jobs  4 its marker
 * ARGV 1 the least score of a job held back  2 most to move
 * Puts jobs held back where new ones go, in their order. Returns how many are left to move; 0 where they are to stay.
 */
const PUT_BACK = new Script(`
local phase, canary = unpack(redis.call('HMGET', KEYS[1], 'phase', 'canary'), 1, 2)
if phase ~= 'released' or canary then return 0 end
local ids = redis.call('ZRANGEBYSCORE', KEYS[2], ARGV[1], '+inf', 'LIMIT', 0, ARGV[2])
if #ids > 0 then
  redis.call('ZREM', KEYS[2], unpack(ids))
  redis.call('LPUSH', KEYS[3], unpack(ids))
  redis.call('ZADD', KEYS[4], 0, '0')
end
return redis.call('ZCOUNT', KEYS[2], ARGV[1], '+inf')
`);

/**
 * Moves one piece of what is held back no more; nothing while the campaign has its canary. Run twice, or broken off
 * and run again, it comes to the same.
 * @returns how many jobs are left to move
 */
export async function putBackHeld(redis: Redis, keys: CampaignKeys): Promise<number> {
  const lists = [keys.campaign, keys.job('delayed'), keys.job('wait'), keys.job('marker')];
  return Number(await PUT_BACK.run(redis, lists, [HELD_SCORE, AT_ONCE]));
}
