import type { Redis } from 'ioredis';
import { DEFAULT_RATE } from '../../shared/fleet/limits.ts';
import type { FleetKeys } from '../../shared/redis/keys.ts';
import { Script } from '../../shared/redis/script.ts';

/** Slots are taken no further ahead than this, once they are known, so that a notification does not wait behind a campaign's. */
const AHEAD_US = 20_000;
/** How long the fleet waits for a probe whose process may have died. */
const PROBE_US = 10_000_000;
/** An answer that takes longer is of no use: its slots are over. */
export const LONGEST_LEAD_MS = 250;
const FURTHEST_US = AHEAD_US + LONGEST_LEAD_MS * 1000;

/**
 * Grants slots to send in, evenly spread over Redis's clock, for requests and recipients together: a GCRA. One slot is
 * one request, and takes as much of the recipients' time as its message has numbers. What a slot took and did not use is
 * given back while no other has been granted behind it: later, the next ones would come on top of those.
 *
 * KEYS  1 pacer  2 limits  3 valve  4 breaker
 * ARGV  1 fingerprint of the credentials  2 who asks  3 how far ahead slots are given, µs
 *       4 how many of the messages are urgent  5 recipients sent beyond those charged since the last time
 *       6 recipients charged and not sent by slot  7 of this count  8 how long a probe may take, µs
 *       9 how long before a slot it is known at the earliest, µs  then the numbers of each message
 * Returns {"", or the lock while the valve is locked; wait µs; epoch; is a probe; 1 if the last replies failed; now µs;
 *         whether recipients are limited; count of slots granted, and of times given back, so far; slot µs from now, …}
 */
