-- Puts jobs that are there, and that BullMQ has in none of its lists or among those that have
-- ended, where new ones go. The ledger knows what of them is settled. Where BullMQ has anything to
-- run, they may be among it.
--
-- KEYS     1 gone  2 campaign  3 counts  4 replaying  5 what BullMQ's keys of the queue begin with
-- ARGV     ids
-- RETURNS  how many were put back
-- TWICE    the second time BullMQ has them to run
-- WITH     look.lua ../../shared/ledger/folded.lua

if not isOpen or runnable > 0 or unlaid > 0 then return 0 end
local back = {}
for _, id in ipairs(ARGV) do
  local job = queue .. id
  if redis.call('HEXISTS', job, 'data') == 1 and redis.call('EXISTS', job .. ':lock') == 0
    and not redis.call('ZSCORE', queue .. 'delayed', id) and redis.call('HEXISTS', KEYS[1], id) == 0
    and not isFolded(job) then back[#back + 1] = id end
end
if #back == 0 then return 0 end
redis.call('ZADD', queue .. 'marker', 0, '0')
for _, id in ipairs(back) do
  redis.call('LPUSH', queue .. 'wait', id)
  redis.call('ZREM', queue .. 'failed', id)
  redis.call('ZREM', queue .. 'completed', id)
  redis.call('HDEL', queue .. id, 'finishedOn', 'failedReason', 'returnvalue')
end
-- For `shared/hindrance.ts`.
redis.call('HSET', KEYS[2], 'hindered', 'taken ' .. time[1] .. '000')
return #back
