-- Counts jobs that have one name, by which those of one `send` are told from another's.
--
-- KEYS     1 what BullMQ's keys of the queue begin with
-- ARGV     1 name of a job  then ids
-- RETURNS  how many of these jobs have that name
-- TWICE    it only reads

local count = 0
for at = 2, #ARGV do
  if redis.call('HGET', KEYS[1] .. ARGV[at], 'name') == ARGV[1] then count = count + 1 end
end
return count
