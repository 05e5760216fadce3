-- Looks numbers up on the opt-out list.
--
-- KEYS     1 count  2 what the buckets' keys begin with
-- ARGV     numbers without +
-- RETURNS  {how many numbers are on the list, then the places in ARGV, from 0, of those that are}
-- TWICE    it only reads
-- GIVEN    BUCKETS

local call, bucket = redis.call, KEYS[2]
local reply = {tonumber(call('GET', KEYS[1]) or '0')}
if reply[1] == 0 then return reply end
for a = 1, #ARGV do
  local number = ARGV[a]
  if call('SISMEMBER', bucket .. (number % BUCKETS), number) == 1 then reply[#reply + 1] = a - 1 end
end
return reply
