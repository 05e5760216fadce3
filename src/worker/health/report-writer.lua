-- Who wrote the last replies, for the whole fleet: so many in a row that EngageLab cannot have
-- written lock the valve for `far_end`, until somebody opens it. One that EngageLab can have
-- written ends what came in a row. A reply to a request from before the breaker's last change moves
-- nothing, for it tells of a time that is over; and this lock is such a change.
--
-- KEYS     1 breaker  2 valve
-- ARGV     1 1 if one of EngageLab's came first, else 0  2 how many of others came behind it
--          3 epoch they were sent in  4 how many in a row lock  5 how many in a row this process had
--          6 what is told of it, after their number
-- RETURNS  how many came in a row if this locked it, else 0
-- TWICE    what locked it began an epoch, so that the second time is from before; those that did not
--          count twice, and lock a little sooner

local epoch = tonumber(redis.call('HGET', KEYS[1], 'epoch') or '0')
if tonumber(ARGV[3]) ~= epoch then return 0 end
if ARGV[1] == '1' then redis.call('HDEL', KEYS[1], 'anothers') end
if ARGV[2] == '0' then return 0 end
local fleet = redis.call('HINCRBY', KEYS[1], 'anothers', ARGV[2])
local count = math.max(fleet, tonumber(ARGV[5]))
if count < tonumber(ARGV[4]) then return 0 end
redis.call('HDEL', KEYS[1], 'anothers')
redis.call('HSET', KEYS[1], 'epoch', epoch + 1)
local time = redis.call('TIME')
local now = math.floor(time[1] * 1000 + time[2] / 1000)
local lock = cjson.encode({since = now, detail = count .. ' ' .. ARGV[6]})
return redis.call('HSETNX', KEYS[2], 'far_end', lock) * count
