-- Ends a look for jobs whose time has passed: says when the next is due. Where a replay has made jobs
-- that expire sooner than this look was to take, or another look has begun, that stands.
--
-- KEYS     1 campaign
-- ARGV     1 what the look found there when it was taken up  2 when the next is due, Unix ms; 0 for never
-- RETURNS  1
-- TWICE    the second time something else stands there

if redis.call('HGET', KEYS[1], 'expiry_look') == ARGV[1] then redis.call('HSET', KEYS[1], 'expiry_look', ARGV[2]) end
return 1
