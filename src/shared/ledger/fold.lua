-- Removes a ledger if it still is what the return value of its completed job holds. A late reply,
-- or a replay, that came in between has changed it or added a field: without its ledger, everybody
-- in a job that runs again would be texted again.
--
-- KEYS     1 ledger  2 the job  3 completed
-- ARGV     1 job id  2 SHA-1 of the texts, with line feeds between  3 how many messages the job has
--          then the fields of earlier attempts
-- RETURNS  1 if it was removed, else 0
-- TWICE    the second time there is no ledger that could be compared
-- GIVEN    ALL_ACCEPTED BEGUN_FIELD

if not redis.call('ZSCORE', KEYS[3], ARGV[1]) then return 0 end
local fields = {}
for index = 0, ARGV[3] - 1 do fields[index + 1] = index end
for a = 4, #ARGV do fields[#fields + 1] = ARGV[a] end
if redis.call('HLEN', KEYS[1]) - redis.call('HEXISTS', KEYS[1], BEGUN_FIELD) ~= #fields then return 0 end
local texts = redis.call('HMGET', KEYS[1], unpack(fields))
for t = 1, #fields do
  if not texts[t] then return 0 end
end
if redis.sha1hex(table.concat(texts, '\n')) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[2], 'name', ALL_ACCEPTED)
return redis.call('UNLINK', KEYS[1])
