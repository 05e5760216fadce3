-- Puts jobs that a canary held back where new ones go, in their order; nothing while the campaign
-- has its canary. Where nobody is pending any more there is nothing to hold back: it has expired.
--
-- KEYS     1 campaign  2 BullMQ's delayed jobs  3 its waiting jobs  4 its marker  5 counts
-- ARGV     1 the least score of a job held back  2 most to move
-- RETURNS  how many are left to move; 0 where they are to stay
-- TWICE    what was moved is not among the delayed any more: the second time moves the next ones,
--          or none

local phase, canary = unpack(redis.call('HMGET', KEYS[1], 'phase', 'canary'), 1, 2)
if phase ~= 'released' then return 0 end
if canary and tonumber(redis.call('HGET', KEYS[5], 'pending') or '0') > 0 then return 0 end
if canary then redis.call('HDEL', KEYS[1], 'canary') end
local ids = redis.call('ZRANGEBYSCORE', KEYS[2], ARGV[1], '+inf', 'LIMIT', 0, ARGV[2])
if #ids > 0 then
  redis.call('ZREM', KEYS[2], unpack(ids))
  redis.call('LPUSH', KEYS[3], unpack(ids))
  redis.call('ZADD', KEYS[4], 0, '0')
end
return redis.call('ZCOUNT', KEYS[2], ARGV[1], '+inf')
