import type { Redis } from 'ioredis';
import { VolleyError } from '../errors.ts';
import type { CampaignKeys } from '../redis/keys.ts';
import { Script } from '../redis/script.ts';
import { encodeFirstAccepted } from './entry.ts';
import { ALL_ACCEPTED } from './fold.ts';
import { LEFT_OUT_LUA } from './left-out.ts';
import {
  type ClosingVerdict,
  type EntryState,
  statesOfLetters,
  VERDICT_LETTERS,
} from './letters.ts';
import { ENTRY_LUA } from './lua.ts';

/**
 * The close: writes attempts down, settles their messages and moves the campaign's counts, in one step.
 * It asks for no lock: what happened is written by whoever knows it, and what is already known is not counted
 * twice. A verdict on an attempt that was given up for lost settles an unconfirmed message to what really happened.
 *
 * KEYS  1 ledger  2 counts  3 campaign  4 the job  5 gone  6 retired
 * ARGV  1 most attempts  2 1 to park, 0 to resend  then three for each message:
 *       index, numbers of the message, and what happened: "A;attempt" where its first attempt went to all of them and
 *       was accepted for all, which is what its entry then becomes; else "number,run,verdict,accepted,code,due,attempt"
 *       verdict: a s r u l y t n as in entry.ts; v never written; e expired; d all opted out (these two: no attempt);
 *       q its reply, which was written down before, may have been another request's
 * Returns the letters of the messages' states afterwards.
 */
