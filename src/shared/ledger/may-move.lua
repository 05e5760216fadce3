-- A step that writes an entry and moves counts must do both. A right that is taken away while
-- workers run would leave it half done, for Redis looks at the right of each command as it comes.
--
-- PIECE  mayMove

-- Fails where counts cannot be moved, and changes nothing: before anything else is written.
local function mayMove(counts)
  redis.call('HDEL', counts, '')
  redis.call('HINCRBY', counts, 'pending', 0)
end
