-- The close: writes attempts down, settles their messages and moves the campaign's counts, in one
-- step. It asks for no lock: what happened is written by whoever knows it. A verdict on an attempt
-- that was given up for lost settles an unconfirmed message to what really happened.
--
-- KEYS     1 ledger  2 counts  3 campaign  4 the job  5 gone  6 retired
-- ARGV     1 most attempts  2 1 to park, 0 to resend  3 how long a streak of refusals halts a campaign
--          that does not say it itself, or never  then three for each message:
--          index, numbers of the message, and what happened: "A;attempt" where its first attempt
--          went to all of them and was accepted for all, which is what its entry then becomes; else
--          "number,run,verdict,accepted,code,due,attempt"
--          verdict: a letter of an attempt but o, as in entry.lua; v never written; e expired; d
--          all opted out (these two: no attempt); q its reply, which was written down before, may
--          have been another request's
-- RETURNS  the letters of the messages' states afterwards
-- TWICE    a message is counted as what it is now less what it was before, and an attempt that is
--          known to have ended is not settled again
-- WITH     entry.lua folded.lua settle.lua halt.lua may-move.lua

local ledger = KEYS[1]
local cancelled, phase, foundGone, streak =
  unpack(redis.call('HMGET', KEYS[3], 'cancelled', 'phase', 'gone', 'refused_streak'), 1, 4)
