-- PIECE  isFolded
-- GIVEN  ALL_ACCEPTED

-- Of a job whose ledger is folded into its return value everybody has been texted.
local function isFolded(job) return redis.call('HGET', job, 'name') == ALL_ACCEPTED end
