-- What pause, resume and cancel look at before they do anything. Where there is no campaign, or none
-- any more, the script that this goes before ends here.
--
-- PIECE  paused, phase, chapter, pending, answer, isOver
--
-- KEYS   1 campaign  2 counts  3 BullMQ's list of active jobs

local phase, paused, cancelled, chapter =
  unpack(redis.call('HMGET', KEYS[1], 'phase', 'paused', 'cancelled', 'chapter'), 1, 4)
if not phase then return {'unknown', 0, 0} end
if phase == 'forgotten' then return {'forgotten', 0, 0} end
chapter = tonumber(chapter or '1')
local pending = tonumber(redis.call('HGET', KEYS[2], 'pending') or '0')
local active = redis.call('LLEN', KEYS[3])

-- What was found or done, with the jobs that some worker holds and the recipients pending before.
local function answer(word) return {word, active, pending} end

local isOver = cancelled and tonumber(cancelled) >= chapter
