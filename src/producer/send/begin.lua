-- Begins to enqueue a campaign: takes the lease on its id, unless another `send` holds it.
--
-- KEYS     1 campaign  2 lease  3 counts  4 waiting jobs  5 active  6 delayed  7 prioritized
--          then what else is there only of one that was sent
-- ARGV     1 token  2 lease ms  3 now
-- RETURNS  {"released", fingerprint} (also where its jobs were forgotten since), {"cancelled"} (while it was being
--          enqueued), {"busy"}, {"unrecorded"} (its record is gone, and traces of
--          its sending are there), {"abandoned"} (what was laid must be cleared) or {"new"}
-- TWICE    its own lease is taken anew; one that was new is called abandoned then, and has nothing to clear
-- GIVEN    BEGUN ALL_ACCEPTED

local phase, fingerprint, cancelled =
  unpack(redis.call('HMGET', KEYS[1], 'phase', 'fingerprint', 'cancelled'), 1, 3)
if phase == 'released' or phase == 'forgotten' then return {'released', fingerprint or ''} end
if phase and cancelled then return {'cancelled'} end
-- Laid anew, with the traces of the first time in its way, some would be texted twice, others never.
if not phase then
  if redis.call('EXISTS', KEYS[3], unpack(KEYS, 8)) > 0 then return {'unrecorded'} end
  local queue = string.sub(KEYS[4], 1, -1 - #'wait')
  for list = 4, 7 do
    for _, id in ipairs(redis.call(list < 6 and 'LRANGE' or 'ZRANGE', KEYS[list], 0, -1)) do
      local name = redis.call('HGET', queue .. id, 'name')
      if name == BEGUN or name == ALL_ACCEPTED then return {'unrecorded'} end
    end
  end
end
local holder = redis.call('GET', KEYS[2])
if holder and holder ~= ARGV[1] then return {'busy'} end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
redis.call('HSET', KEYS[1], 'phase', 'enqueuing', 'created_at', ARGV[3])
redis.call('HDEL', KEYS[1], 'abandoned_at')
return {phase == 'enqueuing' and 'abandoned' or 'new'}
