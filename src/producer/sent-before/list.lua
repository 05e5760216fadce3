-- Lists a `send` among those of its template, and says who was listed before it. Right before the
-- release: of two that race with the same people, one at least sees the other.
--
-- KEYS     1 those of the template
-- ARGV     1 the `send`  2 now, Unix ms  3 ms that the list is kept  4 most that are on it: the newest
-- RETURNS  those that were listed before it, the newest last
-- TWICE    it keeps its place, and is told of the same ones

-- Later than all that are there, also where a clock was set back.
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
local score = math.max(tonumber(ARGV[2]), last and tonumber(last) + 1 or 0)
redis.call('ZADD', KEYS[1], 'NX', string.format('%.0f', score), ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -tonumber(ARGV[4]) - 1)
local rank = redis.call('ZRANK', KEYS[1], ARGV[1])
if not rank or rank == 0 then return {} end
return redis.call('ZRANGE', KEYS[1], 0, rank - 1)
