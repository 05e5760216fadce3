-- Takes a campaign back that was not released, with its lease and its counts. One that was
-- cancelled stays on record, with no rows.
--
-- KEYS     1 campaign  2 lease  3 counts
-- ARGV     1 token
-- RETURNS  1 if nothing of it is left, else 0
-- TWICE    the lease has gone with the first time: the second time removes nothing, and returns 0

if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
if redis.call('HGET', KEYS[1], 'phase') ~= 'enqueuing' then return 0 end
redis.call('DEL', KEYS[2], KEYS[3])
if redis.call('HEXISTS', KEYS[1], 'cancelled') == 1 then return 0 end
redis.call('DEL', KEYS[1])
return 1
