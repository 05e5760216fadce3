-- Resumes a campaign. One resume does one of two things: it takes off a pause, or, where nobody has
-- paused it and its canary is over, it sends the rest. Which of them was looked at before, and it
-- does no other: two people who resume at once, or a script that runs twice, would else take off
-- the pause with the first call and send everything with the second.
--
-- KEYS     1 campaign  2 counts  3 BullMQ's list of active jobs
-- ARGV     1 look, unpause or rest  2 how many recipients are expected to be pending, or ""
-- RETURNS  {"done"; after a look "unpause" or "rest", which is what a resume would do; or what kept it from
--          being done: "unknown", "forgotten", "cancelled", "changed" (others are pending), "paused" (meanwhile) or
--          "already"; jobs that some worker holds; recipients pending before; the code that it had halted for
--          and that this resume lets pass, or ""}
-- TWICE    what was taken off is off, and the other thing is not done in its place
-- WITH     look.lua

if isOver then return answer('cancelled') end
if ARGV[2] ~= '' and tonumber(ARGV[2]) ~= pending then return answer('changed') end
local what = 'already'
if paused == '1' then
  what = 'unpause'
elseif pending > 0 then
  local canary = tonumber(redis.call('HGET', KEYS[1], 'canary') or '')
  local recipients = tonumber(redis.call('HGET', KEYS[2], 'recipients') or '0')
  if canary and pending <= recipients - canary then what = 'rest' end
end
if ARGV[1] == 'look' then return answer(what) end
if ARGV[1] == 'rest' and what == 'unpause' then return answer('paused') end
if ARGV[1] ~= what then return answer('already') end
local passes = ''
if what == 'rest' then
  redis.call('HDEL', KEYS[1], 'canary')
else
  -- Whoever goes on after a halt has seen that code: no message that there is by now stops it again.
  local by, why = unpack(redis.call('HMGET', KEYS[1], 'paused_by', 'paused_why'), 1, 2)
  if by == 'halt' then
    passes = string.match(why, '^%S*')
    redis.call('HSET', KEYS[1], 'halt_past:' .. passes, chapter)
    redis.call('HDEL', KEYS[1], 'refused_streak')
  end
  redis.call('HDEL', KEYS[1], 'paused', 'paused_by', 'paused_at', 'paused_why')
end
local done = answer('done')
done[4] = passes
return done
