-- Begins to forget a finished campaign. From here on the gate is shut for good: there is nothing to
-- send, and nothing to be replayed.
--
-- KEYS     1 campaign  2 counts  3 waiting  4 active  5 delayed  6 prioritized
-- ARGV     1 now
-- RETURNS  "begun" (its jobs may be removed), "forgotten" (they are gone already), or why it stays:
--          "unknown", "enqueuing", "pending" or "unended"
-- TWICE    what has begun is left as it is, and said to have begun

local phase, forgetting = unpack(redis.call('HMGET', KEYS[1], 'phase', 'forgetting'), 1, 2)
if not phase then return 'unknown' end
if phase == 'forgotten' then return forgetting and 'begun' or 'forgotten' end
if phase ~= 'released' then return 'enqueuing' end
if tonumber(redis.call('HGET', KEYS[2], 'pending') or '0') > 0 then return 'pending' end
local left = redis.call('LLEN', KEYS[3]) + redis.call('LLEN', KEYS[4])
  + redis.call('ZCARD', KEYS[5]) + redis.call('ZCARD', KEYS[6])
if left > 0 then return 'unended' end
redis.call('HSET', KEYS[1], 'phase', 'forgotten', 'forgotten_at', ARGV[1], 'forgetting', '1')
redis.call('HDEL', KEYS[1], 'paused')
return 'begun'