cancelled = tonumber(cancelled or '0')
local total = (#ARGV - 3) / 3
recall(streak)

-- A close that is repeated after the job had ended, and its ledger had been folded into its return
-- value; one of a job that was removed for its age; or one that comes after the campaign was
-- forgotten, whose counts are final, or before it was released, which an older snapshot of Redis
-- may say: what is counted there would be counted without its rows.
local isOver = redis.call('EXISTS', ledger) == 0 and (redis.call('EXISTS', KEYS[4]) == 0 or isFolded(KEYS[4]))
if isOver or phase ~= 'released' then return string.rep('a', total) end

-- Of a job that was found gone, what was pending counts as lost, whatever was cancelled later; and
-- all that it counts as stands among the retired, too.
local isLost = false
if foundGone then
  local mark = redis.call('HGET', KEYS[5], string.match(KEYS[4], '[^:]*$')) or ''
  local found, before = string.match(mark, '^(%d+),(%d+)$')
  isLost = found and tonumber(found) <= tonumber(foundGone)
  if isLost then cancelled = tonumber(before) end
end

local moves, writes, removals, states = {}, {}, {}, {}
-- The entries as this call has left them, by field: one message may be named twice. false: it is
-- gone.
local now = {}

-- Writes an attempt that is not the last one of its message.
local function keep(place, attempt)
  writes[#writes + 1] = place
  writes[#writes + 1] = attempt
  changedAttempts[place] = attempt
end

-- What is told of a message, taken apart.
local function read(happened, numbers)
  if string.sub(happened, 1, 2) == 'A;' then
    local attempt = string.sub(happened, 3)
    return {
      number = 1, run = runOf(attempt), verdict = 'a', accepted = numbers, code = '', due = '', attempt = attempt
    }
  end
  local number, run, verdict, accepted, code, due, attempt =
    string.match(happened, '^(%d+),([^,]*),(%a),([^,]*),([^,]*),([^,]*),(.*)$')
  accepted = tonumber(accepted)
  -- A refusal may claim any count; one of 15 digits or more would be written in a way that cannot
  -- be read again.
  if accepted then accepted = math.min(accepted, numbers) end
  return {
    number = tonumber(number), run = run, verdict = verdict, accepted = accepted, code = code, due = due,
    attempt = attempt
  }
end

-- An attempt that is not the last one: its field, its text, and whether it stands under its number
-- alone. One whose opening Redis lost, so that another took its number, has its run's name behind
-- it.
local function find(entry, told)
  local place = entry.field .. '.' .. told.number
  local attempt = entry.number > told.number and redis.call('HGET', ledger, place)
  if attempt and runOf(attempt) == told.run then return place, attempt, true end
  place = place .. '.' .. told.run
  return place, redis.call('HGET', ledger, place), false
end

-- Takes back what an attempt came to, where that was sure. Returns whether it was.
local function takeBack(entry, told, isLast)
  local place = entry.field .. '.' .. told.number
  local attempt = isLast and entry.last or redis.call('HGET', ledger, place)
  if not attempt or runOf(attempt) ~= told.run then return false end
  local outcome = outcomeOf(attempt)
  if outcome == 'o' or isUnsure(outcome) then return false end
  if isLast then entry.last = told.attempt else keep(place, told.attempt) end
  doubt(entry, isLast)
  return true
end

-- The attempt under way was never written: it was never made. Returns whether nothing is left to be
-- said of its message.
local function unmake(entry)
  entry.state = 'p'; entry.number = entry.number - 1; entry.last = ''
  if entry.number == 0 and entry.chapter == 1 and not entry.accepted then return true end
  local before = entry.field .. '.' .. entry.number
  entry.last = redis.call('HGET', ledger, before) or ''
  removals[#removals + 1] = before
  changedAttempts[before] = false
  if entry.accepted then succeed(entry) elseif takenByRefusals(entry) > 0 then giveUp(entry, 'r') end
  return false
end

-- Settles a message that waits and is not sent any more. Returns whether it did.
local function settleUnsent(entry, state)
  if entry.state ~= 'p' or entry.chapter <= cancelled then return false end
  if entry.accepted then succeed(entry) else giveUp(entry, state) end
  return true
end

-- What is written of an attempt: what is told of it, or, of one that was never written and of which
-- no more is told, when it was opened.
local function textOf(told, before)
  if told.attempt ~= '' then return told.attempt end
  return runOf(before) .. told.verdict .. string.match(before, '^[^|]*', 6)
end

-- Changes the entry by what is told of an attempt that ended. Returns whether anything of it is
-- new.
local function hear(entry, told, isLast, wasSent)
  if isLast and entry.state == 'o' then
    settle(entry, told)
    return true
  end
  if wasSent and entry.number < told.number and (entry.state == 'p' or entry.state == 'o') then
    -- Redis lost the opening. What happened is written all the same.
    if entry.number > 0 then keep(entry.field .. '.' .. entry.number, entry.last) end
    settle(entry, told)
    return true
  end
  if told.verdict == 'l' then return false end
  if isLast then
    if outcomeOf(entry.last) ~= 'l' then return false end
    entry.last = textOf(told, entry.last)
    learn(entry, told, true, true)
    return true
  end
  local place, attempt, isKnown = find(entry, told)
  local isNews = attempt and outcomeOf(attempt) == 'l' or not attempt and wasSent
  if not isNews then return false end
  keep(place, textOf(told, attempt))
  learn(entry, told, isKnown, false)
  return true
end

local function writeDown(message, entry, isChanged, isGone)
  local field, numbers, state = entry.field, entry.numbers, entry.state
  local isSettled = state ~= 'p' and state ~= 'o'
  -- A replay takes nothing back: what an earlier chapter is known to have had accepted stays so.
  if isChanged and entry.chapter > 1 and not entry.isMoved and isSettled and state ~= 'a' then
    local before = tonumber(redis.call('HGET', ledger, field .. '@' .. entry.chapter) or '')
    if before then entry.accepted = math.max(entry.accepted or 0, before) end
  end
  if isChanged and not isGone and not entry.isMoved and not isAccepted(state) then
    entry.optedOut = optedOut(entry, numbers)
  end
  count(moves, entry, numbers, 1, cancelled)
  states[message] = state
  if isGone then
    now[field] = false
    removals[#removals + 1] = field
  elseif isChanged then
    now[field] = write(entry)
    writes[#writes + 1] = field
    writes[#writes + 1] = now[field]
  end
end

local function close(message, field, numbers, happened, text)
  local told, entry = read(happened, numbers), parse(text)
  entry.field, entry.numbers = field, numbers
  count(moves, entry, numbers, -1, cancelled)
  local before = entry.state
  local isLast = entry.number == told.number and runOf(entry.last) == told.run
  local isChanged, isGone = true, false
  local verdict = told.verdict
  if verdict == 'q' then
    isChanged = takeBack(entry, told, isLast)
  elseif verdict == 'e' or verdict == 'd' then
    isChanged = settleUnsent(entry, verdict)
  elseif verdict ~= 'v' then
    isChanged = hear(entry, told, isLast, true)
  elseif isLast and entry.state == 'o' then
    isGone = unmake(entry)
  else
    -- Given up for lost, and now it is known that nothing left: a failure that sent nothing.
    told.verdict = 'y'
    isChanged = hear(entry, told, isLast, false)
  end
  follow(before, entry)
  writeDown(message, entry, isChanged, isGone)
end

local fields = {}
for message = 1, total do fields[message] = ARGV[3 * message + 1] end
local entries = redis.call('HMGET', ledger, unpack(fields))

-- Nearly every close is of a first attempt that went to all numbers and was accepted for all of
-- them.
local plain, arePlain = 0, true
for message = 1, total do
  local field, numbers, happened = fields[message], tonumber(ARGV[3 * message + 2]), ARGV[3 * message + 3]
  local text = now[field]
  if text == nil then text = entries[message] end
  local opened = 'O;' .. string.sub(happened, 3, 6) .. 'o'
  local isPlain = text and cancelled == 0 and string.sub(happened, 1, 2) == 'A;'
    and string.sub(text, 1, 7) == opened and not string.find(text, '-', 8, true)
  if isPlain then
    plain = plain + numbers
    endStreak()
    states[message] = 'a'
    now[field] = happened
    writes[#writes + 1] = field
    writes[#writes + 1] = happened
  else
    arePlain = false
    close(message, field, numbers, happened, text)
  end
end
if plain > 0 then
  moves.pending = (moves.pending or 0) - plain
  moves.accepted = (moves.accepted or 0) + plain
end
-- What may be refused, for want of a right or of memory, comes first: nothing may be half done.
if next(moves) then mayMove(KEYS[2], arePlain) end
if #writes > 0 then redis.call('HSET', ledger, unpack(writes)) end
if #removals > 0 then redis.call('HDEL', ledger, unpack(removals)) end
if isLost then
  moves.lost, moves.pending = (moves.lost or 0) + (moves.pending or 0), nil
  move(KEYS[6], moves)
end
move(KEYS[2], moves)
keepStreak(streak)
halt()
return table.concat(states)
