/**
 * The steps by which jobs that other hands took from a campaign are found and written off, or put back, each one script
 * on the campaign's slot. Any worker may take any of them at any time: each looks again whether it still holds.
 * Source: docs/design.md, "What is gone".
 */
import type { Redis } from 'ioredis';
import { HELD_SCORE } from '../../shared/campaign/canary.ts';
import { ALL_ACCEPTED } from '../../shared/ledger/fold.ts';
import type { CampaignKeys } from '../../shared/redis/keys.ts';
import { Script } from '../../shared/redis/script.ts';

/**
 * KEYS  1 gone  2 campaign  3 counts  4 replaying  5 what BullMQ's keys of the queue begin with
 * What a canary holds back is not gone, and nobody waits for it.
 */
const LOOK_LUA = `
local fields = {'phase', 'paused', 'start_at', 'cancelled', 'chapter', 'gone', 'gone_by'}
local phase, paused, start_at, cancelled, chapter, gone, by =
  unpack(redis.call('HMGET', KEYS[2], unpack(fields)), 1, 7)
local time = redis.call('TIME')
local is_open = phase == 'released' and paused ~= '1'
  and tonumber(start_at or '0') <= time[1] * 1000 + time[2] / 1000
local queue = KEYS[5]
local runnable = redis.call('LLEN', queue .. 'wait') + redis.call('LLEN', queue .. 'active')
  + redis.call('ZCOUNT', queue .. 'delayed', '-inf', '(${HELD_SCORE}') + redis.call('ZCARD', queue .. 'prioritized')
local unlaid = redis.call('HLEN', KEYS[4])
`;

function lookKeys(own: CampaignKeys): string[] {
  return [own.gone, own.campaign, own.counts, own.replaying, own.job('')];
}

/** While a canary holds jobs back, their recipients are pending: then it is a job in none of the lists that tells. */
const QUIET = new Script(`${LOOK_LUA}
if not is_open or unlaid > 0 then return {0, 0} end
local held = redis.call('ZCOUNT', queue .. 'delayed', ${HELD_SCORE}, '+inf')
if held > 0 then
  local ended = redis.call('ZCARD', queue .. 'completed') + redis.call('ZCARD', queue .. 'failed')
  local jobs = tonumber(redis.call('HGET', KEYS[2], 'jobs') or '0')
  if held + runnable + ended + redis.call('HLEN', KEYS[1]) >= jobs then return {0, 0} end
end
return {tonumber(redis.call('HGET', KEYS[3], 'pending') or '0'), runnable}
`);

/** @returns recipients pending, and jobs that BullMQ has to run; none pending where nothing may be looked for */
export async function readQuiet(
  redis: Redis,
  own: CampaignKeys,
): Promise<{ pending: number; runnable: number }> {
  const reply = await QUIET.run(redis, lookKeys(own), []);
  const [pending, runnable]: unknown[] = Array.isArray(reply) ? reply : [];
  return { pending: Number(pending ?? 0), runnable: Number(runnable ?? 0) };
}

/**
 * Writes down that jobs are gone. From here on nothing of them is sent, also if another program lays them anew.
 * A worker may hold a job whose data were removed under it: what it has under way is not lost.
 *
 * KEYS  as above  ARGV 1 which time  2 the last chapter cancelled  then of each job its id, and 1 where it is there, but bad
 * Returns "marked", "held", or "changed".
 */
const MARK = new Script(`${LOOK_LUA}
if not is_open or tonumber(gone or '0') ~= tonumber(ARGV[1]) - 1 then return 'changed' end
for a = 3, #ARGV, 2 do
  local job = queue .. ARGV[a]
  if redis.call('EXISTS', job .. ':lock') == 1 then return 'held' end
  if ARGV[a + 1] == '0' and redis.call('HEXISTS', job, 'data') == 1 then return 'changed' end
  redis.call('HSET', KEYS[1], ARGV[a], ARGV[1] .. ',' .. ARGV[2])
end
return 'marked'
`);

export interface GoneJob {
  id: string;
  /** There, but not to be read. */
  isBad: boolean;
}

/** What a look goes by: it counts only if nothing of it has changed when it comes to its end. */
export interface Basis {
  cancelled: number;
  chapter: number;
  /** How often jobs were found gone before. */
  found: number;
  /** The replay that has not come to its end, as its hash has it. */
  openReplay: string;
  /** The campaign's counts. */
  counts: Readonly<Record<string, string>>;
}

/** What a look has found. */
export interface Findings {
  /** Recipients that are pending in no job that is left. */
  lost: number;
  /** Jobs that are gone by now. */
  gone: number;
  /** What the jobs that are left count as. */
  left: Readonly<Record<string, number>>;
}

export async function markGone(
  redis: Redis,
  own: CampaignKeys,
  { found, cancelled }: Basis,
  jobs: readonly GoneJob[],
): Promise<boolean> {
  const values = jobs.flatMap(({ id, isBad }) => [id, isBad ? 1 : 0]);
  return (await MARK.run(redis, lookKeys(own), [found + 1, cancelled, ...values])) === 'marked';
}

