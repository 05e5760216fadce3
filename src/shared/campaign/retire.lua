-- Removes a notification's job that has ended, with its ledger, and keeps what it counted as. A job
-- that was never counted in, for it was rejected outside the counts, leaves nothing behind.
--
-- KEYS     1 the job  2 its ledger  3 jobs  4 retired  5 completed  6 failed  7 sizes
-- ARGV     1 job id  2 the time, Unix ms, before which it must have ended
--          3 1 where its data are gone: then it has ended once nothing of it is pending
--          then the numbers of each message
-- RETURNS  1 if it was removed, else 0
-- TWICE    what is not among the jobs any more is not counted
-- WITH     ../ledger/entry.lua ../ledger/folded.lua
-- GIVEN    ACCEPTED_ENTRY BEGUN BEGUN_FIELD

local set = KEYS[5]
local ended = redis.call('ZSCORE', set, ARGV[1])
if not ended then
  set = KEYS[6]
  ended = redis.call('ZSCORE', set, ARGV[1])
end
local moves = {}
local isListed = redis.call('ZSCORE', KEYS[3], ARGV[1])
if ARGV[3] == '1' then
  if redis.call('HEXISTS', KEYS[1], 'data') == 1 then return 0 end
elseif not ended or tonumber(ended) >= tonumber(ARGV[2]) then return 0 end
if isListed then
  local isBegun = redis.call('HGET', KEYS[1], 'name') == BEGUN
  local isUnrecorded = isBegun and redis.call('HEXISTS', KEYS[2], BEGUN_FIELD) == 0
  -- What one that failed counts as its ledger would tell, which is gone.
  if isUnrecorded and set == KEYS[6] then return 0 end
  -- A pack without a ledger: it was folded, or is known to have been accepted by where it stands.
  local hasFolded = isUnrecorded or isFolded(KEYS[1])
  for a = 4, #ARGV do
    local numbers = tonumber(ARGV[a])
    local text = redis.call('HGET', KEYS[2], tostring(a - 4)) or hasFolded and ACCEPTED_ENTRY
    count(moves, parse(text), numbers, 1, 0)
    moves.recipients = (moves.recipients or 0) + numbers
  end
  if ARGV[3] == '1' and moves.pending then return 0 end
  move(KEYS[4], moves)
end
redis.call('ZREM', set, ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('HDEL', KEYS[7], ARGV[1])
redis.call('DEL', KEYS[1], KEYS[1] .. ':logs', KEYS[2])
return 1
