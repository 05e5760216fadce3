-- A campaign stops by itself where so many of its messages in a row were refused under one code, and
-- none was accepted between. The part of the close that follows the streak, and pauses the campaign.
--
-- PIECE  recall, endStreak, follow, keepStreak, halt
-- WITH   settle.lua
--
-- KEYS   2 counts  3 campaign
-- ARGV   3 how long a streak halts a campaign that does not say it itself, or never
--
-- The streak stands on the campaign as `code,length`; no streak, no field. `halt_past:<code>` is the last
-- chapter whose refusals under that code stop it no more: a resume has let them pass.

local streakCode, streakLength = '', 0
-- What the campaign is to be halted for: the code, and what EngageLab said.
local reason

local function recall(text)
  local code, length = string.match(text or '', '^([^,]*),(%d+)$')
  if code then streakCode, streakLength = code, tonumber(length) end
end

local function endStreak() streakLength = 0 end

-- EngageLab's words stand last in an attempt, behind ten bars.
local WORDS = '^' .. string.rep('[^|]*|', 10) .. '(.*)$'

-- What EngageLab cannot have written (as `worker/request/classify.ts` has it) stops the fleet, for
-- `far_end`: it says nothing of a campaign.
local ANOTHERS = {http_404 = true, http_405 = true, http_407 = true}
local function isAnothers(code) return ANOTHERS[code] or string.match(code, '^http_3%d%d$') end

-- A message was in the state before, and is now as its entry says. One that stays what it was has
-- been counted.
local function follow(before, entry)
  local state, reached = entry.state, entry.accepted or 0
  if state == before then return end
  if state == 'a' or (state == 's' or state == 'r') and reached > 0 then return endStreak() end
  if state ~= 'r' or isAnothers(entry.code) then return end
  local longest, past = unpack(redis.call('HMGET', KEYS[3], 'halt_after', 'halt_past:' .. entry.code), 1, 2)
  longest = tonumber(longest or ARGV[3])
  if not longest or entry.chapter <= tonumber(past or '0') then return endStreak() end
  if entry.code ~= streakCode then streakCode, streakLength = entry.code, 0 end
  streakLength = streakLength + 1
  if streakLength >= longest then
    reason = entry.code .. ' ' .. (string.match(entry.last, WORDS) or '')
  end
end

-- Writes down the streak, where it is another than the one that stands.
local function keepStreak(standing)
  local streak = streakLength > 0 and streakCode .. ',' .. streakLength
  if streak == standing then return end
  if streak then redis.call('HSET', KEYS[3], 'refused_streak', streak) else redis.call('HDEL', KEYS[3], 'refused_streak') end
end

-- After the counts were moved: with nothing pending the campaign is finished, and there is nothing to
-- stop. One that somebody has paused stays theirs; it halts at the next refusal after their resume.
local function halt()
  if not reason or redis.call('HEXISTS', KEYS[3], 'paused') == 1 then return end
  if tonumber(redis.call('HGET', KEYS[2], 'pending') or '0') <= 0 then return end
  local time = redis.call('TIME')
  local now = math.floor(time[1] * 1000 + time[2] / 1000)
  redis.call('HSET', KEYS[3], 'paused', '1', 'paused_by', 'halt', 'paused_at', now, 'paused_why', reason)
end
