-- Grants slots to send in, evenly spread over Redis's clock, for requests and recipients together:
-- a GCRA. One slot is one request, and takes as much of the recipients' time as its message has
-- numbers. What a slot took and did not use is given back while no other has been granted behind
-- it: later, the next ones would come on top of those.
--
-- KEYS     1 pacer  2 limits  3 valve  4 breaker
-- ARGV     1 fingerprint of the credentials  2 who asks  3 how far ahead slots are given, µs
--          4 how many of the messages are urgent  5 recipients sent beyond those charged since the
--          last time
--          6 recipients charged and not sent by slot  7 of this count  8 how long a probe may take,
--          µs
--          9 how long before a slot it is known at the earliest, µs  then the numbers of each
--          message
-- RETURNS  {"", or the lock while the valve is locked; wait µs; epoch; is a probe; 1 if the last
--          replies failed, and 2 more if EngageLab cannot have written them; now µs; whether
--          recipients are limited; count of slots granted, and of times given back, so far; slot µs
--          from now, …}
-- TWICE    it grants other slots, and those of the first time are not used: fewer are sent, never
--          more
-- GIVEN    DEFAULT_RATE FURTHEST_US

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local breaker = redis.call('HMGET', KEYS[4], 'epoch', 'failures', 'throttle', 'anothers')
local epoch, failures = tonumber(breaker[1] or '0'), tonumber(breaker[2] or '0')
local ill = ((failures > 0 or breaker[3]) and 1 or 0) + (breaker[4] and 2 or 0)
local probe = 0
local locks = redis.call('HGETALL', KEYS[3])
for l = 1, #locks, 2 do
  local reason, lock = locks[l], cjson.decode(locks[l + 1])
  local mine = string.sub(reason, 1, 13) ~= 'unauthorized:' or reason == 'unauthorized:' .. ARGV[1]
  local left = lock['until'] and lock['until'] * 1000 - now
  if mine and (not left or left > 0) then
    return {reason, math.min(left or 500000, 500000), epoch, 0, ill, now, 0, 0}
  end
  if reason == 'outage' then probe = l + 1 end
end

local limits = redis.call('HMGET', KEYS[2], 'rate', 'recipient_rate')
-- A little wider than the limit: a permit is used some time after its slot, never before it.
local interval = 1010000 / (tonumber(limits[1]) or DEFAULT_RATE)
local each = limits[2] and 1010000 / tonumber(limits[2]) or 0
local was = redis.call('HMGET', KEYS[1], 'requests', 'recipients', 'each', 'urgent_by', 'urgent_until', 'count')
local ahead, urgent = tonumber(ARGV[3]), tonumber(ARGV[4])
local requests = math.max(tonumber(was[1]) or 0, now + tonumber(ARGV[9]))
-- A raised limit holds soon, not when the old one's next slot has come; but what others were
-- granted stays theirs.
requests = math.min(requests, now + FURTHEST_US + interval)
local recipients = math.max(tonumber(was[2]) or 0, now)
local each_was = tonumber(was[3]) or 0
if each_was ~= each then
  -- What was sent ahead is owed in recipients, whatever time the new limit makes of them.
  recipients = each_was > 0 and now + (recipients - now) * each / each_was or now
end
local count = tonumber(was[6]) or 0
local unused = count == tonumber(ARGV[7]) and tonumber(ARGV[6]) or 0
-- Given back once, also where this call is carried out twice and grants nothing.
if unused > 0 then count = count + 1 end
recipients = math.max(recipients + (tonumber(ARGV[5]) - unused) * each, now)

local reply = {'', 0, epoch, 0, ill, now, each > 0 and 1 or 0, 0}
local until_urgent = tonumber(was[5]) or 0
if urgent == 0 and until_urgent > now and was[4] ~= ARGV[2] then
  reply[2] = math.max(2000, math.min(interval / 4, until_urgent - now))
  reply[2] = math.ceil(reply[2])
else
  for a = 10, #ARGV do
    local slot = math.max(requests, recipients)
    if slot - now > ahead then break end
    reply[#reply + 1] = math.floor(slot - now)
    requests = slot + interval
    recipients = math.max(recipients, slot) + tonumber(ARGV[a]) * each
    if probe > 0 then break end
  end
  local granted = #reply - 8
  count = count + granted
  if urgent > granted then
    -- Others let this process go first; if it dies, not for long.
    local by = math.max(requests, recipients) + 2 * ahead + 100000
    redis.call('HSET', KEYS[1], 'urgent_by', ARGV[2], 'urgent_until', string.format('%.0f', by))
  elseif was[4] == ARGV[2] then
    redis.call('HDEL', KEYS[1], 'urgent_by', 'urgent_until')
  end
  if probe > 0 and granted > 0 then
    -- One probe at a time. If whoever makes it dies, the next one goes when its lease is over.
    local lock = cjson.decode(locks[probe])
    lock['until'] = math.floor((now + tonumber(ARGV[8])) / 1000)
    redis.call('HSET', KEYS[3], 'outage', cjson.encode(lock))
    reply[4] = 1
  end
  reply[2] = math.max(0, math.ceil(math.max(requests, recipients) - now - ahead))
end
redis.call('HSET', KEYS[1], 'requests', string.format('%.3f', requests),
  'recipients', string.format('%.3f', recipients), 'each', string.format('%.17g', each), 'count', count)
reply[8] = count
return reply
