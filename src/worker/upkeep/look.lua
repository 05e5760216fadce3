-- What a look for lost jobs goes by. What a canary holds back is not gone, and nobody waits for it.
-- KEYS  1 gone  2 campaign  3 counts  4 replaying  5 what BullMQ's keys of the queue begin with
--
-- PIECE  cancelled, chapter, gone, goneBy, isOpen, queue, runnable, time, unlaid
-- GIVEN  HELD_SCORE

local fields = {'phase', 'paused', 'start_at', 'cancelled', 'chapter', 'gone', 'gone_by'}
local phase, paused, startAt, cancelled, chapter, gone, goneBy =
  unpack(redis.call('HMGET', KEYS[2], unpack(fields)), 1, 7)
local time = redis.call('TIME')
local isOpen = phase == 'released' and paused ~= '1'
  and tonumber(startAt or '0') <= time[1] * 1000 + time[2] / 1000
local queue = KEYS[5]
-- What another program has laid there, as the next job of a schedule, is none of its jobs. A long
-- list is not looked through.
local function countDelayed()
  local delayed = redis.call('ZRANGEBYSCORE', queue .. 'delayed', '-inf', '(' .. HELD_SCORE, 'LIMIT', 0, 101)
  if #delayed > 100 then return redis.call('ZCOUNT', queue .. 'delayed', '-inf', '(' .. HELD_SCORE) end
  local start, found = string.match(queue, '{(.*)}') .. '-', 0
  for _, id in ipairs(delayed) do
    if start == 'notifications-' or string.sub(id, 1, #start) == start then found = found + 1 end
  end
  return found
end
local runnable = redis.call('LLEN', queue .. 'wait') + redis.call('LLEN', queue .. 'active')
  + countDelayed() + redis.call('ZCARD', queue .. 'prioritized')
local unlaid = redis.call('HLEN', KEYS[4])
