-- How many numbers of a message count as opted out: the rule of `left-out.ts`, in the scripts' own
-- words. KEYS[1] is the ledger, and an entry taken apart has its `field` in it.
--
-- PIECE  leftOut, optedOut, changedAttempts
-- WITH   entry.lua

-- Attempts, but the last ones, that this call changes: field -> text, or false where it goes. And
-- those it found.
local changedAttempts, foundAttempts = {}, nil

local function otherAttempts(entry)
  if not foundAttempts then
    foundAttempts = {}
    local all = redis.call('HGETALL', KEYS[1])
    for at = 1, #all, 2 do
      if string.find(all[at], '.', 1, true) then foundAttempts[all[at]] = all[at + 1] end
    end
  end
  local attempts, start = {}, entry.field .. '.'
  local function take(field, attempt)
    if attempt and string.sub(field, 1, #start) == start then attempts[#attempts + 1] = attempt end
  end
  for field, attempt in pairs(changedAttempts) do take(field, attempt) end
  for field, attempt in pairs(foundAttempts) do
    if changedAttempts[field] == nil then take(field, attempt) end
  end
  return attempts
end

-- Of these places (nil: of all) those that the attempt left out.
local function narrow(places, attempt)
  local kept = {}
  for place in string.gmatch(string.match(attempt, '^....%a%w*%-([%w.]+)') or '', '%w+') do
    if not places or places[place] then kept[place] = true end
  end
  return kept
end

-- How many numbers no attempt was sent to: of those that came to one of the outcomes, and of the
-- last one if it counts anyway.
local function neverSent(entry, outcomes, lastCounts)
  local places
  if lastCounts or (entry.last ~= '' and string.find(outcomes, outcomeOf(entry.last), 1, true)) then
    places = narrow(nil, entry.last)
    if next(places) == nil then return 0 end
  end
  if outcomes ~= '' then
    for _, attempt in ipairs(otherAttempts(entry)) do
      if string.find(outcomes, outcomeOf(attempt), 1, true) then places = narrow(places, attempt) end
    end
  end
  local size = 0
  for _ in pairs(places or {}) do size = size + 1 end
  return size
end

-- What an accepted message leaves out.
local function leftOut(entry) return neverSent(entry, 'as', false) end

-- What any other does.
local function optedOut(entry, numbers)
  if entry.state == 'd' then return numbers end
  if entry.state == 'p' or entry.state == 'o' then return 0 end
  return neverSent(entry, entry.unsure > 0 and 'ul' or '', true)
end
