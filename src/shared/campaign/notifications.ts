/**
 * The standing campaign of all notifications, accounted for in the same terms as any other and without anything that
 * grows for ever: an index of its jobs, which loses what is older than `VOLLEY_RETAIN_DAYS`, and the counts of what
 * was removed, so that the totals still balance.
 */
import type { Redis } from 'ioredis';
import { ACCEPTED_ENTRY } from '../ledger/entry.ts';
import { ALL_ACCEPTED } from '../ledger/fold.ts';
import { ENTRY_LUA } from '../ledger/lua.ts';
import type { CampaignKeys } from '../redis/keys.ts';
import { Script } from '../redis/script.ts';

/** How long a dedupe key stands for its notification. */
export const DEDUPE_S = 24 * 3600;
/**
 * Before the job id in a dedupe key once the job has been counted in: it may be gone again, and is not sent anew. Until
 * then the key holds the id alone, a claim, which whoever comes next carries out where its own caller does not.
 */
const TAKEN = '=';

/**
 * What a dedupe key says once its job has been counted in: `=job`, and after a space who laid it where that was not the
 * caller that had claimed it. Who is first is read here and nowhere else: which of two replies comes back, and when,
 * says nothing of who was.
 * @returns nothing for a claim
 */
export function takenBy(stored: string): { id: string; first: string } | undefined {
  if (!stored.startsWith(TAKEN)) return undefined;
  const [id = '', first = id] = stored.slice(TAKEN.length).split(' ');
  return { id, first };
}

/**
 * Counts a job in, once. Called with the job's enqueuing in one transaction; and by workers, for a job that another
 * program laid into the queue by itself. The standing campaign is there, its gate open, from the first of them on.
 * Of all that lay the job of one dedupe key, the one that is counted in is written into the key as the first.
 *
 * KEYS  1 the job  2 counts  3 jobs  4 BullMQ's list of waiting jobs  5 campaign  6 dedupe  7 sizes
 * ARGV  1 job id  2 now, Unix ms  3 numbers in it  4 Redis's time in µs after which it is too late, or ""
 *       5 how many seconds the dedupe key stands for it from now on, or "" where there is none
 *       6 with a dedupe key: the caller, by the id of its own draft
 *       7 the numbers of each message, or "" where it is one to one number and its id says so
 * Returns 1 (counted, and the caller is the first), 2 (counted before, and another is), 0 (no such job), -1 (too late)
 *         or -2 (the dedupe key stands for something else by now). At -1 and -2 the job is taken out again.
 */
export const ADMIT_LUA = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local hasKey = ARGV[5] ~= ''
local stored = hasKey and redis.call('GET', KEYS[6])
local mine = '${TAKEN}' .. ARGV[1]
if hasKey and ARGV[6] ~= ARGV[1] then mine = mine .. ' ' .. ARGV[6] end
if redis.call('ZSCORE', KEYS[3], ARGV[1]) then
  -- Counted in by a worker, where a transaction broke off between laying and counting: nobody was told to be first.
  if hasKey and stored == ARGV[1] then
    redis.call('SET', KEYS[6], mine, 'EX', ARGV[5])
    stored = mine
  end
  return stored == mine and 1 or 2
end
local function takeOut(answer)
  redis.call('LREM', KEYS[4], 0, ARGV[1])
  redis.call('DEL', KEYS[1])
  return answer
end
if stored and stored ~= ARGV[1] then return takeOut(-2) end
if ARGV[4] ~= '' then
  local time = redis.call('TIME')
  if time[1] * 1000000 + time[2] > tonumber(ARGV[4]) then return takeOut(-1) end
end
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
if ARGV[7] ~= '' then redis.call('HSET', KEYS[7], ARGV[1], ARGV[7]) end
for _, name in ipairs({'rows', 'recipients', 'pending'}) do
  redis.call('HINCRBY', KEYS[2], name, ARGV[3])
end
redis.call('HSETNX', KEYS[5], 'phase', 'released')
if hasKey then redis.call('SET', KEYS[6], mine, 'EX', ARGV[5]) end
return 1
`;
const ADMIT = new Script(ADMIT_LUA);

/** @param dedupe the hash of its dedupe key; without one, of a key that nobody writes */
export function admitKeys(keys: CampaignKeys, jobId: string, dedupe = ''): string[] {
  const ours = [keys.counts, keys.jobs, keys.job('wait'), keys.campaign, keys.dedupe(dedupe)];
  return [keys.job(jobId), ...ours, keys.sizes];
}

/** What `notify` names its jobs: each is one message to one number. */
const OWN_ID = /^n-[0-9a-z]+-[0-9a-f]{10}$/;

/**
 * How many numbers each message of a notification's job has, also where the job itself is gone.
 * @param stored what was written down of a job that another program laid
 */
export function sizesOf(jobId: string, stored: unknown): number[] | undefined {
  if (typeof stored === 'string') return stored.split(',').map(Number);
  return OWN_ID.test(jobId) ? [1] : undefined;
}

/** Counts in a job that is there already. */
export async function admit(
  redis: Redis,
  keys: CampaignKeys,
  jobId: string,
  numbers: readonly number[],
): Promise<void> {
  const sum = numbers.reduce((total, each) => total + each, 0);
  const sizes = OWN_ID.test(jobId) ? '' : numbers.join(',');
  await ADMIT.run(redis, admitKeys(keys, jobId), [jobId, Date.now(), sum, '', '', '', sizes]);
}

/**
 * Removes a job that has ended, with its ledger, and keeps what it counted as. A job that was never counted in, for
 * it was rejected outside the counts, leaves nothing behind.
 *
 * KEYS  1 the job  2 its ledger  3 jobs  4 retired  5 completed  6 failed  7 sizes
 * ARGV  1 job id  2 the time, Unix ms, before which it must have ended  3 1 where its data are gone: then it has ended once
 *       nothing of it is pending  then the numbers of each message
 * Returns 1 if it was removed.
 */
const RETIRE = new Script(`${ENTRY_LUA}
local set = KEYS[5]
local ended = redis.call('ZSCORE', set, ARGV[1])
if not ended then
  set = KEYS[6]
  ended = redis.call('ZSCORE', set, ARGV[1])