const CLOSE = new Script(`${ENTRY_LUA}${LEFT_OUT_LUA}
local most, park = tonumber(ARGV[1]), ARGV[2] == '1'
local campaign = redis.call('HMGET', KEYS[3], 'cancelled', 'phase', 'gone')
local cancelled = tonumber(campaign[1] or '0')
local ledger = KEYS[1]

local function succeed(h, n)
  h.s = 's'; h.code = ''; h.due = ''
  h.o = left_out(h)
  if h.k >= n - h.o then
    h.s = 'a'; h.k = nil
  end
end

-- A message that is not to be tried again. An attempt that may have been sent outweighs what came after it.
local function give_up(h, letter)
  h.s = h.f > 0 and 'u' or letter
  h.due = ''
end

local function settle(h, verdict, n, k, code, due)
  if verdict == 'a' or verdict == 's' then
    h.u = h.u + 1
    h.k = math.max(k or 0, h.k or 0)
    return succeed(h, n)
  end
  if verdict ~= 't' and verdict ~= 'n' then h.u = h.u + 1 end
  if verdict == 'u' or verdict == 'l' then h.f = h.f + 1 end
  -- An earlier attempt, given up for lost, turned out to have been accepted.
  if h.k then return succeed(h, n) end
  h.code = code
  if verdict == 'r' then
    give_up(h, 'r')
    if h.s == 'r' then h.k = k end
  elseif (verdict == 'u' or verdict == 'l') and park then
    h.s = 'u'
  elseif h.u >= most and verdict ~= 't' and verdict ~= 'n' then
    give_up(h, 'x')
  else
    h.s = 'p'; h.due = due
  end
end

-- What became of an attempt that had been given up for lost, or whose opening Redis had lost. last: none came after it.
local function learn(h, verdict, n, k, code, known, last)
  -- Its numbers are other messages' by now. The attempt is written down, and moves nothing.
  if h.m then return end
  local sure = verdict ~= 'u' and verdict ~= 'l'
  if known and sure and h.f > 0 then h.f = h.f - 1 end
  if not known and not sure then h.f = h.f + 1 end
  if verdict == 'a' or verdict == 's' then
    if h.s == 'a' then
      -- It stays so. What it left out may have been in the other request.
      local o = left_out(h)
      if math.max(k or 0, n - h.o) >= n - o then h.o = o end
      return
    end
    h.k = math.max(k or 0, h.k or 0)
    if h.s ~= 'o' then succeed(h, n) end
  elseif h.s == 'u' and h.f == 0 then
    h.s = letter_of(h.rec) == 'r' and 'r' or 'x'
    if last then
      h.code = code
      if verdict == 'r' then h.k = k end
    end
  end
end

-- What an attempt came to is in doubt: it counts as one that may have been sent, and as accepted for nobody.
-- last: none came after it.
local function doubt(h, last)
  if h.m then return end
  h.f = h.f + 1
  if last then h.k = nil end
  -- One under way is settled by its own reply; one that waits is sent again only where that was asked for.
  if h.s == 'o' or h.s == 'p' and not park or h.s == 'a' and not last then return end
  h.s = 'u'; h.code = 'no_reply'; h.due = ''
end

-- A close that is repeated after the job had ended, and its ledger had been folded into its return value; one of a job
-- that was removed for its age; or one that comes after the campaign was forgotten, whose counts are final, or before it
-- was released, which an older snapshot of Redis may say: what is counted there would be counted without its rows.
local isGone = redis.call('EXISTS', ledger) == 0
  and (redis.call('EXISTS', KEYS[4]) == 0 or redis.call('HGET', KEYS[4], 'name') == '${ALL_ACCEPTED}')
if isGone or campaign[2] ~= 'released' then
  return string.rep('a', (#ARGV - 2) / 3)
end

-- Of a job that was found gone, what was pending counts as lost, whatever was cancelled later; and all that it counts as
-- stands among the retired, too.
local isLost = false
if campaign[3] then
  local mark = redis.call('HGET', KEYS[5], string.match(KEYS[4], '[^:]*$')) or ''
  local found, before = string.match(mark, '^(%d+),(%d+)$')
  isLost = found and tonumber(found) <= tonumber(campaign[3])
  if isLost then cancelled = tonumber(before) end
end

local fields, total = {}, (#ARGV - 2) / 3
for m = 1, total do fields[m] = ARGV[3 * m] end
local heads = redis.call('HMGET', ledger, unpack(fields))
local moves, writes, removals, states, now = {}, {}, {}, {}, {}
local function keep(place, rec)
  writes[#writes + 1] = place
  writes[#writes + 1] = rec
  changed_attempts[place] = rec
end
local function close(m, field, n, happened, text)
  local number, run, verdict, k, code, due, rec
  if string.sub(happened, 1, 2) == 'A;' then
    rec = string.sub(happened, 3)
    number, run, verdict, k, code, due = 1, run_of(rec), 'a', n, '', ''
  else
    number, run, verdict, k, code, due, rec = string.match(happened, '^(%d+),([^,]*),(%a),([^,]*),([^,]*),([^,]*),(.*)$')
    number, k = tonumber(number), tonumber(k)
    -- A refusal may claim any count; one of 15 digits or more would be written in a way that cannot be read again.
    if k then k = math.min(k, n) end
  end
  local h = parse(text)
  h.field = field
  local changed, gone = true, false
  count(moves, h, n, -1, cancelled)
  local mine = h.q == number and run_of(h.rec) == run
  local wasSent = true
  if verdict == 'v' and not (mine and h.s == 'o') then
    -- Given up for lost, and now it is known that nothing left: a failure that sent nothing, if there is a text of it.
    verdict = rec == '' and 'l' or 'y'; wasSent = false
  end
  if verdict == 'q' then
    local place = field .. '.' .. number
    local old = mine and h.rec or redis.call('HGET', ledger, place)
    local letter = old and run_of(old) == run and letter_of(old)
    changed = letter and letter ~= 'o' and letter ~= 'u' and letter ~= 'l'
    if changed then
      if mine then h.rec = rec else keep(place, rec) end
      doubt(h, mine)
    end
  elseif verdict == 'e' or verdict == 'd' then
    changed = h.s == 'p' and h.c > cancelled
    if changed then
      if h.k then
        succeed(h, n)
      else
        give_up(h, verdict)
      end
    end
  elseif verdict == 'v' then
    h.s = 'p'; h.q = number - 1; h.rec = ''
    if h.q == 0 and h.c == 1 and not h.k then
      gone = true
    else
      local before = field .. '.' .. h.q
      h.rec = redis.call('HGET', ledger, before) or ''
      removals[#removals + 1] = before
      changed_attempts[before] = false
      if h.k then succeed(h, n) end
    end
  elseif mine and h.s == 'o' then
    h.rec = rec
    settle(h, verdict, n, k, code, due)
  elseif wasSent and h.q < number and (h.s == 'p' or h.s == 'o') then
    -- Redis lost the opening. What happened is written all the same.
    if h.q > 0 then keep(field .. '.' .. h.q, h.rec) end
    h.q = number; h.rec = rec
    settle(h, verdict, n, k, code, due)
  elseif mine then
    changed = letter_of(h.rec) == 'l' and verdict ~= 'l'
    if changed then
      h.rec = rec
      learn(h, verdict, n, k, code, true, true)
    end
  else
    -- An older attempt; or one whose opening Redis lost, so that another took its number.
    local place = field .. '.' .. number
    local old = h.q > number and redis.call('HGET', ledger, place)
    local known = old and run_of(old) == run
    if not known then
      place = place .. '.' .. run
      old = redis.call('HGET', ledger, place)
    end
    changed = verdict ~= 'l' and (old and letter_of(old) == 'l' or not old and wasSent)
    if changed then
      keep(place, rec)
      learn(h, verdict, n, k, code, known, false)
    end
  end
  -- A replay takes nothing back: what an earlier chapter is known to have had accepted stays so.
  if changed and h.c > 1 and not h.m and h.s ~= 'p' and h.s ~= 'o' and h.s ~= 'a' then
    local before = tonumber(redis.call('HGET', ledger, field .. '@' .. h.c) or '')
    if before then h.k = math.max(h.k or 0, before) end
  end
  if changed and not gone and not h.m and h.s ~= 'a' and h.s ~= 's' then h.o = opted_out(h, n) end
  count(moves, h, n, 1, cancelled)
  states[m] = h.s
  if gone then
    now[field] = false
    removals[#removals + 1] = field
  elseif changed then
    now[field] = write(h)
    writes[#writes + 1] = field
    writes[#writes + 1] = now[field]
  end
end

-- Nearly every close is of a first attempt that went to all numbers and was accepted for all of them.
local plain = 0
for m = 1, total do
  local field, n, happened = fields[m], tonumber(ARGV[3 * m + 1]), ARGV[3 * m + 2]
  local text = now[field]
  if text == nil then text = heads[m] end
  local opened = 'O;' .. string.sub(happened, 3, 6) .. 'o'
  local isPlain = text and cancelled == 0 and string.sub(happened, 1, 2) == 'A;'
    and string.sub(text, 1, 7) == opened and not string.find(text, '-', 8, true)
  if isPlain then
    plain = plain + n
    states[m] = 'a'
    now[field] = happened
    writes[#writes + 1] = field
    writes[#writes + 1] = happened
  else
    close(m, field, n, happened, text)
  end
end
if plain > 0 then
  moves.pending = (moves.pending or 0) - plain
  moves.accepted = (moves.accepted or 0) + plain
end
-- What may be refused for want of memory comes first: nothing may be half done.
if #writes > 0 then redis.call('HSET', ledger, unpack(writes)) end
if #removals > 0 then redis.call('HDEL', ledger, unpack(removals)) end
if isLost then
  moves.lost, moves.pending = (moves.lost or 0) + (moves.pending or 0), nil
  move(KEYS[6], moves)
end
move(KEYS[2], moves)
return table.concat(states)
`);

