-- Claims a list with its template for a day, unless a claim stands there that may count.
--
-- KEYS     1 claim
-- ARGV     1 claim to make  2 ms it holds  3 a claim that counts no more, or ""
-- RETURNS  "" if it is made, or the claim that is there
-- TWICE    its own claim is made anew

local there = redis.call('GET', KEYS[1])
if there and there ~= ARGV[1] and there ~= ARGV[3] then return there end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ''
