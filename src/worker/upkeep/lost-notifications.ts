/**
 * The standing campaign's side of what other hands took: each notification stands by itself, and its ledger tells what it
 * came to, for how many numbers it has is known. So nothing need be quiet for one to be given up.
 */
import type { Redis } from 'ioredis';
import { CampaignHandle } from '../../shared/campaign/handle.ts';
import { giveUp, sizesOf } from '../../shared/campaign/notifications.ts';
import { readPiece } from '../../shared/campaign/stored-jobs.ts';
import { NOTIFICATIONS } from '../../shared/job.ts';
import { ALL_ACCEPTED } from '../../shared/ledger/fold.ts';
import type { CampaignKeys, Keys } from '../../shared/redis/keys.ts';
import { Script } from '../../shared/redis/script.ts';

const PIECE = 500;

/**
 * Finds those whose data are gone, and puts back those that BullMQ has nowhere. Its lists are searched only where they
 * are short, for each search goes through all of them.
 *
 * KEYS  1 what BullMQ's keys of the queue begin with  2 what the keys of ledgers begin with  ARGV ids of listed ones
 * Returns {how many were put back, ids of those that are gone, ids of those that ended with their message unsettled}.
 */
const SIFT = new Script(`
local queue = KEYS[1]
local isShort = redis.call('LLEN', queue .. 'wait') + redis.call('LLEN', queue .. 'active') <= 1000
local back, lost, stuck = {}, {}, {}
for _, id in ipairs(ARGV) do
  local job = queue .. id
  local function is_in(name) return redis.call('ZSCORE', queue .. name, id) end
  if redis.call('HEXISTS', job, 'data') == 0 then
    lost[#lost + 1] = id
  elseif is_in('completed') or is_in('failed') then
    local entry = redis.call('HGET', KEYS[2] .. id, '0')
    local isOpen = not entry or string.find(entry, '^[Oop][;,]')
    if isOpen and redis.call('HGET', job, 'name') ~= '${ALL_ACCEPTED}' then stuck[#stuck + 1] = id end
  elseif isShort and not is_in('delayed') and not is_in('prioritized')
    and redis.call('EXISTS', job .. ':lock') == 0
    and not redis.call('LPOS', queue .. 'wait', id) and not redis.call('LPOS', queue .. 'active', id) then
    back[#back + 1] = id
  end
end
if #back > 0 then redis.call('ZADD', queue .. 'marker', 0, '0') end
for _, id in ipairs(back) do redis.call('LPUSH', queue .. 'wait', id) end
return {#back, lost, stuck}
`);

async function sift(
  redis: Redis,
  own: CampaignKeys,
  ids: readonly string[],
): Promise<{ back: number; gone: string[]; stuck: string[] }> {
  const reply = await SIFT.run(redis, [own.job(''), own.ledger('')], [...ids]);
  const [back, gone, stuck]: unknown[] = Array.isArray(reply) ? reply : [];
  const listOf = (each: unknown) => (Array.isArray(each) ? each.map(String) : []);
  return { back: Number(back ?? 0), gone: listOf(gone), stuck: listOf(stuck) };
}

/**
 * Puts a notification that ended unsettled where new ones go.
 *
 * KEYS  1 failed  2 completed  3 waiting  4 marker  5 the job  6 its lock  ARGV 1 id.  Returns 1 if it was.
 */
const RERUN = new Script(`
if redis.call('HEXISTS', KEYS[5], 'data') == 0 or redis.call('EXISTS', KEYS[6]) == 1 then return 0 end
local isThere = redis.call('ZSCORE', KEYS[1], ARGV[1]) or redis.call('ZSCORE', KEYS[2], ARGV[1])
if not isThere then return 0 end
redis.call('ZADD', KEYS[4], 0, '0')
redis.call('LPUSH', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[5], 'finishedOn', 'failedReason', 'returnvalue')
return 1
`);

async function rerun(redis: Redis, own: CampaignKeys, id: string): Promise<number> {
  const lists = ['failed', 'completed', 'wait', 'marker'].map((name) => own.job(name));
  return Number(await RERUN.run(redis, [...lists, own.job(id), own.lock(id)], [id]));
}

export interface Sifted {
  /** Jobs that wait again. */
  back: number;
  /** Jobs that were given up, and what their recipients count as now. */
  jobs: number;
  lost: number;
  unconfirmed: number;
}

/** Looks through all that are listed. @param isStopped asked between two pieces */
export async function siftNotifications(
  redis: Redis,
  keys: Keys,
  isStopped: () => boolean,
): Promise<Sifted> {
  const own = keys.campaign(NOTIFICATIONS);
  const sums = { back: 0, jobs: 0, lost: 0, unconfirmed: 0 };
  let cursor = '0';
  do {
    const [next, found] = await redis.zscan(own.jobs, cursor, 'COUNT', PIECE);
    cursor = next;
    const { back, gone, stuck } = await sift(
      redis,
      own,
      found.filter((_each, at) => at % 2 === 0),
    );
    sums.back += back;
    const { missing } = await readPiece(new CampaignHandle(redis, keys, NOTIFICATIONS), stuck);
    const bad = missing.filter(({ why }) => why === 'bad').map(({ id }) => id);
    for (const id of stuck)
      if (missing.every((each) => each.id !== id)) sums.back += await rerun(redis, own, id);
    for (const id of [...gone, ...bad]) {
      const sizes = sizesOf(id, await redis.hget(own.sizes, id));
      if (sizes === undefined) continue;
      const { lost, unconfirmed } = await giveUp(redis, own, id, sizes, bad.includes(id));
      if (lost + unconfirmed > 0) sums.jobs += 1;
      sums.lost += lost;
      sums.unconfirmed += unconfirmed;
    }
  } while (cursor !== '0' && !isStopped());
  return sums;
}
