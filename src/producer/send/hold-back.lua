-- Moves jobs that a canary holds back to BullMQ's delayed set, with a time that is years away, until
-- only the first to go are left to wait.
--
-- KEYS     1 BullMQ's waiting jobs, the first to go last  2 its delayed jobs
-- ARGV     1 jobs that stay  2 score  3 most to move
-- RETURNS  how many are left to move
-- TWICE    what was moved does not wait any more: the second time moves the next ones, or none

local left = redis.call('LLEN', KEYS[1]) - tonumber(ARGV[1])
if left <= 0 then return 0 end
local count = math.min(left, tonumber(ARGV[3]))
local ids = redis.call('LRANGE', KEYS[1], 0, count - 1)
for at, id in ipairs(ids) do redis.call('ZADD', KEYS[2], tonumber(ARGV[2]) + left - at, id) end
redis.call('LTRIM', KEYS[1], count, -1)
return left - count
