-- Whether a campaign has been abandoned long enough: it was not released, and no `send` holds the
-- lease. When it is found so first is written down, by Redis's clock; the next `send` takes that
-- off. One that was cancelled has nothing to clear but what a killed cancel left.
--
-- KEYS     1 campaign  2 lease  3 BullMQ's list of waiting jobs  4 its delayed ones
-- ARGV     1 how many ms ago it must have been found so
-- RETURNS  1 if it has, else 0
-- TWICE    it keeps the time at which it was found first

local phase, cancelled, abandoned = unpack(redis.call('HMGET', KEYS[1], 'phase', 'cancelled', 'abandoned_at'), 1, 3)
if phase ~= 'enqueuing' or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
if cancelled and redis.call('LLEN', KEYS[3]) + redis.call('ZCARD', KEYS[4]) == 0 then return 0 end
local time = redis.call('TIME')
local now = math.floor(time[1] * 1000 + time[2] / 1000)
if not abandoned then
  redis.call('HSET', KEYS[1], 'abandoned_at', string.format('%.0f', now))
  return 0
end
return now - tonumber(abandoned) >= tonumber(ARGV[1]) and 1 or 0