const GRANT = new Script(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local breaker = redis.call('HMGET', KEYS[4], 'epoch', 'failures', 'throttle')
local epoch, failures = tonumber(breaker[1] or '0'), tonumber(breaker[2] or '0')
local ill = (failures > 0 or breaker[3]) and 1 or 0
local probe = 0
local locks = redis.call('HGETALL', KEYS[3])
for l = 1, #locks, 2 do
  local reason, lock = locks[l], cjson.decode(locks[l + 1])
  local mine = string.sub(reason, 1, 13) ~= 'unauthorized:' or reason == 'unauthorized:' .. ARGV[1]
  local left = lock['until'] and lock['until'] * 1000 - now
  if mine and (not left or left > 0) then
    return {reason, math.min(left or 500000, 500000), epoch, 0, ill, now, 0, 0}
  end
  if reason == 'outage' then probe = l + 1 end
end

local limits = redis.call('HMGET', KEYS[2], 'rate', 'recipient_rate')
-- A little wider than the limit: a permit is used some time after its slot, never before it.
local interval = 1010000 / (tonumber(limits[1]) or ${DEFAULT_RATE})
local each = limits[2] and 1010000 / tonumber(limits[2]) or 0
local was = redis.call('HMGET', KEYS[1], 'requests', 'recipients', 'each', 'urgent_by', 'urgent_until', 'count')
local ahead, urgent = tonumber(ARGV[3]), tonumber(ARGV[4])
local requests = math.max(tonumber(was[1]) or 0, now + tonumber(ARGV[9]))
-- A raised limit holds soon, not when the old one's next slot has come; but what others were granted stays theirs.
requests = math.min(requests, now + ${FURTHEST_US} + interval)
local recipients = math.max(tonumber(was[2]) or 0, now)
local each_was = tonumber(was[3]) or 0
if each_was ~= each then
  -- What was sent ahead is owed in recipients, whatever time the new limit makes of them.
  recipients = each_was > 0 and now + (recipients - now) * each / each_was or now
end
local count = tonumber(was[6]) or 0
local unused = count == tonumber(ARGV[7]) and tonumber(ARGV[6]) or 0
-- Given back once, also where this call is carried out twice and grants nothing.
if unused > 0 then count = count + 1 end
recipients = math.max(recipients + (tonumber(ARGV[5]) - unused) * each, now)

local reply = {'', 0, epoch, 0, ill, now, each > 0 and 1 or 0, 0}
local until_urgent = tonumber(was[5]) or 0
if urgent == 0 and until_urgent > now and was[4] ~= ARGV[2] then
  reply[2] = math.max(2000, math.min(interval / 4, until_urgent - now))
  reply[2] = math.ceil(reply[2])
else
  for a = 10, #ARGV do
    local slot = math.max(requests, recipients)
    if slot - now > ahead then break end
    reply[#reply + 1] = math.floor(slot - now)
    requests = slot + interval
    recipients = math.max(recipients, slot) + tonumber(ARGV[a]) * each
    if probe > 0 then break end
  end
  local granted = #reply - 8
  count = count + granted
  if urgent > granted then
    -- Others let this process go first; if it dies, not for long.
    local by = math.max(requests, recipients) + 2 * ahead + 100000
    redis.call('HSET', KEYS[1], 'urgent_by', ARGV[2], 'urgent_until', string.format('%.0f', by))
  elseif was[4] == ARGV[2] then
    redis.call('HDEL', KEYS[1], 'urgent_by', 'urgent_until')
  end
  if probe > 0 and granted > 0 then
    -- One probe at a time. If whoever makes it dies, the next one goes when its lease is over.
    local lock = cjson.decode(locks[probe])
    lock['until'] = math.floor((now + tonumber(ARGV[8])) / 1000)
    redis.call('HSET', KEYS[3], 'outage', cjson.encode(lock))
    reply[4] = 1
  end
  reply[2] = math.max(0, math.ceil(math.max(requests, recipients) - now - ahead))
end
redis.call('HSET', KEYS[1], 'requests', string.format('%.3f', requests),
  'recipients', string.format('%.3f', recipients), 'each', string.format('%.17g', each), 'count', count)
reply[8] = count
return reply
`);

export interface Asking {
  /** Of this worker's credentials. */
  fingerprint: string;
  /** This process, to the others. */
  worker: string;
  /** How many of the waiting messages are urgent; they come first in `numbers`. */
  urgent: number;
  /** Recipients sent since the last time beyond what was charged. */
  owed: number;
  /** Of the last slot that was charged with more than was sent: how many, and its count. */
  unused?: Unused | undefined;
  /** Of each message that waits, the first one first. */
  numbers: readonly number[];
  /** How long after Redis's clock was read its answer is looked at: a slot that comes sooner would be over. Default: 0. */
  leadMs?: number;
}

export interface Unused {
  recipients: number;
  count: number;
}

/** What Redis answers: the slots that it granted, and what they were granted in the light of. */
export interface GrantedSlots {
  /** Redis's clock when it was asked, Unix ms with fractions. */
  now: number;
  /** Milliseconds from then, for each slot granted. */
  slots: number[];
  /** Slots granted to the whole fleet, these included, and times that recipients were given back. */
  count: number;
  /** Milliseconds until it is worth asking again. */
  waitMs: number;
  /** The breaker's last change: what is sent now is sent after it. */
  epoch: number;
  /** The breaker is open, and the one slot granted is to see whether EngageLab is back. */
  isProbe: boolean;
  /** Whether recipients are limited, so that it matters whom a slot was charged for. */
  isByRecipients: boolean;
  /** Whether the fleet's last replies were failures, or told it to wait: then a success is news. */
  isFailing: boolean;
  /** The valve's lock that holds everything back, if one does. */
  lock?: string | undefined;
}

/** What the slots are reckoned by: the fleet's, or a campaign's own. */
export type PacerKeys = Pick<FleetKeys, 'pacer' | 'limits' | 'valve' | 'breaker'>;

export async function askForSlots(
  redis: Redis,
  keys: PacerKeys,
  asking: Asking,
): Promise<GrantedSlots> {
  const leadUs = Math.round((asking.leadMs ?? 0) * 1000);
  const reply = await GRANT.run(
    redis,
    [keys.pacer, keys.limits, keys.valve, keys.breaker],
    [
      asking.fingerprint,
      asking.worker,
      AHEAD_US + leadUs,
      asking.urgent,
      asking.owed,
      asking.unused?.recipients ?? 0,
      asking.unused?.count ?? -1,
      PROBE_US,
      leadUs,
      ...asking.numbers,
    ],
  );
  const [lock, wait, epoch, probe, ill, now, byRecipients, count, ...slots] = Array.isArray(reply)
    ? reply
    : [];
  return {
    now: Number(now) / 1000,
    slots: slots.map((slot) => Number(slot) / 1000),
    count: Number(count),
    waitMs: Number(wait) / 1000,
    epoch: Number(epoch),
    isProbe: probe === 1,
    isByRecipients: byRecipients === 1,
    isFailing: ill === 1,
    ...(lock !== '' && { lock: String(lock) }),
  };
}
