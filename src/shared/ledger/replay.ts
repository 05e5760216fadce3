/**
 * A replay's steps in the record, each one script on the campaign's slot: begin a chapter, take messages into it where
 * they are, end it. The record is changed before any job is queued again; what still has to be queued stands in a hash, in
 * the same step. `replay-move.ts` is its other half. Source: docs/design.md, "Replay".
 */
import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../redis/keys.ts';
import { Script } from '../redis/script.ts';
import { REPLAYED } from './replay-fields.ts';
import { REPLAY_LUA } from './replay-lua.ts';

/**
 * KEYS  1 campaign  2 replays  ARGV  1 what makes two replays the same  2 its record, JSON
 * Returns {"closed"} while the campaign is not released, or {chapter, 1 if it had begun before}.
 */
const BEGIN = new Script(`
local phase, chapter, cancelled =
  unpack(redis.call('HMGET', KEYS[1], 'phase', 'chapter', 'cancelled'))
if phase ~= 'released' then return {'closed'} end
local begun, what = string.match(redis.call('HGET', KEYS[2], 'open') or '', '^(%d+) (.*)$')
if what == ARGV[1] and tonumber(begun) > tonumber(cancelled or '0') then return {begun, 1} end
chapter = string.format('%d', tonumber(chapter or '1') + 1)
redis.call('HSET', KEYS[1], 'chapter', chapter)
redis.call('HSET', KEYS[2], chapter, ARGV[2], 'open', chapter .. ' ' .. ARGV[1])
return {chapter, 0}
`);

/** The options of a replay, as text: run again after it broke off, the same one goes on. */
export type ReplayFingerprint = string;

/** @returns the chapter; undefined while the campaign is being enqueued */
export async function beginReplay(
  redis: Redis,
  keys: CampaignKeys,
  fingerprint: ReplayFingerprint,
  record: object,
): Promise<number | undefined> {
  const reply = await BEGIN.run(
    redis,
    [keys.campaign, keys.replays],
    [fingerprint, JSON.stringify(record)],
  );
  const chapter = Number(Array.isArray(reply) ? reply[0] : Number.NaN);
  return Number.isNaN(chapter) ? undefined : chapter;
}

/** @returns the chapter of the same replay, where it began and has not come to its end */
export async function unfinishedReplay(
  redis: Redis,
  keys: CampaignKeys,
  fingerprint: ReplayFingerprint,
): Promise<number | undefined> {
  const open = (await redis.hget(keys.replays, 'open')) ?? '';
  const [chapter = '', ...what] = open.split(' ');
  return what.join(' ') === fingerprint ? Number(chapter) : undefined;
}

/** KEYS 1 replays  ARGV 1 chapter */
const END = new Script(`
local begun = string.match(redis.call('HGET', KEYS[1], 'open') or '', '^(%d+) ')
if begun == ARGV[1] then redis.call('HDEL', KEYS[1], 'open') end
return 1
`);

export async function endReplay(redis: Redis, keys: CampaignKeys, chapter: number): Promise<void> {
  await END.run(redis, [keys.replays], [chapter]);
}

/**
 * Takes messages of one job into a chapter. No run may hold the job: one that does has read what is settled, and might
 * end the job without them. Whichever holds it next reads the ledger after this.
 *
 * KEYS  1 ledger  2 counts  3 campaign  4 the job  5 its lock  6 failed  7 completed  8 replaying  9 gone
 * ARGV  1 job id  2 chapter  3 now, Unix ms  then for each message: index, numbers, head of its entry as it was chosen
 * Returns the word that keeps it from all ("closed", "cancelled", "gone", "busy"), or for each message 1 (taken, also by
 * this very call before) or 0 (it has changed).
 */
