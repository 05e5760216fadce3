-- The text form of an entry, as `entry.ts` has it, and what a message counts as, in the scripts'
-- own words: `verify` recounts with `count.ts` what is counted here.
--
-- PIECE  parse, write, headOf, count, move, runOf, outcomeOf
--
-- An entry taken apart has the names of `entry.ts`: state, isMoved, chapter, number, used, unsure,
-- accepted (nil where nothing is known), optedOut, code, due; and `last`, the text of its last
-- attempt, '' where there is none.
--
-- The letters, as in `letters.ts`:
--   of a state    p pending  o open  a accepted  s shortfall  r rejected  x exhausted  u unconfirmed  e expired
--                 c cancelled  d opted out  g lost; in capitals where its numbers have moved to other messages
--   of an attempt o open  a accepted  s shortfall  y retry  t throttled  n unauthorized  r rejected  u unconfirmed
--                 l unconfirmed, for its worker was lost before it could tell

local function parse(text)
  local entry = {
    state = 'p', chapter = 1, number = 0, used = 0, unsure = 0, accepted = nil, optedOut = 0, code = '', due = '',
    last = ''
  }
  if not text then return entry end
  local cut = string.find(text, ';', 1, true)
  local head = string.sub(text, 1, cut - 1)
  entry.last = string.sub(text, cut + 1)
  if head == 'A' then
    entry.state = 'a'; entry.number = 1; entry.used = 1
  elseif head == 'O' then
    entry.state = 'o'; entry.number = 1
  else
    local state, chapter, number, used, unsure, accepted, optedOut, code, due =
      string.match(head, '^(%a),(%d*),(%d*),(%d*),(%d*),(%d*),(%d*),([^,]*),(%d*)$')
    entry.state = string.lower(state)
    entry.isMoved = state ~= entry.state
    entry.chapter = tonumber(chapter)
    entry.number = tonumber(number)
    entry.used = tonumber(used)
    entry.unsure = tonumber(unsure)
    entry.accepted = tonumber(accepted)
    entry.optedOut = tonumber(optedOut) or 0
    entry.code = code
    entry.due = due
  end
  return entry
end

local function write(entry)
  if entry.chapter == 1 and entry.number == 1 and entry.unsure == 0 and entry.optedOut == 0 then
    if entry.state == 'a' and entry.used == 1 then return 'A;' .. entry.last end
    if entry.state == 'o' and entry.used == 0 and not entry.accepted then return 'O;' .. entry.last end
  end
  local head = {
    entry.isMoved and string.upper(entry.state) or entry.state, entry.chapter, entry.number, entry.used, entry.unsure,
    entry.accepted or '', entry.optedOut, entry.code, entry.due
  }
  return table.concat(head, ',') .. ';' .. entry.last
end

local function headOf(text)
  return text and string.sub(text, 1, string.find(text, ';', 1, true) - 1) or ''
end

local STATES = {
  s = 'shortfall', r = 'rejected', x = 'exhausted', e = 'expired', c = 'cancelled', d = 'opted_out', g = 'lost'
}

-- Adds sign times what a message of so many numbers counts as to the moves: a vector that sums to
-- them, or nothing where they have moved to other messages. cancelled: the last chapter that was
-- cancelled.
local function count(moves, entry, numbers, sign, cancelled)
  if entry.isMoved then return end
  local function add(name, by)
    if by ~= 0 then moves[name] = (moves[name] or 0) + sign * by end
  end
  if entry.state == 'p' or entry.state == 'o' then
    if entry.chapter <= cancelled then add('cancelled', numbers) else add('pending', numbers) end
    return
  end
  local left = numbers - entry.optedOut
  add('opted_out', entry.optedOut)
  if entry.state == 'a' then
    add('accepted', left)
    return
  end
  if entry.state == 'u' then
    add('unconfirmed', left)
  else
    local accepted = math.min(entry.accepted or 0, left)
    add('accepted', accepted)
    left = left - accepted
    add(STATES[entry.state], left)
  end
  if entry.code ~= '' then add('code:' .. entry.code, left) end
end

-- Adds the moves to a hash of counts. A code that counts nothing any more goes.
local function move(key, moves)
  for name, by in pairs(moves) do
    if by ~= 0 and redis.call('HINCRBY', key, name, by) == 0 and string.sub(name, 1, 5) == 'code:' then
      redis.call('HDEL', key, name)
    end
  end
end

-- Of an attempt's text: the run that made it, and the letter of what it came to.
local function runOf(attempt) return string.sub(attempt, 1, 4) end
local function outcomeOf(attempt) return string.sub(attempt, 5, 5) end
