-- A campaign stops by itself where so many of its messages in a row were refused under one code, and
-- none was accepted between. The part of the close that follows the row, and pauses the campaign.
--
-- PIECE  recall, endRow, follow, keepRow, halt
-- WITH   settle.lua
--
-- KEYS   2 counts  3 campaign
-- ARGV   3 how long a row halts a campaign that does not say it itself, or never
--
-- The row stands on the campaign as `code,length`; no row, no field. `halt_past:<code>` is the last
-- chapter whose refusals under that code stop it no more: a resume has let them pass.

local rowCode, rowLength = '', 0
-- What the campaign is to be halted for: the code, and what EngageLab said.
local reason

local function recall(text)
  local code, length = string.match(text or '', '^([^,]*),(%d+)$')
  if code then rowCode, rowLength = code, tonumber(length) end
end

local function endRow() rowLength = 0 end

-- EngageLab's words stand last in an attempt, behind ten bars.
local WORDS = '^' .. string.rep('[^|]*|', 10) .. '(.*)$'

-- A message was in the state before, and is now as its entry says. One that stays what it was has
-- been counted.
local function follow(before, entry)
  local state, reached = entry.state, entry.accepted or 0
  if state == before then return end
  if state == 'a' or (state == 's' or state == 'r') and reached > 0 then return endRow() end
  if state ~= 'r' then return end
  local longest, past = unpack(redis.call('HMGET', KEYS[3], 'halt_after', 'halt_past:' .. entry.code), 1, 2)
  longest = tonumber(longest or ARGV[3])
  if not longest or entry.chapter <= tonumber(past or '0') then return endRow() end
  if entry.code ~= rowCode then rowCode, rowLength = entry.code, 0 end
  rowLength = rowLength + 1
  if rowLength >= longest then
    reason = entry.code .. ' ' .. (string.match(entry.last, WORDS) or '')
  end
end

-- Writes down the row, where it is another than the one that stands.
local function keepRow(standing)
  local row = rowLength > 0 and rowCode .. ',' .. rowLength
  if row == standing then return end
  if row then redis.call('HSET', KEYS[3], 'refused_row', row) else redis.call('HDEL', KEYS[3], 'refused_row') end
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
