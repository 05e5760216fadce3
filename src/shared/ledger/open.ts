import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../redis/keys.ts';
import { Script } from '../redis/script.ts';
import { encodeLeftOut } from './entry.ts';
import { ENTRY_LUA } from './lua.ts';

/**
 * The gate. Nothing may be sent but what it let through.
 *
 * KEYS  1 ledger  2 the job's lock  3 campaign
 * ARGV  1 lock token  2 least the lock must have left, ms  3 run  4 now, base 36
 *       then two for each message: index, and number of the attempt with left-out as in entry.ts behind it
 * Returns the word that closes the gate for all ("lock", "closed", "paused", "cancelled", "early"), or a digit for each message:
 * 1 (opened, also if this very call had opened it before) or 0 (settled, or another attempt is open).
 */
const OPEN = new Script(`${ENTRY_LUA}
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 'lock' end
if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[2]) then return 'lock' end
local campaign = redis.call('HMGET', KEYS[3], 'phase', 'paused', 'cancelled', 'start_at')
if campaign[1] ~= 'released' then return 'closed' end
if campaign[2] == '1' then return 'paused' end
-- By Redis's clock, whatever a worker's own says.
if campaign[4] then
  local time = redis.call('TIME')
  if time[1] * 1000 + time[2] / 1000 < tonumber(campaign[4]) then return 'early' end
end
local cancelled = tonumber(campaign[3] or '0')

local fields = {}
for a = 5, #ARGV, 2 do fields[#fields + 1] = ARGV[a] end
local heads = redis.call('HMGET', KEYS[1], unpack(fields))
local opened, writes, refused = {}, {}, 0
local function open(m, field, number, left_out)
  local h = parse(heads[m])
  opened[m] = 0
  if h.s == 'o' then
    if h.q == number and run_of(h.rec) == ARGV[3] then opened[m] = 1 end
  elseif h.s == 'p' and h.q == number - 1 then
    if h.c <= cancelled then
      refused = refused + 1
    else
      if h.q > 0 then
        writes[#writes + 1] = field .. '.' .. h.q
        writes[#writes + 1] = h.rec
      end
      h.s = 'o'; h.q = number; h.due = ''
      h.rec = ARGV[3] .. 'o' .. ARGV[4] .. left_out
      writes[#writes + 1] = field
      writes[#writes + 1] = write(h)
      opened[m] = 1
    end
  end
end

-- Nearly every attempt is the first of its message, and goes to all of its numbers.
local first = 'O;' .. ARGV[3] .. 'o' .. ARGV[4]
for m, field in ipairs(fields) do
  local attempt = ARGV[4 + 2 * m]
  if not heads[m] and attempt == '1' and cancelled == 0 then
    writes[#writes + 1] = field
    writes[#writes + 1] = first
    opened[m] = 1
  else
    local number, left_out = string.match(attempt, '^(%d+)(.*)$')
    open(m, field, tonumber(number), left_out)
  end
end
if refused > 0 then return 'cancelled' end
if #writes > 0 then redis.call('HSET', KEYS[1], unpack(writes)) end
return table.concat(opened)
`);

export const GATE_CLOSED = ['lock', 'closed', 'paused', 'cancelled', 'early'] as const;
export type GateClosed = (typeof GATE_CLOSED)[number];

export interface Opening {
  index: number;
  /** The attempt's number: one more than were ever opened for the message. */
  number: number;
  /** The places in the message of numbers that have opted out, which its request leaves out. */
  leftOut?: readonly number[] | undefined;
}

/**
 * Opens attempts for messages of one job, all in one step.
 * @returns for each, whether it may be sent now; or why none may.
 */
export async function openAttempts(
  redis: Redis,
  keys: CampaignKeys,
  job: { jobId: string; token: string; run: string; leastLockMs: number },
  now: number,
  openings: readonly Opening[],
): Promise<boolean[] | GateClosed> {
  const values: (string | number)[] = [job.token, job.leastLockMs, job.run, now.toString(36)];
  for (const { index, number, leftOut } of openings) {
    values.push(index, `${number}${encodeLeftOut(leftOut)}`);
  }
  const reply = await OPEN.run(
    redis,
    [keys.ledger(job.jobId), keys.lock(job.jobId), keys.campaign],
    values,
  );
  if (typeof reply === 'string' && /^[01]+$/.test(reply))
    return [...reply].map((each) => each === '1');
  return GATE_CLOSED.find((word) => word === reply) ?? 'closed';
}
