-- Counts a notification's job in, once. Called with the job's enqueuing in one transaction; and by
-- workers, for a job that another program laid into the queue by itself. The standing campaign is
-- there, its gate open, from the first of them on. Of all that lay the job of one dedupe key, the
-- one that is counted in is written into the key as the first.
--
-- KEYS     1 the job  2 counts  3 jobs  4 BullMQ's list of waiting jobs  5 campaign  6 dedupe
--          7 sizes
-- ARGV     1 job id  2 now, Unix ms  3 numbers in it  4 Redis's time in µs after which it is too
--          late, or ""
--          5 how many seconds the dedupe key stands for it from now on, or "" where there is none
--          6 with a dedupe key: the caller, by the id of its own draft
--          7 the numbers of each message, or "" where it is one to one number and its id says so
-- RETURNS  1 (counted, and the caller is the first), 2 (counted before, and another is), 0 (no such
--          job), -1 (too late) or -2 (the dedupe key stands for something else by now). At -1 and
--          -2 the job is taken out again.
-- TWICE    what stands among the jobs has been counted, and the dedupe key says who was the first
-- WITH     ../ledger/may-move.lua
-- GIVEN    TAKEN

if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local hasKey = ARGV[5] ~= ''
local stored = hasKey and redis.call('GET', KEYS[6])
local mine = TAKEN .. ARGV[1]
if hasKey and ARGV[6] ~= ARGV[1] then mine = mine .. ' ' .. ARGV[6] end
if redis.call('ZSCORE', KEYS[3], ARGV[1]) then
  -- Counted in by a worker, where a transaction broke off between laying and counting: nobody was
  -- told to be first.
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
mayMove(KEYS[2])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
if ARGV[7] ~= '' then redis.call('HSET', KEYS[7], ARGV[1], ARGV[7]) end
for _, name in ipairs({'rows', 'recipients', 'pending'}) do
  redis.call('HINCRBY', KEYS[2], name, ARGV[3])
end
redis.call('HSETNX', KEYS[5], 'phase', 'released')
if hasKey then redis.call('SET', KEYS[6], mine, 'EX', ARGV[5]) end
return 1
