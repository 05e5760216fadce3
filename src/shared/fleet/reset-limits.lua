-- Back to what the environments of the workers said.
--
-- KEYS     1 limits
-- ARGV     none
-- RETURNS  1
-- TWICE    it writes the same

local rate, recipients = unpack(redis.call('HMGET', KEYS[1], 'offered_rate', 'offered_recipient_rate'))
redis.call('HDEL', KEYS[1], 'rate', 'recipient_rate', 'set_by')
if rate then redis.call('HSET', KEYS[1], 'rate', rate, 'set_by', 'environment') end
if recipients then redis.call('HSET', KEYS[1], 'recipient_rate', recipients, 'set_by', 'environment') end
return 1
