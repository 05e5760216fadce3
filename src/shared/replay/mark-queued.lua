-- Takes jobs that are in their queue off what a replay still has to do. What another replay has
-- written since stays.
--
-- KEYS     1 replaying
-- ARGV     of each job 2: its id, and what stood there
-- RETURNS  1
-- TWICE    what is off is not there any more

for a = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[a]) == ARGV[a + 1] then redis.call('HDEL', KEYS[1], ARGV[a]) end
end
return 1
