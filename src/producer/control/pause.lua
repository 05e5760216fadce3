-- Pauses a campaign: from here on the gate refuses it.
--
-- KEYS     1 campaign  2 counts  3 BullMQ's list of active jobs
-- ARGV     none
-- RETURNS  {"done", or what kept it from being done: "unknown", "forgotten", "cancelled", "already" or "finished";
--          jobs that some worker holds; recipients pending before}
-- TWICE    what is paused is left as it is, and said to be so already
-- WITH     look.lua

if isOver then return answer('cancelled') end
if paused == '1' then return answer('already') end
if phase == 'released' and pending == 0 then return answer('finished') end
local time = redis.call('TIME')
local now = math.floor(time[1] * 1000 + time[2] / 1000)
redis.call('HSET', KEYS[1], 'paused', '1', 'paused_by', 'operator', 'paused_at', now)
return answer('done')
