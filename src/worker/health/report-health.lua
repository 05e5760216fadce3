-- What replies say of EngageLab's health, for the whole fleet: failures in a row lock the valve
-- for `outage`; while it is locked single probes go through; one success opens it. A reply to a
-- request from before the last change moves nothing, for it tells of a time that is over. A success
-- also ends the throttlings in a row, if none holds now.
--
-- KEYS     1 breaker  2 valve
-- ARGV     1 successes  2 failures  3 epoch they were sent in  4 failures in a row that lock
--          5 first time, ms
--          6 longest time, ms  7 what is told of it
-- RETURNS  {1 if it is locked now or was since they were sent; 1 if this opened it, -1 if this
--          locked it anew, else 0}
-- TWICE    what locked or opened it began an epoch, so that the second time is from before;
--          failures that did neither count twice, and lock a little sooner

local time = redis.call('TIME')
local now = math.floor(time[1] * 1000 + time[2] / 1000)
local was = redis.call('HMGET', KEYS[1], 'epoch', 'failures', 'wait')
local epoch, failures, wait = tonumber(was[1] or '0'), tonumber(was[2] or '0'), tonumber(was[3] or ARGV[5])
local lock = redis.call('HGET', KEYS[2], 'outage')
local successes, failed = tonumber(ARGV[1]), tonumber(ARGV[2])
if tonumber(ARGV[3]) ~= epoch then return {1, 0} end
if successes > 0 then
  -- An operator may have opened it meanwhile: the next outage is a new one all the same.
  redis.call('HSET', KEYS[1], 'failures', 0, 'wait', ARGV[5])
  failures, wait = 0, tonumber(ARGV[5])
  local throttled = redis.call('HGET', KEYS[2], 'throttled')
  if throttled and cjson.decode(throttled)['until'] <= now then redis.call('HDEL', KEYS[1], 'throttle') end
  if lock then
    redis.call('HDEL', KEYS[2], 'outage')
    redis.call('HSET', KEYS[1], 'epoch', epoch + 1)
    return {0, 1}
  end
end
if failed == 0 then return {lock and 1 or 0, 0} end
failures = redis.call('HINCRBY', KEYS[1], 'failures', failed)
if not lock and failures < tonumber(ARGV[4]) then return {0, 0} end
-- Locked anew by the failures in a row, or again by a probe that failed.
local since = now
if lock then
  since = cjson.decode(lock)['since']
  wait = math.min(2 * wait, tonumber(ARGV[6]))
end
redis.call('HSET', KEYS[1], 'epoch', epoch + 1, 'wait', wait)
redis.call('HSET', KEYS[2], 'outage', cjson.encode({since = since, ['until'] = now + wait, detail = ARGV[7]}))
return {1, lock and 0 or -1}
