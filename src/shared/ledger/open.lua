-- The gate: opens attempts for messages of one job, all in one step. Nothing may be sent but what
-- it let through.
--
-- KEYS     1 ledger  2 the job's lock  3 campaign  4 the job  5 where its origin stands: the
--          campaign, or of a notification its ledger
-- ARGV     1 lock token  2 least the lock must have left, ms  3 run  4 now, base 36
--          5 origin of who asks  6 its account  7 its reach: own, new or any
--          then two for each message: index, and number of the attempt with left-out as in entry.ts
--          behind it
-- RETURNS  the word that closes the gate for all ("lock", "closed", "paused", "cancelled", "early",
--          "origin", "unrecorded"), or a digit for each message: 1 (opened, also if this very call
--          had opened it before) or 0 (settled, or another attempt is open)
-- TWICE    an attempt that is open under this run and number is left as it is, and said to be open
-- WITH     entry.lua
-- GIVEN    BEGUN BEGUN_FIELD

if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 'lock' end
if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[2]) then return 'lock' end
-- A field that is not there costs a look through the whole hash: each is asked for only where it may be.
local isOwn = KEYS[5] == KEYS[1]
local asked = {'phase', 'paused', 'cancelled', 'start_at', not isOwn and 'origin' or nil}
local campaign = redis.call('HMGET', KEYS[3], unpack(asked))
if campaign[1] ~= 'released' then return 'closed' end
if campaign[2] == '1' then return 'paused' end
-- By Redis's clock, whatever a worker's own says.
if campaign[4] then
  local time = redis.call('TIME')
  if time[1] * 1000 + time[2] / 1000 < tonumber(campaign[4]) then return 'early' end
end
local cancelled = tonumber(campaign[3] or '0')

local fields = {}
for a = 8, #ARGV, 2 do fields[#fields + 1] = ARGV[a] end
local count = #fields
fields[count + 1] = BEGUN_FIELD
if isOwn then fields[count + 2] = 'origin' end
local entries = redis.call('HMGET', KEYS[1], unpack(fields))
fields[count + 1], fields[count + 2] = nil, nil
local origin = isOwn and entries[count + 2] or campaign[5]
if origin ~= ARGV[5] and ARGV[7] ~= 'any' and (origin or ARGV[7] ~= 'new') then return 'origin' end
-- The first opening of a job is noted in its ledger and in the job itself. Where only the job says
-- so, its ledger is gone, and nobody knows what of it was sent.
local name = not entries[count + 1] and redis.call('HGET', KEYS[4], 'name')
if name == BEGUN then return 'unrecorded' end
local opened, writes, refused = {}, {}, 0
local function open(message, field, number, leftOut)
  local entry = parse(entries[message])
  opened[message] = 0
  if entry.state == 'o' then
    if entry.number == number and runOf(entry.last) == ARGV[3] then opened[message] = 1 end
  elseif entry.state == 'p' and entry.number == number - 1 then
    if entry.chapter <= cancelled then
      refused = refused + 1
    else
      if entry.number > 0 then
        writes[#writes + 1] = field .. '.' .. entry.number
        writes[#writes + 1] = entry.last
      end
      entry.state = 'o'; entry.number = number; entry.due = ''
      entry.last = ARGV[3] .. 'o' .. ARGV[4] .. leftOut
      writes[#writes + 1] = field
      writes[#writes + 1] = write(entry)
      opened[message] = 1
    end
  end
end

-- Nearly every attempt is the first of its message, and goes to all of its numbers.
local first = 'O;' .. ARGV[3] .. 'o' .. ARGV[4]
for message, field in ipairs(fields) do
  local attempt = ARGV[7 + 2 * message]
  if not entries[message] and attempt == '1' and cancelled == 0 then
    writes[#writes + 1] = field
    writes[#writes + 1] = first
    opened[message] = 1
  else
    local number, leftOut = string.match(attempt, '^(%d+)(.*)$')
    open(message, field, tonumber(number), leftOut)
  end
end
if refused > 0 then return 'cancelled' end
if #writes == 0 then return table.concat(opened) end
if origin ~= ARGV[5] then
  if isOwn then
    writes[#writes + 1] = 'origin'
    writes[#writes + 1] = ARGV[5]
    writes[#writes + 1] = 'account'
    writes[#writes + 1] = ARGV[6]
  else
    redis.call('HSET', KEYS[5], 'origin', ARGV[5], 'account', ARGV[6])
  end
end
if name then
  redis.call('HSET', KEYS[1], BEGUN_FIELD, '1', unpack(writes))
  redis.call('HSET', KEYS[4], 'name', BEGUN)
else
  redis.call('HSET', KEYS[1], unpack(writes))
end
return table.concat(opened)
