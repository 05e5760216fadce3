-- Takes messages of one job into a chapter. No run may hold the job: one that does has read what is
-- settled, and might end the job without them. Whichever holds it next reads the ledger after this.
--
-- KEYS     1 ledger  2 counts  3 campaign  4 the job  5 its lock  6 failed  7 completed
--          8 replaying  9 gone
-- ARGV     1 job id  2 chapter  3 now, Unix ms  4 the job's not_after, Unix ms, or ""
--          then three for each message: index, numbers, head of its entry as it was chosen
-- RETURNS  the word that keeps it from all ("closed", "cancelled", "gone", "busy"), or for each
--          message 1 (taken, also by this very call before) or 0 (it has changed)
-- TWICE    what is in the chapter is not taken into it again
-- WITH     ../ledger/entry.lua ../ledger/folded.lua ../ledger/may-move.lua
-- GIVEN    REPLAYED

local phase, cancelled = unpack(redis.call('HMGET', KEYS[3], 'phase', 'cancelled'))
local chapter = tonumber(ARGV[2])
cancelled = tonumber(cancelled or '0')
if phase ~= 'released' then return 'closed' end
if chapter <= cancelled then return 'cancelled' end
if redis.call('HEXISTS', KEYS[4], 'data') == 0 then return 'gone' end
if redis.call('HEXISTS', KEYS[9], ARGV[1]) == 1 then return 'gone' end
if redis.call('EXISTS', KEYS[5]) == 1 then return 'busy' end
local hasFolded = isFolded(KEYS[4])
local taken, writes, moves, isChanged = {}, {REPLAYED, '1'}, {}, false

local function take(field, numbers, entry)
  count(moves, entry, numbers, -1, cancelled)
  -- One that waited for an earlier replay, and was cancelled, has its number there.
  local before = tonumber(redis.call('HGET', KEYS[1], field .. '@' .. entry.chapter) or '') or 0
  local accepted = math.max(entry.accepted or 0, before)
  writes[#writes + 1] = field .. '@' .. ARGV[2]
  writes[#writes + 1] = accepted > 0 and tostring(accepted) or ''
  entry.state = 'p'; entry.chapter = chapter; entry.used = 0; entry.accepted = nil; entry.optedOut = 0
  entry.code = ''; entry.due = ''
  count(moves, entry, numbers, 1, cancelled)
  writes[#writes + 1] = field
  writes[#writes + 1] = write(entry)
end

for a = 5, #ARGV, 3 do
  local field, numbers = ARGV[a], tonumber(ARGV[a + 1])
  local text = redis.call('HGET', KEYS[1], field)
  local entry = parse(text)
  if entry.chapter == chapter and not entry.isMoved then
    taken[#taken + 1] = 1
  elseif hasFolded or headOf(text) ~= ARGV[a + 2] then
    taken[#taken + 1] = 0
  else
    take(field, numbers, entry)
    taken[#taken + 1] = 1
    isChanged = true
  end
end
if not isChanged then return taken end
mayMove(KEYS[2])
redis.call('HSET', KEYS[8], ARGV[1], 'retry ' .. ARGV[2])
redis.call('HSET', KEYS[1], unpack(writes))
-- Where nobody runs it, it expires by a look, which may have been through this job already.
local notAfter, look = tonumber(ARGV[4]), tonumber(redis.call('HGET', KEYS[3], 'expiry_look') or '')
if notAfter and look and (look == 0 or notAfter < look) then redis.call('HSET', KEYS[3], 'expiry_look', ARGV[4]) end
if redis.call('ZSCORE', KEYS[7], ARGV[1]) then
  -- Only what failed is queued again.
  redis.call('ZADD', KEYS[6], ARGV[3], ARGV[1])
  redis.call('ZREM', KEYS[7], ARGV[1])
  redis.call('HDEL', KEYS[4], 'returnvalue')
  redis.call('HSET', KEYS[4], 'failedReason', 'replayed')
end
move(KEYS[2], moves)
return taken
