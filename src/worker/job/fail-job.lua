-- Fails an active job by hand, as BullMQ would, with nothing of it read.
--
-- KEYS     1 active  2 stalled  3 failed  4 the job  5 its lock
-- ARGV     1 job id  2 now, Unix ms  3 reason
-- RETURNS  1 if it was active, else 0
-- TWICE    the second time it is not active any more

if redis.call('LREM', KEYS[1], 0, ARGV[1]) == 0 then return 0 end
redis.call('SREM', KEYS[2], ARGV[1])
redis.call('DEL', KEYS[5])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
redis.call('HSET', KEYS[4], 'failedReason', ARGV[3], 'finishedOn', ARGV[2])
return 1
