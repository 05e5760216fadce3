-- Moves the numbers of settled messages to the messages of new jobs, which follow the campaign's
-- last one. The new jobs' data stand among what is to be queued until they are in BullMQ.
--
-- KEYS     1 counts  2 campaign  3 replaying  then ledger and job of each parent, then the ledger
--          of each new job,
--          then gone
-- ARGV     1 chapter  2 how many jobs the campaign must have  3 parents  4 new jobs
--          then for each parent: index, numbers, head of its entry as it was chosen, ranges of its
--          new messages
--          then for each new job: id, data, how many messages, where they come from, then each
--          one's entry
-- RETURNS  "moved" (also by this very call before), "place" (another has added jobs), "changed" (of
--          a parent), or "closed" or "cancelled"
-- TWICE    the first parent then says that its numbers are in these very messages
-- WITH     ../ledger/entry.lua ../ledger/folded.lua ../ledger/may-move.lua
-- GIVEN    REPLAYED FROM

local phase, cancelled, jobs = unpack(redis.call('HMGET', KEYS[2], 'phase', 'cancelled', 'jobs'))
local chapter, parents, children = tonumber(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4])
cancelled = tonumber(cancelled or '0')
if phase ~= 'released' then return 'closed' end
if chapter <= cancelled then return 'cancelled' end

-- Its ledger, its job, and where its arguments begin.
local function parent(p) return KEYS[4 + 2 * p], KEYS[5 + 2 * p], 5 + 4 * p end
local ledger, job, at = parent(0)
local first = redis.call('HGET', ledger, ARGV[at])
if parse(first).isMoved and redis.call('HGET', ledger, ARGV[at] .. '@to') == ARGV[at + 3] then return 'moved' end
if tonumber(jobs or '0') ~= tonumber(ARGV[2]) then return 'place' end

local moves, entries = {pending = 0}, {}
for p = 0, parents - 1 do
  ledger, job, at = parent(p)
  local text, numbers = redis.call('HGET', ledger, ARGV[at]), tonumber(ARGV[at + 1])
  -- What a job that was found gone counts as stands elsewhere, too, and is not moved from here.
  local isGone = redis.call('HEXISTS', KEYS[#KEYS], string.match(job, '[^:]*$')) == 1
  if isGone or isFolded(job) or headOf(text) ~= ARGV[at + 2] then return 'changed' end
  local entry = parse(text)
  count(moves, entry, numbers, -1, cancelled)
  moves.pending = moves.pending + numbers
  if entry.state == 'p' then entry.state = 'c' end
  entry.isMoved = true; entry.chapter = chapter
  entries[p] = write(entry)
end

at = 5 + 4 * parents
local messages = 0
mayMove(KEYS[1])
for c = 0, children - 1 do
  local size = tonumber(ARGV[at + 2])
  local writes = {REPLAYED, '1', FROM, ARGV[at + 3]}
  for m = 0, size - 1 do
    writes[#writes + 1] = m
    writes[#writes + 1] = ARGV[at + 4 + m]
  end
  redis.call('HSET', KEYS[4 + 2 * parents + c], unpack(writes))
  redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 1])
  messages = messages + size
  at = at + 4 + size
end
for p = 0, parents - 1 do
  ledger, job, at = parent(p)
  redis.call('HSET', ledger, REPLAYED, '1', ARGV[at], entries[p], ARGV[at] .. '@to', ARGV[at + 3])
end
-- All of the new jobs have one.
local notAfter = cjson.decode(ARGV[6 + 4 * parents]).not_after
local look = tonumber(redis.call('HGET', KEYS[2], 'expiry_look') or '')
if notAfter and look and (look == 0 or notAfter < look) then
  redis.call('HSET', KEYS[2], 'expiry_look', string.format('%.0f', notAfter))
end
redis.call('HINCRBY', KEYS[2], 'jobs', children)
redis.call('HINCRBY', KEYS[2], 'messages', messages)
move(KEYS[1], moves)
return 'moved'
