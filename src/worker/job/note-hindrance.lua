-- Notes in a campaign's hash what keeps its jobs from being run.
--
-- KEYS     1 campaign
-- ARGV     1 what
-- RETURNS  1 if it was noted, 0 where there is no such campaign
-- TWICE    the second time it is noted anew

if redis.call('HEXISTS', KEYS[1], 'phase') == 0 then return 0 end
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'hindered', ARGV[1] .. ' ' .. time[1] .. '000')
return 1
