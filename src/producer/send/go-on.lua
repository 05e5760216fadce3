-- Renews the lease, and shows how far its `send` is.
--
-- KEYS     1 lease  2 counts  3 campaign
-- ARGV     1 token  2 lease ms  then names and numbers to set
-- RETURNS  "held", "lost", or "cancelled": then the lease is still held, for what was laid is to be cleared
-- TWICE    the same numbers are set again, not added

if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lost' end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if redis.call('HEXISTS', KEYS[3], 'cancelled') == 1 then return 'cancelled' end
if #ARGV > 2 then redis.call('HSET', KEYS[2], unpack(ARGV, 3)) end
return 'held'
