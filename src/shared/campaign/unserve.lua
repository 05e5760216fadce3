-- Takes a campaign off the list of those that workers look after, unless somebody has put it there
-- anew since.
--
-- KEYS     1 serving  2 finished
-- ARGV     1 id  2 generation  3 when it finished, Unix ms, or ""
-- RETURNS  1 if it was taken off, else 0
-- TWICE    what is off has no generation that could be the same

if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
if ARGV[3] ~= '' then redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1]) end
return redis.call('HDEL', KEYS[1], ARGV[1])
