-- Locks the valve for one reason. A lock that holds longer stays as it is, and one that holds keeps
-- its beginning.
--
-- KEYS     1 valve
-- ARGV     1 field  2 the lock, JSON with `since`
-- RETURNS  1 if the valve was not locked for that reason
-- TWICE    the second time it holds already; only what is returned differs

local lock, text = cjson.decode(ARGV[2]), redis.call('HGET', KEYS[1], ARGV[1])
local before = text and cjson.decode(text)
local held = before and (before['until'] or math.huge) > lock.since
-- One that lasts longer stays as it is.
if held and (before['until'] or math.huge) >= (lock['until'] or math.huge) then return 0 end
if held then lock.since = before.since end
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(lock))
return held and 0 or 1
