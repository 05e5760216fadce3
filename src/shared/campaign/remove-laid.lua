-- Removes jobs that were laid and not released, and the counts with the last of them. What BullMQ's
-- `obliterate` does, with commands that also a Redis takes whose memory is full, and only for
-- whoever holds the lease: one that stood still in the middle must not remove what another has
-- laid, or released, since.
--
-- KEYS     1 lease  2 counts  3 what BullMQ's keys of the queue begin with  4 campaign
-- ARGV     1 token, or "" where nobody may hold it  2 lease ms  3 most jobs
--          4 how many ms ago it must have been found abandoned, or ""
-- RETURNS  -1 where the lease is another's, or it is not to be removed; 1 if there may be more, else 0
-- TWICE    what was removed is gone: the second time removes the next ones, or none

local holder = redis.call('GET', KEYS[1]) or ''
if holder ~= ARGV[1] then return -1 end
local phase, abandoned = unpack(redis.call('HMGET', KEYS[4], 'phase', 'abandoned_at'), 1, 2)
if phase and phase ~= 'enqueuing' then return -1 end
if ARGV[4] ~= '' then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + time[2] / 1000
  if not abandoned or now - tonumber(abandoned) < tonumber(ARGV[4]) then return -1 end
end
if holder ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
local queue, most = KEYS[3], tonumber(ARGV[3])

local function remove(ids)
  for _, id in ipairs(ids) do
    redis.call('UNLINK', queue .. id, queue .. id .. ':lock', queue .. id .. ':logs')
  end
  return #ids
end

for _, name in ipairs({'wait', 'active', 'paused'}) do
  local gone = remove(redis.call('LRANGE', queue .. name, -most, -1))
  if gone > 0 then
    redis.call('LTRIM', queue .. name, 0, -gone - 1)
    return 1
  end
end
for _, name in ipairs({'delayed', 'prioritized', 'completed', 'failed'}) do
  local gone = remove(redis.call('ZRANGE', queue .. name, 0, most - 1))
  if gone > 0 then
    redis.call('ZREMRANGEBYRANK', queue .. name, 0, gone - 1)
    return 1
  end
end
for _, name in ipairs({'meta', 'events', 'marker', 'id', 'pc', 'stalled', 'stalled-check'}) do
  redis.call('UNLINK', queue .. name)
end
redis.call('UNLINK', KEYS[2])
return 0
