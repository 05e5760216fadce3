-- Begins to enqueue a campaign: takes the lease on its id, unless another `send` holds it.
--
-- KEYS     1 campaign  2 lease
-- ARGV     1 token  2 lease ms  3 now
-- RETURNS  {"released", fingerprint} (also where its jobs were forgotten since), {"cancelled"} (while it was being
--          enqueued), {"busy"}, {"abandoned"} (what was laid must be cleared) or {"new"}
-- TWICE    its own lease is taken anew; one that was new is called abandoned then, and has nothing to clear

local phase, fingerprint, cancelled =
  unpack(redis.call('HMGET', KEYS[1], 'phase', 'fingerprint', 'cancelled'), 1, 3)
if phase == 'released' or phase == 'forgotten' then return {'released', fingerprint or ''} end
if phase and cancelled then return {'cancelled'} end
local holder = redis.call('GET', KEYS[2])
if holder and holder ~= ARGV[1] then return {'busy'} end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
redis.call('HSET', KEYS[1], 'phase', 'enqueuing', 'created_at', ARGV[3])
redis.call('HDEL', KEYS[1], 'abandoned_at')
return {phase == 'enqueuing' and 'abandoned' or 'new'}
