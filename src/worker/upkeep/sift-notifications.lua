-- Finds notifications whose data are gone, and puts back those that BullMQ has nowhere. Its lists
-- are searched only where they are short, for each search goes through all of them.
--
-- KEYS     1 what BullMQ's keys of the queue begin with  2 what the keys of ledgers begin with
-- ARGV     ids of listed ones
-- RETURNS  {how many were put back, ids of those that are gone, ids of those that ended with their
--          message unsettled}
-- TWICE    what was put back is in a list the second time
-- WITH     ../../shared/ledger/folded.lua

local queue = KEYS[1]
local isShort = redis.call('LLEN', queue .. 'wait') + redis.call('LLEN', queue .. 'active') <= 1000
local back, lost, stuck = {}, {}, {}
for _, id in ipairs(ARGV) do
  local job = queue .. id
  local function is_in(name) return redis.call('ZSCORE', queue .. name, id) end
  if redis.call('HEXISTS', job, 'data') == 0 then
    lost[#lost + 1] = id
  elseif is_in('completed') or is_in('failed') then
    local entry = redis.call('HGET', KEYS[2] .. id, '0')
    local isOpen = not entry or string.find(entry, '^[Oop][;,]')
    if isOpen and not isFolded(job) then stuck[#stuck + 1] = id end
  elseif isShort and not is_in('delayed') and not is_in('prioritized')
    and redis.call('EXISTS', job .. ':lock') == 0
    and not redis.call('LPOS', queue .. 'wait', id) and not redis.call('LPOS', queue .. 'active', id) then
    back[#back + 1] = id
  end
end
if #back > 0 then redis.call('ZADD', queue .. 'marker', 0, '0') end
for _, id in ipairs(back) do redis.call('LPUSH', queue .. 'wait', id) end
return {#back, lost, stuck}
