-- What an attempt's end makes of its message: the part of the close that changes an entry taken
-- apart, and writes nothing. told: what the close is told of the attempt, taken apart.
--
-- PIECE  isUnsure, isAccepted, succeed, giveUp, settle, learn, doubt
-- WITH   left-out.lua

local mostAttempts, park = tonumber(ARGV[1]), ARGV[2] == '1'

local function isUnsure(verdict) return verdict == 'u' or verdict == 'l' end
local function isAccepted(verdict) return verdict == 'a' or verdict == 's' end
-- EngageLab said to wait, or refused the credentials: no attempt is used up.
local function isFree(verdict) return verdict == 't' or verdict == 'n' end

local function succeed(entry)
  entry.state = 's'; entry.code = ''; entry.due = ''
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
    if entry.state == 'r' then entry.accepted = told.accepted end
  elseif isUnsure(verdict) and park then
    entry.state = 'u'
  elseif entry.used >= mostAttempts and not isFree(verdict) then
    giveUp(entry, 'x')
  else
    entry.state = 'p'; entry.due = told.due
  end
end

-- What became of an attempt that had been given up for lost (isKnown), or whose opening Redis had
-- lost. isLast: none came after it.
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
  elseif entry.state == 'u' and entry.unsure == 0 then
    entry.state = outcomeOf(entry.last) == 'r' and 'r' or 'x'
    if isLast then
      entry.code = told.code
      if told.verdict == 'r' then entry.accepted = told.accepted end
    end
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