const TAKE = new Script(`${REPLAY_LUA}
local phase, cancelled = unpack(redis.call('HMGET', KEYS[3], 'phase', 'cancelled'))
local chapter = tonumber(ARGV[2])
cancelled = tonumber(cancelled or '0')
if phase ~= 'released' then return 'closed' end
if chapter <= cancelled then return 'cancelled' end
if redis.call('HEXISTS', KEYS[4], 'data') == 0 then return 'gone' end
if redis.call('HEXISTS', KEYS[9], ARGV[1]) == 1 then return 'gone' end
if redis.call('EXISTS', KEYS[5]) == 1 then return 'busy' end
local isFolded = is_folded(KEYS[4])
local taken, writes, moves, changed = {}, {'${REPLAYED}', '1'}, {}, false
for a = 4, #ARGV, 3 do
  local field, n = ARGV[a], tonumber(ARGV[a + 1])
  local text = redis.call('HGET', KEYS[1], field)
  local h = parse(text)
  if h.c == chapter and not h.m then
    taken[#taken + 1] = 1
  elseif isFolded or head_of(text) ~= ARGV[a + 2] then
    taken[#taken + 1] = 0
  else
    count(moves, h, n, -1, cancelled)
    -- One that waited for an earlier replay, and was cancelled, has its number there.
    local before = tonumber(redis.call('HGET', KEYS[1], field .. '@' .. h.c) or '') or 0
    local known = math.max(h.k or 0, before)
    writes[#writes + 1] = field .. '@' .. ARGV[2]
    writes[#writes + 1] = known > 0 and tostring(known) or ''
    h.s = 'p'; h.c = chapter; h.u = 0; h.k = nil; h.o = 0; h.code = ''; h.due = ''
    count(moves, h, n, 1, cancelled)
    writes[#writes + 1] = field
    writes[#writes + 1] = write(h)
    taken[#taken + 1] = 1
    changed = true
  end
end
if not changed then return taken end
redis.call('HSET', KEYS[8], ARGV[1], 'retry ' .. ARGV[2])
redis.call('HSET', KEYS[1], unpack(writes))
if redis.call('ZSCORE', KEYS[7], ARGV[1]) then
  -- Only what failed is queued again.
  redis.call('ZADD', KEYS[6], ARGV[3], ARGV[1])
  redis.call('ZREM', KEYS[7], ARGV[1])
  redis.call('HDEL', KEYS[4], 'returnvalue')
  redis.call('HSET', KEYS[4], 'failedReason', 'replayed')
end
move(KEYS[2], moves)
return taken
`);

export interface Taking {
  index: number;
  /** How many numbers the message has. */
  numbers: number;
  /** The head of its entry as it was chosen: one that has changed since is left as it is. */
  head: string;
}

export type TakeRefusal = 'closed' | 'cancelled' | 'gone' | 'busy';

/** @returns for each whether it is in the chapter now; or why none is. `busy`: a worker is at the job */
export async function takeMessages(
  redis: Redis,
  keys: CampaignKeys,
  jobId: string,
  chapter: number,
  now: number,
  takings: readonly Taking[],
): Promise<boolean[] | TakeRefusal> {
  const values: (string | number)[] = [jobId, chapter, now];
  for (const { index, numbers, head } of takings) values.push(index, numbers, head);
  const job = [keys.ledger(jobId), keys.counts, keys.campaign, keys.job(jobId), keys.lock(jobId)];
  const sets = [keys.job('failed'), keys.job('completed'), keys.replaying, keys.gone];
  const reply = await TAKE.run(redis, [...job, ...sets], values);
  if (Array.isArray(reply)) return reply.map((each) => each === 1);
  return reply === 'cancelled' || reply === 'gone' || reply === 'busy' ? reply : 'closed';
}

/** KEYS 1 replaying  ARGV job id and what stood there, of each.  What another replay has written since stays. */
const QUEUED = new Script(`
for a = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[a]) == ARGV[a + 1] then redis.call('HDEL', KEYS[1], ARGV[a]) end
end
return 1
`);

/** Takes jobs that are in their queue off what a replay still has to do. */
export async function markQueued(
  redis: Redis,
  keys: CampaignKeys,
  queued: readonly (readonly [jobId: string, value: string])[],
): Promise<void> {
  await QUEUED.run(redis, [keys.replaying], queued.flat());
}
