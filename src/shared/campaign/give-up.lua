-- Settles what is pending of a notification's job whose data or ledger are gone: `unconfirmed` where
-- it may have been sent, else `lost`. Its ledger keeps that, so that a late reply still moves it, and
-- nothing of it is ever sent.
--
-- KEYS     1 the job  2 its lock  3 its ledger  4 jobs  5 counts  6 completed  7 failed
-- ARGV     1 job id  2 gone (its data are), bad (they cannot be read) or unrecorded (its ledger is gone)
--          then the numbers of each message
-- RETURNS  {settled as lost, as unconfirmed}: 0 and 0 where it is there after all, or held
-- TWICE    the second time nothing is pending
-- WITH     ../ledger/entry.lua
-- GIVEN    BEGUN BEGUN_FIELD

local isUnrecorded = ARGV[2] == 'unrecorded'
-- Whoever says that its ledger is gone holds it.
if isUnrecorded then
  if redis.call('HEXISTS', KEYS[3], BEGUN_FIELD) == 1 then return {0, 0} end
elseif redis.call('EXISTS', KEYS[2]) == 1 then
  return {0, 0}
elseif ARGV[2] == 'gone' and redis.call('HEXISTS', KEYS[1], 'data') == 1 then
  return {0, 0}
end
if not redis.call('ZSCORE', KEYS[4], ARGV[1]) then return {0, 0} end
local moves, writes = {}, {BEGUN_FIELD, '1'}
for a = 3, #ARGV do
  local field, numbers = tostring(a - 3), tonumber(ARGV[a])
  local entry = parse(redis.call('HGET', KEYS[3], field))
  if entry.state == 'p' or entry.state == 'o' then
    count(moves, entry, numbers, -1, 0)
    if entry.state == 'o' then
      entry.last = runOf(entry.last) .. 'l' .. string.sub(entry.last, 6)
      entry.unsure = entry.unsure + 1; entry.code = 'no_reply'
    end
    if isUnrecorded then
      entry.unsure = entry.unsure + 1; entry.code = 'no_reply'
    end
    entry.state = entry.unsure > 0 and 'u' or 'g'; entry.due = ''
    count(moves, entry, numbers, 1, 0)
    writes[#writes + 1] = field
    writes[#writes + 1] = write(entry)
  end
end
-- It had been settled and counted, where its ledger is gone, too.
local hasEnded = redis.call('ZSCORE', KEYS[6], ARGV[1]) or redis.call('ZSCORE', KEYS[7], ARGV[1])
local mayBeBegun = ARGV[2] == 'gone' or redis.call('HGET', KEYS[1], 'name') == BEGUN
if hasEnded and mayBeBegun and redis.call('EXISTS', KEYS[3]) == 0 then return {0, 0} end
if (moves.pending or 0) + tonumber(redis.call('HGET', KEYS[5], 'pending') or '0') < 0 then return {0, 0} end
if #writes > 2 then redis.call('HSET', KEYS[3], unpack(writes)) end
move(KEYS[5], moves)
return {moves.lost or 0, moves.unconfirmed or 0}
