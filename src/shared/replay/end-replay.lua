-- Ends a replay, if it is the one that is open.
--
-- KEYS     1 replays
-- ARGV     1 chapter
-- RETURNS  1
-- TWICE    what is not open is not ended

local begun = string.match(redis.call('HGET', KEYS[1], 'open') or '', '^(%d+) ')
if begun == ARGV[1] then redis.call('HDEL', KEYS[1], 'open') end
return 1
