/**
 * Which numbers of a message count as opted out: those that no attempt which matters was sent to. Those attempts are,
 * of an accepted message, all that were accepted; of any other, the last one and all that may have been sent. For a
 * number that was in such a request may have been texted, whatever it opted out of later.
 * The rule stands here twice on purpose: scripts count by the one, the audit names by the other.
 */
import type { Attempt, Entry } from './entry.ts';
import { isSettled } from './letters.ts';

/** Goes before the close, behind `ENTRY_LUA`. A head's `field` is that of its entry. */
export const LEFT_OUT_LUA = `
-- Attempts, but the last ones, that this call changes: field -> text, or false where it goes. And those it found.
local changed_attempts, found_attempts = {}, nil

local function other_attempts(h)
  if not found_attempts then
    found_attempts = {}
    local all = redis.call('HGETALL', KEYS[1])
    for at = 1, #all, 2 do
      if string.find(all[at], '.', 1, true) then found_attempts[all[at]] = all[at + 1] end
    end
  end
  local recs, start = {}, h.field .. '.'
  local function take(field, rec)
    if rec and string.sub(field, 1, #start) == start then recs[#recs + 1] = rec end
  end
  for field, rec in pairs(changed_attempts) do take(field, rec) end
  for field, rec in pairs(found_attempts) do
    if changed_attempts[field] == nil then take(field, rec) end
  end
  return recs
end

-- Of these places (nil: of all) those that the attempt left out.
local function narrow(places, rec)
  local kept = {}
  for place in string.gmatch(string.match(rec, '^....%a%w*%-([%w.]+)') or '', '%w+') do
    if not places or places[place] then kept[place] = true end
  end
  return kept
end

-- How many numbers no attempt was sent to: of those with one of the letters, and of the last one if it counts anyway.
local function never_sent(h, letters, last_counts)
  local places
  if last_counts or (h.rec ~= '' and string.find(letters, letter_of(h.rec), 1, true)) then
    places = narrow(nil, h.rec)
    if next(places) == nil then return 0 end
  end
  if letters ~= '' then
    for _, rec in ipairs(other_attempts(h)) do
      if string.find(letters, letter_of(rec), 1, true) then places = narrow(places, rec) end
    end
  end
  local size = 0
  for _ in pairs(places or {}) do size = size + 1 end
  return size
end

-- What an accepted message leaves out.
local function left_out(h) return never_sent(h, 'as', false) end

-- What any other of n numbers does.
local function opted_out(h, n)
  if h.s == 'd' then return n end
  if h.s == 'p' or h.s == 'o' then return 0 end
  return never_sent(h, h.f > 0 and 'ul' or '', true)
end
`;

/** The places in the message of the numbers that count as opted out. @param earlier all attempts but the last */
export function optedOutPlaces(
  { state, unsure, last }: Entry,
  earlier: readonly Attempt[],
  numbers: number,
): number[] {
  const all = Array.from({ length: numbers }, (_none, place) => place);
  if (state === 'opted_out') return all;
  if (!isSettled(state) || !last) return [];
  const isSent = state === 'accepted' || state === 'shortfall';
  const others = unsure > 0 ? earlier.filter(mayHaveBeenSent) : [];
  const deciding = isSent ? [...earlier, last].filter(wasAccepted) : [last, ...others];
  return all.filter((place) => deciding.every(({ leftOut }) => leftOut?.includes(place)));
}

function mayHaveBeenSent({ outcome }: Attempt): boolean {
  return outcome === 'unconfirmed' || outcome === 'worker_lost';
}

/** For all of its numbers, or some. */
export function wasAccepted({ outcome }: Attempt): boolean {
  return outcome === 'accepted' || outcome === 'shortfall';
}
