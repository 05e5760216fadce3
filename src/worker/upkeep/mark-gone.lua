-- Writes down that jobs are gone. From here on nothing of them is sent, also if another program
-- lays them anew. A worker may hold a job whose data were removed under it: what it has under way
-- is not lost.
--
-- KEYS     1 gone  2 campaign  3 counts  4 replaying  5 what BullMQ's keys of the queue begin with
-- ARGV     1 which time  2 the last chapter cancelled  then of each job its id, and 1 where it is
--          there, but bad or without its ledger
-- RETURNS  "marked", "held", or "changed"
-- TWICE    it writes the same marks
-- WITH     look.lua

if not isOpen or tonumber(gone or '0') ~= tonumber(ARGV[1]) - 1 then return 'changed' end
for a = 3, #ARGV, 2 do
  local job = queue .. ARGV[a]
  if redis.call('EXISTS', job .. ':lock') == 1 then return 'held' end
  if ARGV[a + 1] == '0' and redis.call('HEXISTS', job, 'data') == 1 then return 'changed' end
  redis.call('HSET', KEYS[1], ARGV[a], ARGV[1] .. ',' .. ARGV[2])
end
return 'marked'
