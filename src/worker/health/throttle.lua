-- Locks the valve for `throttled`; without a wait asked for, twice as long each time without a
-- success in between.
--
-- KEYS     1 breaker  2 valve
-- ARGV     1 wait asked for in ms, or "" where none above 0 was  2 first  3 longest  4 detail
-- RETURNS  {1 if it was not locked before, until when}
-- TWICE    while it is locked, no wait is doubled, and a lock is only made longer

local time = redis.call('TIME')
local now = math.floor(time[1] * 1000 + time[2] / 1000)
local text = redis.call('HGET', KEYS[2], 'throttled')
local before = text and cjson.decode(text)
local isLocked = before and before['until'] > now
local wait = tonumber(ARGV[1])
if not wait then
  if isLocked then return {0, before['until']} end
  local last = tonumber(redis.call('HGET', KEYS[1], 'throttle') or '0')
  local isAgain = before and last > 0 and now - before['until'] < 2 * last + 5000
  wait = isAgain and math.min(2 * last, tonumber(ARGV[3])) or tonumber(ARGV[2])
  redis.call('HSET', KEYS[1], 'throttle', wait)
else
  redis.call('HDEL', KEYS[1], 'throttle')
end
local till = now + wait
if isLocked and before['until'] >= till then return {0, before['until']} end
local since = isLocked and before['since'] or now
redis.call('HSET', KEYS[2], 'throttled', cjson.encode({since = since, ['until'] = till, detail = ARGV[4]}))
return {isLocked and 0 or 1, till}