end
local moves = {}
local isListed = redis.call('ZSCORE', KEYS[3], ARGV[1])
if ARGV[3] == '1' then
  if redis.call('HEXISTS', KEYS[1], 'data') == 1 then return 0 end
elseif not ended or tonumber(ended) >= tonumber(ARGV[2]) then return 0 end
if isListed then
  -- A pack without a ledger: it was folded.
  local isFolded = redis.call('HGET', KEYS[1], 'name') == '${ALL_ACCEPTED}'
  for a = 4, #ARGV do
    local n = tonumber(ARGV[a])
    local entry = redis.call('HGET', KEYS[2], tostring(a - 4)) or isFolded and '${ACCEPTED_ENTRY}'
    count(moves, parse(entry), n, 1, 0)
    moves.recipients = (moves.recipients or 0) + n
  end
  if ARGV[3] == '1' and moves.pending then return 0 end
  move(KEYS[4], moves)
end
redis.call('ZREM', set, ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('HDEL', KEYS[7], ARGV[1])
redis.call('DEL', KEYS[1], KEYS[1] .. ':logs', KEYS[2])
return 1
`);

/** @param numbers of each message of the job  @param before Unix ms  @param isGone its data are */
export async function retire(
  redis: Redis,
  keys: CampaignKeys,
  jobId: string,
  numbers: readonly number[],
  before: number,
  isGone = false,
): Promise<boolean> {
  const own = [keys.job(jobId), keys.ledger(jobId), keys.jobs, keys.retired];
  const ended = [keys.job('completed'), keys.job('failed'), keys.sizes];
  const values = [jobId, before, isGone ? 1 : 0, ...numbers];
  return (await RETIRE.run(redis, [...own, ...ended], values)) === 1;
}

/**
 * Settles what is pending of a job whose data are gone: `unconfirmed` where it may have been sent, else `lost`. Its
 * ledger keeps that, so that a late reply still moves it, and nothing of it is ever sent.
 *
 * KEYS  1 the job  2 its lock  3 its ledger  4 jobs  5 counts
 * ARGV  1 job id  2 1 where its data are there, but cannot be read  then the numbers of each message
 * Returns {settled as lost, as unconfirmed}: 0 and 0 where it is there after all, or held.
 */
const GIVE_UP = new Script(`${ENTRY_LUA}
local isThere = ARGV[2] == '0' and redis.call('HEXISTS', KEYS[1], 'data') == 1
if isThere or redis.call('EXISTS', KEYS[2]) == 1 then return {0, 0} end
if not redis.call('ZSCORE', KEYS[4], ARGV[1]) then return {0, 0} end
local moves, writes = {}, {}
for a = 3, #ARGV do
  local field, n = tostring(a - 3), tonumber(ARGV[a])
  local h = parse(redis.call('HGET', KEYS[3], field))
  if h.s == 'p' or h.s == 'o' then
    count(moves, h, n, -1, 0)
    if h.s == 'o' then
      h.rec = run_of(h.rec) .. 'l' .. string.sub(h.rec, 6)
      h.f = h.f + 1; h.code = 'no_reply'
    end
    h.s = h.f > 0 and 'u' or 'g'; h.due = ''
    count(moves, h, n, 1, 0)
    writes[#writes + 1] = field
    writes[#writes + 1] = write(h)
  end
end
if #writes > 0 then redis.call('HSET', KEYS[3], unpack(writes)) end
move(KEYS[5], moves)
return {moves.lost or 0, moves.unconfirmed or 0}
`);

/** @param isBad its data are there, and no job  @returns how many recipients were settled as what */
export async function giveUp(
  redis: Redis,
  keys: CampaignKeys,
  jobId: string,
  numbers: readonly number[],
  isBad: boolean,
): Promise<{ lost: number; unconfirmed: number }> {
  const own = [keys.job(jobId), keys.lock(jobId), keys.ledger(jobId), keys.jobs, keys.counts];
  const reply = await GIVE_UP.run(redis, own, [jobId, isBad ? 1 : 0, ...numbers]);
  const [lost, unconfirmed]: unknown[] = Array.isArray(reply) ? reply : [];
  return { lost: Number(lost ?? 0), unconfirmed: Number(unconfirmed ?? 0) };
}
