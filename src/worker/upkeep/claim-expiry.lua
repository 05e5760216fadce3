-- Takes up a look for jobs whose time has passed, of a campaign of which nobody here runs all jobs.
-- Until the look is over the time of the next stands a while ahead, so that no other worker looks,
-- and one does where this one is killed.
--
-- KEYS     1 campaign  2 counts
-- ARGV     1 how long a look may take, ms
-- RETURNS  {now, Unix ms by Redis's clock; what stands there until the look is over}; {} where there
--          is nothing to look for
-- TWICE    the second time another is at it: the look then comes when its time has run out

local fields = {'phase', 'cancelled', 'chapter', 'expiry_look'}
local phase, cancelled, chapter, look = unpack(redis.call('HMGET', KEYS[1], unpack(fields)), 1, 4)
if phase ~= 'released' then return {} end
if tonumber(cancelled or '0') >= tonumber(chapter or '1') then return {} end
if tonumber(redis.call('HGET', KEYS[2], 'pending') or '0') == 0 then return {} end
local time = redis.call('TIME')
local now = math.floor(time[1] * 1000 + time[2] / 1000)
if look and (look == '0' or tonumber(look) > now) then return {} end
local claim = string.format('%.0f', now + tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], 'expiry_look', claim)
return {now, claim}