/**
 * Moves what the marked jobs had pending to `lost`, and writes down what all that are gone count as: the campaign's
 * counts less those of the jobs that are left. Nothing may have moved since these were read.
 *
 * KEYS  as above, 6 retired  7 replays
 * ARGV  1 which time  2 by whom  3 cancelled  4 chapter  5 the open replay  6 recipients lost  7 how many jobs are gone by
 *       now  8 how many counts
 *       then names and values of the counts as they were read, then those of the jobs that are left
 * Returns "lost" (also if this very call did it before), or "changed".
 */
const DECLARE = new Script(`${LOOK_LUA}
if gone == ARGV[1] and by == ARGV[2] then return 'lost' end
if not is_open or runnable > 0 or unlaid > 0 then return 'changed' end
if tonumber(gone or '0') ~= tonumber(ARGV[1]) - 1 then return 'changed' end
if tonumber(cancelled or '0') ~= tonumber(ARGV[3]) then return 'changed' end
if tonumber(chapter or '1') ~= tonumber(ARGV[4]) then return 'changed' end
if (redis.call('HGET', KEYS[7], 'open') or '') ~= ARGV[5] then return 'changed' end
-- Another look has found one that was still there when this one came by it.
if redis.call('HLEN', KEYS[1]) ~= tonumber(ARGV[7]) then return 'changed' end
local lost, size = tonumber(ARGV[6]), tonumber(ARGV[8])
if redis.call('HLEN', KEYS[3]) ~= size then return 'changed' end
local counts = {}
for a = 9, 8 + 2 * size, 2 do
  if redis.call('HGET', KEYS[3], ARGV[a]) ~= ARGV[a + 1] then return 'changed' end
  counts[ARGV[a]] = tonumber(ARGV[a + 1])
end
counts.pending = counts.pending - lost
counts.lost = (counts.lost or 0) + lost
for a = 9 + 2 * size, #ARGV, 2 do
  counts[ARGV[a]] = (counts[ARGV[a]] or 0) - tonumber(ARGV[a + 1])
end
redis.call('HSET', KEYS[2], 'gone', ARGV[1], 'gone_by', ARGV[2])
redis.call('HINCRBY', KEYS[3], 'pending', -lost)
redis.call('HINCRBY', KEYS[3], 'lost', lost)
redis.call('DEL', KEYS[6])
for _, name in ipairs({'rows', 'invalid', 'duplicate', 'suppressed'}) do counts[name] = nil end
for name, count in pairs(counts) do
  if count ~= 0 then redis.call('HSET', KEYS[6], name, count) end
end
return 'lost'
`);

/**
 * @param token names the call
 * @returns whether it was done
 */
export async function declareLost(
  redis: Redis,
  own: CampaignKeys,
  token: string,
  basis: Basis,
  { lost, gone, left }: Findings,
): Promise<boolean> {
  const { found, cancelled, chapter, openReplay, counts } = basis;
  const stored = Object.entries(counts);
  const reply = await DECLARE.run(
    redis,
    [...lookKeys(own), own.retired, own.replays],
    [
      ...[found + 1, token, cancelled, chapter, openReplay, lost, gone, stored.length],
      ...stored.flat(),
      ...Object.entries(left).flat(),
    ],
  );
  return reply === 'lost';
}

/**
 * Puts jobs that are there, and that BullMQ has in none of its lists or among those that have ended, where new ones go.
 * The ledger knows what of them is settled. Where BullMQ has anything to run, they may be among it.
 *
 * KEYS  as above  ARGV ids.  Returns how many were put back.
 */
const PUT_BACK = new Script(`${LOOK_LUA}
if not is_open or runnable > 0 or unlaid > 0 then return 0 end
local back = {}
for _, id in ipairs(ARGV) do
  local job = queue .. id
  if redis.call('HEXISTS', job, 'data') == 1 and redis.call('EXISTS', job .. ':lock') == 0
    and not redis.call('ZSCORE', queue .. 'delayed', id) and redis.call('HEXISTS', KEYS[1], id) == 0
    and redis.call('HGET', job, 'name') ~= '${ALL_ACCEPTED}' then back[#back + 1] = id end
end
if #back == 0 then return 0 end
redis.call('ZADD', queue .. 'marker', 0, '0')
for _, id in ipairs(back) do
  redis.call('LPUSH', queue .. 'wait', id)
  redis.call('ZREM', queue .. 'failed', id)
  redis.call('ZREM', queue .. 'completed', id)
  redis.call('HDEL', queue .. id, 'finishedOn', 'failedReason', 'returnvalue')
end
return #back
`);

/** More are put back once these have been run. */
export const MOST_PUT_BACK = 5000;

export async function putBack(
  redis: Redis,
  own: CampaignKeys,
  ids: readonly string[],
): Promise<number> {
  return Number(await PUT_BACK.run(redis, lookKeys(own), ids.slice(0, MOST_PUT_BACK)));
}
