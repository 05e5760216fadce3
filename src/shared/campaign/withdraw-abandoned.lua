-- Takes a campaign back that has been abandoned long enough, and of which nothing lies in its queue
-- any more: its id is free again. One that was cancelled stays on record.
--
-- KEYS     1 campaign  2 lease  3 counts  4 BullMQ's list of waiting jobs  5 its delayed ones
-- ARGV     1 how many ms ago it must have been found abandoned
-- RETURNS  1 if it was taken back, else 0
-- TWICE    the second time there is none, and it returns 0

local phase, cancelled, abandoned = unpack(redis.call('HMGET', KEYS[1], 'phase', 'cancelled', 'abandoned_at'), 1, 3)
if phase ~= 'enqueuing' or cancelled or not abandoned or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local time = redis.call('TIME')
if time[1] * 1000 + time[2] / 1000 - tonumber(abandoned) < tonumber(ARGV[1]) then return 0 end
if redis.call('LLEN', KEYS[4]) + redis.call('ZCARD', KEYS[5]) > 0 then return 0 end
redis.call('DEL', KEYS[1], KEYS[3])
return 1
