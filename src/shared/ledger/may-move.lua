-- A step that writes an entry and moves counts must do both. A right that is taken away while
-- workers run would leave it half done, for Redis looks at the right of each command as it comes.
--
-- PIECE  mayMove

-- Fails where counts cannot be moved, and changes nothing: before anything else is written. isPlain:
-- nothing is removed, neither a code that counts nothing any more nor an attempt.
local function mayMove(counts, isPlain)
  if not isPlain then redis.call('HDEL', counts, '') end
  redis.call('HINCRBY', counts, 'pending', 0)
end
