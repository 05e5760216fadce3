-- Puts a notification that ended unsettled where new ones go.
--
-- KEYS     1 failed  2 completed  3 waiting  4 marker  5 the job  6 its lock
-- ARGV     1 id
-- RETURNS  1 if it was, else 0
-- TWICE    the second time it is not among those that ended

if redis.call('HEXISTS', KEYS[5], 'data') == 0 or redis.call('EXISTS', KEYS[6]) == 1 then return 0 end
local isThere = redis.call('ZSCORE', KEYS[1], ARGV[1]) or redis.call('ZSCORE', KEYS[2], ARGV[1])
if not isThere then return 0 end
redis.call('ZADD', KEYS[4], 0, '0')
redis.call('LPUSH', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[5], 'finishedOn', 'failedReason', 'returnvalue')
return 1
