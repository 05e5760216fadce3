-- What BullMQ has left to run of a campaign, at one moment, so that no job is missed on its way
-- from one list to another.
--
-- KEYS     1 counts  2 waiting jobs  3 prioritized  4 active  5 delayed  6 what a replay has still to
--          queue  7 what shows that a replay is alive
-- ARGV     1 the least score of a job held back
-- RETURNS  {recipients pending; jobs that wait or are held by a worker; score of the first that is
--          put off, or ""; jobs that a canary holds back; jobs that a replay has still to queue; 1
--          while one is alive}
-- TWICE    it only reads

local ready = redis.call('LLEN', KEYS[2]) + redis.call('ZCARD', KEYS[3]) + redis.call('LLEN', KEYS[4])
local first = redis.call('ZRANGE', KEYS[5], 0, 0, 'WITHSCORES')
local pending = tonumber(redis.call('HGET', KEYS[1], 'pending') or '0')
local held = redis.call('ZCOUNT', KEYS[5], ARGV[1], '+inf')
return {pending, ready, first[2] or '', held, redis.call('HLEN', KEYS[6]), redis.call('EXISTS', KEYS[7])}
