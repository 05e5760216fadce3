/** What a replay's scripts share, behind what all of the ledger's do. */
import { ENTRY_LUA } from './lua.ts';

export const REPLAY_LUA = `${ENTRY_LUA}
-- A completed job holds its ledger in its return value.
local function restore(ledger, job)
  if redis.call('EXISTS', ledger) == 1 then return end
  local ok, value = pcall(cjson.decode, redis.call('HGET', job, 'returnvalue') or '')
  if not ok or type(value) ~= 'table' or type(value.results) ~= 'table' then return end
  for at, text in ipairs(value.results) do redis.call('HSET', ledger, at - 1, text) end
  if type(value.earlier) ~= 'table' then return end
  for field, text in pairs(value.earlier) do redis.call('HSET', ledger, field, text) end
end

local function head_of(text)
  return text and string.sub(text, 1, string.find(text, ';', 1, true) - 1) or ''
end
`;
