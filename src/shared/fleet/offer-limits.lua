-- Writes down what a worker's environment says; it holds unless an operator has spoken, and again
-- after a reset.
--
-- KEYS     1 limits
-- ARGV     1 rate or ""  2 recipients or ""
-- RETURNS  1 if it holds now, 0 where an operator's word does
-- TWICE    it writes the same

if ARGV[1] ~= '' then redis.call('HSET', KEYS[1], 'offered_rate', ARGV[1]) end
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'offered_recipient_rate', ARGV[2]) end
if redis.call('HGET', KEYS[1], 'set_by') == 'operator' then return 0 end
if ARGV[1] ~= '' then redis.call('HSET', KEYS[1], 'rate', ARGV[1], 'set_by', 'environment') end
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'recipient_rate', ARGV[2], 'set_by', 'environment') end
return 1
