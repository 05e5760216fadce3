-- What an attempt's end makes of its message: the part of the close that changes an entry taken
-- apart, and writes nothing. told: what the close is told of the attempt, taken apart.
--
-- PIECE  isUnsure, isAccepted, takenByRefusals, succeed, giveUp, settle, learn, doubt
-- WITH   left-out.lua

local mostAttempts, park = tonumber(ARGV[1]), ARGV[2] == '1'

local function isUnsure(verdict) return verdict == 'u' or verdict == 'l' end
local function isAccepted(verdict) return verdict == 'a' or verdict == 's' end
-- EngageLab said to wait, or refused the credentials: no attempt is used up.
local function isFree(verdict) return verdict == 't' or verdict == 'n' end

-- How many numbers EngageLab took of a message although it refused it: the most that one of its
-- refusals says, however late that came.
local function takenByRefusals(entry)
  local most = 0
  local function look(attempt)
    if attempt == '' or outcomeOf(attempt) ~= 'r' then return end
    local said = tonumber(string.match(attempt, '^' .. string.rep('[^|]*|', 7) .. '(%d+)') or '')
    if said then most = math.max(most, math.min(said, entry.numbers)) end
  end
  look(entry.last)
  -- Nearly every message has only the one attempt.
  if entry.number > 1 or entry.unsure > 0 or entry.chapter > 1 then
    for _, attempt in ipairs(otherAttempts(entry)) do look(attempt) end
  end
  return most
end

local function succeed(entry)
  entry.state = 's'; entry.code = ''; entry.due = ''
  entry.accepted = math.max(entry.accepted, takenByRefusals(entry))
  entry.optedOut = leftOut(entry)
  if entry.accepted >= entry.numbers - entry.optedOut then
    entry.state = 'a'; entry.accepted = nil
  end
end

-- A message that is not to be tried again. An attempt that may have been sent outweighs what came
-- after it.
local function giveUp(entry, state)
  entry.state = entry.unsure > 0 and 'u' or state
  entry.due = ''
  if entry.state == 'u' then return end
  local taken = takenByRefusals(entry)
  if taken > 0 then entry.accepted = taken end
end

-- What a message is that failed for good: refused by its last attempt, or by any that some numbers
-- were accepted of.
local function failure(entry)
  return (outcomeOf(entry.last) == 'r' or takenByRefusals(entry) > 0) and 'r' or 'x'
end

-- Whether its job will be run again, or is being run. One that has ended will not.
local function canRun()
  local queue, id = string.match(KEYS[4], '^(.*:)([^:]*)$')
  return redis.call('HEXISTS', KEYS[4], 'data') == 1 and redis.call('HEXISTS', KEYS[5], id) == 0
    and not redis.call('ZSCORE', queue .. 'failed', id) and not redis.call('ZSCORE', queue .. 'completed', id)
end

-- The last attempt has ended.
local function settle(entry, told)
  local verdict = told.verdict
  entry.number, entry.last = told.number, told.attempt
  if isAccepted(verdict) then
    entry.used = entry.used + 1
    entry.accepted = math.max(told.accepted or 0, entry.accepted or 0)
    return succeed(entry)
  end
  if not isFree(verdict) then entry.used = entry.used + 1 end
  if isUnsure(verdict) then entry.unsure = entry.unsure + 1 end
  -- An earlier attempt, given up for lost, turned out to have been accepted.
  if entry.accepted then return succeed(entry) end
  entry.code = told.code
  if verdict == 'r' then
    giveUp(entry, 'r')
    if entry.state == 'r' then entry.accepted = entry.accepted or told.accepted end
  elseif isUnsure(verdict) and park then
    entry.state = 'u'
  elseif entry.used >= mostAttempts and not isFree(verdict) then
    giveUp(entry, failure(entry))
  elseif takenByRefusals(entry) > 0 then
    giveUp(entry, 'r')
  else
    entry.state = 'p'; entry.due = told.due
  end
end

-- All attempts of an unconfirmed message are known by now, and none was accepted. It waits for the
-- next one where it has any left and its job can still be run: else it is what its attempts say.
local function clear(entry, told, isLast)
  local state = failure(entry)
  if state == 'x' and entry.used < mostAttempts and canRun() then
    entry.state = 'p'; entry.due = isLast and told.due or ''
  else
    giveUp(entry, state)
    if isLast and state == 'r' then entry.accepted = entry.accepted or told.accepted end
  end
end

-- What became of an attempt that had been given up for lost (isKnown), or whose opening Redis had
-- lost. isLast: none came after it. Whatever order they are told in, it comes to the same.
local function learn(entry, told, isKnown, isLast)
  -- Its numbers are other messages' by now. The attempt is written down, and moves nothing.
  if entry.isMoved then return end
  local isSure = not isUnsure(told.verdict)
  if isKnown and isSure and entry.unsure > 0 then entry.unsure = entry.unsure - 1 end
  if not isKnown and not isSure then entry.unsure = entry.unsure + 1 end
  if isAccepted(told.verdict) then
    if entry.state == 'a' then
      -- It stays so. What it left out may have been in the other request.
      local left = leftOut(entry)
      if math.max(told.accepted or 0, entry.numbers - entry.optedOut) >= entry.numbers - left then
        entry.optedOut = left
      end
      return
    end
    entry.accepted = math.max(told.accepted or 0, entry.accepted or 0)
    if entry.state ~= 'o' then succeed(entry) end
    return
  end
  local state, isRefusal = entry.state, told.verdict == 'r' and (told.accepted or 0) > 0
  if state == 'a' or state == 'o' then return end
  if state == 's' then
    if isRefusal then succeed(entry) end
    return
  end
  if isLast then entry.code = told.code end
  if state == 'u' then
    if entry.unsure == 0 then clear(entry, told, isLast) end
  elseif state == 'p' then
    -- Refused in this chapter; or some have it, and nobody knows who.
    local isOver = isRefusal or told.verdict == 'r' and isLast and entry.used > 0
    if isOver then giveUp(entry, 'r') elseif not isSure and park then giveUp(entry, 'u') end
  else
    giveUp(entry, isRefusal and 'r' or state)
  end
end

-- What an attempt came to is in doubt: it counts as one that may have been sent, and as accepted
-- for nobody.
local function doubt(entry, isLast)
  if entry.isMoved then return end
  entry.unsure = entry.unsure + 1
  if isLast then entry.accepted = nil end
  -- One under way is settled by its own reply; one that waits is sent again only where that was
  -- asked for.
  local staysSo = entry.state == 'o' or entry.state == 'p' and not park or entry.state == 'a' and not isLast
  if staysSo then return end
  entry.state = 'u'; entry.code = 'no_reply'; entry.due = ''
end
