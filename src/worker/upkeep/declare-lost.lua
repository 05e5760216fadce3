-- Moves what the marked jobs had pending to `lost`, and writes down what all that are gone count
-- as: the campaign's counts less those of the jobs that are left. Nothing may have moved since
-- these were read.
--
-- KEYS     1 gone  2 campaign  3 counts  4 replaying  5 what BullMQ's keys of the queue begin with
--          6 retired  7 replays
-- ARGV     1 which time  2 by whom  3 cancelled  4 chapter  5 the open replay  6 recipients lost
--          7 how many jobs are gone by now  8 how many counts
--          then names and values of the counts as they were read, then those of the jobs that are
--          left
-- RETURNS  "lost" (also if this very call did it before), or "changed"
-- TWICE    the campaign says that it was this call that did it
-- WITH     look.lua ../../shared/ledger/may-move.lua

if gone == ARGV[1] and goneBy == ARGV[2] then return 'lost' end
if not isOpen or runnable > 0 or unlaid > 0 then return 'changed' end
if tonumber(gone or '0') ~= tonumber(ARGV[1]) - 1 then return 'changed' end
if tonumber(cancelled or '0') ~= tonumber(ARGV[3]) then return 'changed' end
if tonumber(chapter or '1') ~= tonumber(ARGV[4]) then return 'changed' end
if (redis.call('HGET', KEYS[7], 'open') or '') ~= ARGV[5] then return 'changed' end
-- Another look has found one that was still there when this one came by it.
if redis.call('HLEN', KEYS[1]) ~= tonumber(ARGV[7]) then return 'changed' end
local lost, size = tonumber(ARGV[6]), tonumber(ARGV[8])
if redis.call('HLEN', KEYS[3]) ~= size then return 'changed' end
local counts = {}
for a = 9, 8 + 2 * size, 2 do
  if redis.call('HGET', KEYS[3], ARGV[a]) ~= ARGV[a + 1] then return 'changed' end
  counts[ARGV[a]] = tonumber(ARGV[a + 1])
end
counts.pending = counts.pending - lost
counts.lost = (counts.lost or 0) + lost
for a = 9 + 2 * size, #ARGV, 2 do
  counts[ARGV[a]] = (counts[ARGV[a]] or 0) - tonumber(ARGV[a + 1])
end
mayMove(KEYS[3])
redis.call('HSET', KEYS[2], 'gone', ARGV[1], 'gone_by', ARGV[2])
redis.call('HINCRBY', KEYS[3], 'pending', -lost)
redis.call('HINCRBY', KEYS[3], 'lost', lost)
redis.call('DEL', KEYS[6])
for _, name in ipairs({'rows', 'invalid', 'duplicate', 'suppressed'}) do counts[name] = nil end
for name, count in pairs(counts) do
  if count ~= 0 then redis.call('HSET', KEYS[6], name, count) end
end
return 'lost'
