/** What a replay's scripts share, behind what all of the ledger's do. */
import { ALL_ACCEPTED } from './fold.ts';
import { ENTRY_LUA } from './lua.ts';

export const REPLAY_LUA = `${ENTRY_LUA}
-- Of a job whose ledger is folded everybody has been texted.
local function is_folded(job) return redis.call('HGET', job, 'name') == '${ALL_ACCEPTED}' end

local function head_of(text)
  return text and string.sub(text, 1, string.find(text, ';', 1, true) - 1) or ''
end
`;
