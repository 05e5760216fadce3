/** A replay's other step: where a message's request changes, its numbers move to messages of new jobs. */
import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../redis/keys.ts';
import { Script } from '../redis/script.ts';
import type { Taking } from './replay.ts';
import { FROM, REPLAYED } from './replay-fields.ts';
import { REPLAY_LUA } from './replay-lua.ts';

/**
 * Moves the numbers of settled messages to the messages of new jobs, which follow the campaign's last one. The new
 * jobs' data stand among what is to be queued until they are in BullMQ.
 *
 * KEYS  1 counts  2 campaign  3 replaying  then ledger and job of each parent, then the ledger of each new job, then gone
 * ARGV  1 chapter  2 how many jobs the campaign must have  3 parents  4 new jobs
 *       then for each parent: index, numbers, head of its entry as it was chosen, ranges of its new messages
 *       then for each new job: id, data, how many messages, where they come from, then each one's entry
 * Returns "moved" (also by this very call before), "place" (another has added jobs), "changed" (of a parent), or
 * "closed" or "cancelled".
 */
const MOVE = new Script(`${REPLAY_LUA}
local phase, cancelled, jobs = unpack(redis.call('HMGET', KEYS[2], 'phase', 'cancelled', 'jobs'))
local chapter, parents, children = tonumber(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4])
cancelled = tonumber(cancelled or '0')
if phase ~= 'released' then return 'closed' end
if chapter <= cancelled then return 'cancelled' end

local function parent(p) return KEYS[4 + 2 * p], 5 + 4 * p end
local ledger, at = parent(0)
local first = redis.call('HGET', ledger, ARGV[at])
if parse(first).m and redis.call('HGET', ledger, ARGV[at] .. '@to') == ARGV[at + 3] then return 'moved' end
if tonumber(jobs or '0') ~= tonumber(ARGV[2]) then return 'place' end

local moves, heads = {pending = 0}, {}
for p = 0, parents - 1 do
  ledger, at = parent(p)
  local text = redis.call('HGET', ledger, ARGV[at])
  -- What a job that was found gone counts as stands elsewhere, too, and is not moved from here.
  local isGone = redis.call('HEXISTS', KEYS[#KEYS], string.match(KEYS[5 + 2 * p], '[^:]*$')) == 1
  if isGone or is_folded(KEYS[5 + 2 * p]) or head_of(text) ~= ARGV[at + 2] then return 'changed' end
  local h = parse(text)
  count(moves, h, tonumber(ARGV[at + 1]), -1, cancelled)
  moves.pending = moves.pending + tonumber(ARGV[at + 1])
  if h.s == 'p' then h.s = 'c' end
  h.m = true; h.c = chapter
  heads[p] = write(h)
end

at = 5 + 4 * parents
local messages = 0
for c = 0, children - 1 do
  local count = tonumber(ARGV[at + 2])
  local writes = {'${REPLAYED}', '1', '${FROM}', ARGV[at + 3]}
  for m = 0, count - 1 do
    writes[#writes + 1] = m
    writes[#writes + 1] = ARGV[at + 4 + m]
  end
  redis.call('HSET', KEYS[4 + 2 * parents + c], unpack(writes))
  redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 1])
  messages = messages + count
  at = at + 4 + count
end
for p = 0, parents - 1 do
  ledger, at = parent(p)
  redis.call('HSET', ledger, '${REPLAYED}', '1', ARGV[at], heads[p], ARGV[at] .. '@to', ARGV[at + 3])
end
redis.call('HINCRBY', KEYS[2], 'jobs', children)
redis.call('HINCRBY', KEYS[2], 'messages', messages)
move(KEYS[1], moves)
return 'moved'
`);

export interface Parent extends Taking {
  jobId: string;
  /** The messages that get its numbers, as `encodeRanges` writes them. */
  to: string;
}

export interface Child {
  jobId: string;
  /** The job's data, JSON. */
  data: string;
  /** Where its messages come from, as `encodeOrigins` writes it. */
  from: string;
  /** The entry of each message. */
  entries: readonly string[];
}

export type MoveResult = 'moved' | 'place' | 'changed' | 'closed' | 'cancelled';

/** @param jobs how many jobs the campaign has: `place` is returned where it is not so (any more) */
export async function moveNumbers(
  redis: Redis,
  keys: CampaignKeys,
  chapter: number,
  jobs: number,
  parents: readonly Parent[],
  children: readonly Child[],
): Promise<MoveResult> {
  const values: (string | number)[] = [chapter, jobs, parents.length, children.length];
  for (const { index, numbers, head, to } of parents) values.push(index, numbers, head, to);
  for (const { jobId, data, from, entries } of children) {
    values.push(jobId, data, entries.length, from, ...entries);
  }
  const reply = await MOVE.run(
    redis,
    [
      ...[keys.counts, keys.campaign, keys.replaying],
      ...parents.flatMap(({ jobId }) => [keys.ledger(jobId), keys.job(jobId)]),
      ...children.map(({ jobId }) => keys.ledger(jobId)),
      keys.gone,
    ],
    values,
  );
  const known = ['moved', 'place', 'changed', 'cancelled'] as const;
  return known.find((word) => word === reply) ?? 'closed';
}
