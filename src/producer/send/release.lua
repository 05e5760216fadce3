-- Releases a campaign, with all that was laid of it: before this step nothing of it may be sent,
-- after it everything may.
--
-- KEYS     1 campaign  2 lease  3 counts  4 BullMQ's list of waiting jobs  5 its delayed ones
-- ARGV     1 token  2 jobs laid  3 how many names and values of the campaign follow  then those, then the counts' names
--          and numbers
-- RETURNS  "released" (also when this very `send` had released it), "lost", "cancelled" or "miscounted"
-- TWICE    what this token has released is said to be released, and not looked at again

if redis.call('HGET', KEYS[1], 'released_by') == ARGV[1] then return 'released' end
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 'lost' end
if redis.call('HEXISTS', KEYS[1], 'cancelled') == 1 then return 'cancelled' end
local jobs = redis.call('LLEN', KEYS[4]) + redis.call('ZCARD', KEYS[5])
if jobs ~= tonumber(ARGV[2]) then return 'miscounted' end
local last = 3 + tonumber(ARGV[3])
redis.call('HSET', KEYS[3], unpack(ARGV, last + 1))
redis.call('HSET', KEYS[1], 'phase', 'released', 'released_by', ARGV[1], unpack(ARGV, 4, last))
redis.call('DEL', KEYS[2])
return 'released'
