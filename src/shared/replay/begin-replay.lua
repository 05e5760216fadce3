-- Begins a replay: a chapter of its own, unless the same replay has begun one and not come to its
-- end.
--
-- KEYS     1 campaign  2 replays  3 counts
-- ARGV     1 what makes two replays the same  2 its record, JSON
-- RETURNS  {"closed"} while the campaign is not released, or {chapter, 1 if it had begun before}
-- TWICE    the second time the same replay has begun

local phase, chapter, cancelled =
  unpack(redis.call('HMGET', KEYS[1], 'phase', 'chapter', 'cancelled'))
if phase ~= 'released' then return {'closed'} end
local begun, what = string.match(redis.call('HGET', KEYS[2], 'open') or '', '^(%d+) (.*)$')
if what == ARGV[1] and tonumber(begun) > tonumber(cancelled or '0') then return {begun, 1} end
chapter = string.format('%d', tonumber(chapter or '1') + 1)
redis.call('HSET', KEYS[1], 'chapter', chapter)
-- A new chapter begins a new streak of refusals. Where a halt had come as the last messages were under
-- way, it stopped nothing, and is no reason to wait.
redis.call('HDEL', KEYS[1], 'refused_streak')
local isFinished = tonumber(redis.call('HGET', KEYS[3], 'pending') or '0') == 0
if isFinished and redis.call('HGET', KEYS[1], 'paused_by') == 'halt' then
  redis.call('HDEL', KEYS[1], 'paused', 'paused_by', 'paused_at', 'paused_why')
end
redis.call('HSET', KEYS[2], chapter, ARGV[2], 'open', chapter .. ' ' .. ARGV[1])
return {chapter, 0}
