/**
 * What the ledger's scripts share: the text form of an entry (see `entry.ts`) and what a message counts as.
 * A message of n numbers is counted as a vector that sums to n. Source: docs/design.md, "Every row is accounted for".
 */
export const ENTRY_LUA = `
local function parse(text)
  local h = {s='p', c=1, q=0, u=0, f=0, k=nil, o=0, code='', due='', rec=''}
  if not text then return h end
  local cut = string.find(text, ';', 1, true)
  local head = string.sub(text, 1, cut - 1)
  h.rec = string.sub(text, cut + 1)
  if head == 'A' then
    h.s = 'a'; h.q = 1; h.u = 1
  elseif head == 'O' then
    h.s = 'o'; h.q = 1
  else
    local s, c, q, u, f, k, o, code, due =
      string.match(head, '^(%a),(%d*),(%d*),(%d*),(%d*),(%d*),(%d*),([^,]*),(%d*)$')
    h.s = string.lower(s); h.m = s ~= h.s
    h.c = tonumber(c); h.q = tonumber(q); h.u = tonumber(u); h.f = tonumber(f)
    h.k = tonumber(k); h.o = tonumber(o) or 0; h.code = code; h.due = due
  end
  return h
end

local function write(h)
  if h.c == 1 and h.q == 1 and h.f == 0 and h.o == 0 then
    if h.s == 'a' and h.u == 1 then return 'A;' .. h.rec end
    if h.s == 'o' and h.u == 0 and not h.k then return 'O;' .. h.rec end
  end
  return table.concat({h.m and string.upper(h.s) or h.s, h.c, h.q, h.u, h.f, h.k or '', h.o, h.code, h.due}, ',') .. ';' .. h.rec
end

local NAMES = {s='shortfall', r='rejected', x='exhausted', e='expired', c='cancelled', d='opted_out', g='lost'}

-- Adds sign times what the message counts as to the moves: nothing where its numbers have moved to other messages.
-- cancelled: the last chapter that was cancelled.
local function count(moves, h, n, sign, cancelled)
  if h.m then return end
  local function add(name, by)
    if by ~= 0 then moves[name] = (moves[name] or 0) + sign * by end
  end
  if h.s == 'p' or h.s == 'o' then
    if h.c <= cancelled then add('cancelled', n) else add('pending', n) end
    return
  end
  local left = n - h.o
  add('opted_out', h.o)
  if h.s == 'a' then
    add('accepted', left)
    return
  end
  if h.s == 'u' then
    add('unconfirmed', left)
  else
    local k = math.min(h.k or 0, left)
    add('accepted', k)
    left = left - k
    add(NAMES[h.s], left)
  end
  if h.code ~= '' then add('code:' .. h.code, left) end
end

local function move(key, moves)
  for name, by in pairs(moves) do
    if by ~= 0 and redis.call('HINCRBY', key, name, by) == 0 and string.sub(name, 1, 5) == 'code:' then
      redis.call('HDEL', key, name)
    end
  end
end

-- The run that made an attempt, and its letter.
local function run_of(rec) return string.sub(rec, 1, 4) end
local function letter_of(rec) return string.sub(rec, 5, 5) end
`;
