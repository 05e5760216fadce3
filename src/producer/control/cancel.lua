-- Cancels a campaign: from here on the gate refuses this chapter and all before it, and what was
-- pending counts as cancelled. So does an attempt that is open; its close moves it to what it came
-- to.
--
-- KEYS     1 campaign  2 counts  3 BullMQ's list of active jobs
-- ARGV     none
-- RETURNS  {"done", or what kept it from being done: "unknown", "forgotten", "already" or "finished";
--          jobs that some worker holds; recipients pending before}
-- TWICE    a chapter that was cancelled is not cancelled again, so nothing is counted twice
-- WITH     look.lua ../../shared/ledger/may-move.lua

if isOver then return answer('already') end
if phase == 'released' and pending == 0 then return answer('finished') end
if pending > 0 then mayMove(KEYS[2]) end
redis.call('HSET', KEYS[1], 'cancelled', chapter)
-- Nothing is held back any more: those jobs are to be ended, and a replay is not a canary.
redis.call('HDEL', KEYS[1], 'paused', 'paused_by', 'paused_at', 'paused_why', 'canary')
if pending > 0 then
  redis.call('HINCRBY', KEYS[2], 'pending', -pending)
  redis.call('HINCRBY', KEYS[2], 'cancelled', pending)
end
return answer('done')
