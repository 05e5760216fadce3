/**
 * A canary: the first recipients of a campaign are sent to, and the rest waits until somebody has looked. The jobs of
 * the rest are laid into BullMQ's delayed set with a time that is years away, so nothing picks them up and nothing has
 * to watch for the canary's end; going on makes them due, however many they are.
 */
import type { Redis } from 'ioredis';
import { HELD_SCORE } from '../shared/held-back.ts';
import type { CampaignKeys } from '../shared/keys.ts';
import { Script } from '../shared/script.ts';

const AT_ONCE = 1000;

/**
 * KEYS 1 BullMQ's waiting jobs, the first to go last  2 its delayed jobs
 * ARGV 1 jobs that stay  2 score  3 most to move.  Returns how many are left to move.
 */
const HOLD = new Script(`
local left = redis.call('LLEN', KEYS[1]) - tonumber(ARGV[1])
if left <= 0 then return 0 end
local count = math.min(left, tonumber(ARGV[3]))
local ids = redis.call('LRANGE', KEYS[1], 0, count - 1)
for at, id in ipairs(ids) do redis.call('ZADD', KEYS[2], tonumber(ARGV[2]) + left - at, id) end
redis.call('LTRIM', KEYS[1], count, -1)
return left - count
`);

/** Before the release, while nothing serves the queue. @param jobs how many stay to be sent at once */
export async function holdBack(redis: Redis, keys: CampaignKeys, jobs: number): Promise<void> {
  const lists = [keys.job('wait'), keys.job('delayed')];
  while (Number(await HOLD.run(redis, lists, [jobs, HELD_SCORE, AT_ONCE])) > 0);
}

/**
 * KEYS 1 campaign  2 BullMQ's delayed jobs  3 its waiting jobs  4 its marker
 * ARGV 1 the least score of a job held back  2 most to move
 * Puts jobs held back where new ones go, in their order. Returns {whether there was a canary, jobs left to move}.
 */
const GO_ON = new Script(`
local was = redis.call('HEXISTS', KEYS[1], 'canary')
local ids = redis.call('ZRANGEBYSCORE', KEYS[2], ARGV[1], '+inf', 'LIMIT', 0, ARGV[2])
if #ids > 0 then
  redis.call('ZREM', KEYS[2], unpack(ids))
  redis.call('LPUSH', KEYS[3], unpack(ids))
  redis.call('ZADD', KEYS[4], 0, '0')
end
local left = redis.call('ZCOUNT', KEYS[2], ARGV[1], '+inf')
if left == 0 then redis.call('HDEL', KEYS[1], 'canary') end
return {was, left}
`);

/** Sends the rest, too. Run twice, or broken off and run again, it does the same. @returns whether it was a canary */
export async function endCanary(redis: Redis, keys: CampaignKeys): Promise<boolean> {
  const lists = [keys.campaign, keys.job('delayed'), keys.job('wait'), keys.job('marker')];
  let was = false;
  for (;;) {
    const reply = await GO_ON.run(redis, lists, [HELD_SCORE, AT_ONCE]);
    const [there, left]: unknown[] = Array.isArray(reply) ? reply : [];
    was ||= there === 1;
    if (left === 0) return was;
  }
}
