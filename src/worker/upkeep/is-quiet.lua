-- Whether jobs may have been lost. While a canary holds jobs back, their recipients are pending:
-- then it is a job in none of the lists that tells.
--
-- KEYS     1 gone  2 campaign  3 counts  4 replaying  5 what BullMQ's keys of the queue begin with
-- ARGV     none
-- RETURNS  {recipients pending, jobs that BullMQ has to run}; 0 and 0 where nothing may be looked
--          for
-- TWICE    it only reads
-- WITH     look.lua

if not isOpen or unlaid > 0 then return {0, 0} end
local held = redis.call('ZCOUNT', queue .. 'delayed', HELD_SCORE, '+inf')
if held > 0 then
  local ended = redis.call('ZCARD', queue .. 'completed') + redis.call('ZCARD', queue .. 'failed')
  local jobs = tonumber(redis.call('HGET', KEYS[2], 'jobs') or '0')
  if held + runnable + ended + redis.call('HLEN', KEYS[1]) >= jobs then return {0, 0} end
end
-- Without its counts nobody knows how many are pending; the notifications have none before the first.
local isList = redis.call('HEXISTS', KEYS[2], 'jobs') == 1
if isList and redis.call('HEXISTS', KEYS[3], 'recipients') == 0 then return {1, runnable} end
return {tonumber(redis.call('HGET', KEYS[3], 'pending') or '0'), runnable}
