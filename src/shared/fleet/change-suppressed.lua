-- Puts numbers on the opt-out list, or takes them off it.
--
-- KEYS     1 count  2 what the buckets' keys begin with
-- ARGV     1 SADD or SREM  then numbers without +
-- RETURNS  {how many numbers that changed, how many are on the list now}
-- TWICE    the second time none changes
-- GIVEN    BUCKETS

local changed = 0
for a = 2, #ARGV do
  changed = changed + redis.call(ARGV[1], KEYS[2] .. (ARGV[a] % BUCKETS), ARGV[a])
end
return {changed, redis.call(ARGV[1] == 'SADD' and 'INCRBY' or 'DECRBY', KEYS[1], changed)}