export interface Closing {
  index: number;
  number: number;
  run: string;
  verdict: ClosingVerdict | 'doubtful';
  /** How many numbers the message has. */
  numbers: number;
  /** `accepted_count`, where EngageLab gave one. */
  accepted?: number | undefined;
  /** What the campaign counts the recipients under if they are not accepted. */
  code?: string | undefined;
  /** Unix ms before which it is not tried again. */
  due?: number | undefined;
  /** The attempt's text, as `encodeAttempt` makes it. */
  attempt?: string | undefined;
}

export interface ClosingRules {
  attempts: number;
  park: boolean;
}

/** @returns each message's state afterwards, in the order given. */
export async function closeAttempts(
  redis: Redis,
  keys: CampaignKeys,
  jobId: string,
  rules: ClosingRules,
  closings: readonly Closing[],
): Promise<EntryState[]> {
  const values: (string | number)[] = [rules.attempts, rules.park ? 1 : 0];
  for (const each of closings) values.push(each.index, each.numbers, happened(each));
  const reply = await CLOSE.run(
    redis,
    [keys.ledger(jobId), keys.counts, keys.campaign, keys.job(jobId), keys.gone, keys.retired],
    values,
  );
  const states = statesOfLetters(reply);
  if (states?.length === closings.length) return states;
  throw new VolleyError('corrupt', `job ${jobId}: the ledger answered ${JSON.stringify(reply)}`);
}

function happened(closing: Closing): string {
  const { number, run, verdict, numbers, accepted, code = '', due = '', attempt = '' } = closing;
  const isPlain = verdict === 'accepted' && number === 1 && accepted === numbers;
  const entry = isPlain ? encodeFirstAccepted(run, attempt) : undefined;
  if (entry !== undefined) return entry;
  const letter = VERDICT_LETTERS[verdict];
  return `${number},${run},${letter},${accepted ?? ''},${code},${due},${attempt}`;
}
