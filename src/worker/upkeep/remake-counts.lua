-- Writes a campaign's counts anew, where another program has removed them. Closes that came after
-- may have made a few of them again: nothing may have moved since these were read.
--
-- KEYS     1 gone  2 campaign  3 counts  4 replaying  5 what BullMQ's keys of the queue begin with
-- ARGV     1 how many counts there were  then their names and values, then those of the new ones
-- RETURNS  "made", or "changed"
-- TWICE    the second time they are there
-- WITH     look.lua

if not isOpen or runnable > 0 or unlaid > 0 then return 'changed' end
if redis.call('HEXISTS', KEYS[3], 'recipients') == 1 then return 'changed' end
local size = tonumber(ARGV[1])
if redis.call('HLEN', KEYS[3]) ~= size then return 'changed' end
for a = 2, 1 + 2 * size, 2 do
  if redis.call('HGET', KEYS[3], ARGV[a]) ~= ARGV[a + 1] then return 'changed' end
end
redis.call('DEL', KEYS[3])
redis.call('HSET', KEYS[3], unpack(ARGV, 2 + 2 * size))
return 'made'
