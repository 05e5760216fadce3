-- Reads jobs with their ledgers, so that a ledger and the return value it is folded into are of one
-- moment. No transaction, which a Redis that is full refuses even where it only reads.
--
-- KEYS     1 what a replay has still to queue  2 what is gone  3 the sizes and  4 the index of
--          notifications
--          then of each job 2: itself and its ledger
-- ARGV     the ids of the jobs
-- RETURNS  for each of the first four keys what it has of each job; then of each job {data,
--          timestamp, finishedOn, returnvalue, name} and its ledger as fields and texts in turn
-- TWICE    it only reads

local found = {}
for at = 1, 3 do found[at] = redis.call('HMGET', KEYS[at], unpack(ARGV)) end
found[4] = {}
for at, id in ipairs(ARGV) do found[4][at] = redis.call('ZSCORE', KEYS[4], id) end
for at = 5, #KEYS, 2 do
  found[at] = redis.call('HMGET', KEYS[at], 'data', 'timestamp', 'finishedOn', 'returnvalue', 'name')
  found[at + 1] = redis.call('HGETALL', KEYS[at + 1])
end
return found
