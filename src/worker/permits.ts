import type { Redis } from 'ioredis';
import type { FleetKeys } from '../shared/keys.ts';
import { DEFAULT_RATE } from '../shared/limits.ts';
import { Script } from '../shared/script.ts';

/**
 * Grants slots to send in, evenly spread over Redis's clock, for requests and recipients together.
 * One slot is one request; it also takes as much of the recipients' time as its message has numbers.
 *
 * KEYS  1 pacer  2 limits  3 valve
 * ARGV  1 fingerprint of the credentials  2 how far ahead slots are given, µs  then the numbers of each message
 * Returns {0, wait µs, slot µs from now, …}, or {1, wait µs, lock} while the valve is locked for these credentials.
 */
const GRANT = new Script(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local locks = redis.call('HGETALL', KEYS[3])
for l = 1, #locks, 2 do
  local reason, lock = locks[l], cjson.decode(locks[l + 1])
  local mine = string.sub(reason, 1, 13) ~= 'unauthorized:' or reason == 'unauthorized:' .. ARGV[1]
  local left = lock['until'] and lock['until'] * 1000 - now
  if mine and (not left or left > 0) then return {1, math.min(left or 500000, 500000), reason} end
end

local limits = redis.call('HMGET', KEYS[2], 'rate', 'recipient_rate')
local interval = 1000000 / (tonumber(limits[1]) or ${DEFAULT_RATE})
local per_recipient = limits[2] and 1000000 / tonumber(limits[2]) or 0
local next = redis.call('HMGET', KEYS[1], 'requests', 'recipients')
local requests = math.max(tonumber(next[1]) or 0, now)
local recipients = math.max(tonumber(next[2]) or 0, now)
local ahead = tonumber(ARGV[2])
local reply = {0, 0}
for a = 3, #ARGV do
  local slot = math.max(requests, recipients)
  if slot - now > ahead then break end
  reply[#reply + 1] = math.floor(slot - now)
  requests = slot + interval
  recipients = slot + tonumber(ARGV[a]) * per_recipient
end
if #reply > 2 then
  redis.call('HSET', KEYS[1], 'requests', string.format('%.3f', requests), 'recipients', string.format('%.3f', recipients))
end
reply[2] = math.max(0, math.ceil(math.max(requests, recipients) - now - ahead))
return reply
`);

export interface Grant {
  /** Milliseconds from now, for each slot granted. */
  slots: number[];
  /** Milliseconds until it is worth asking again. */
  waitMs: number;
  /** The valve's lock that holds everything back, if one does. */
  lock?: string | undefined;
}

/** Slots are taken no further ahead than this, so that a notification does not wait behind a campaign's. */
const AHEAD_US = 20_000;

/** @param numbers of each message that waits, first one first */
export async function askForSlots(
  redis: Redis,
  keys: FleetKeys,
  fingerprint: string,
  numbers: readonly number[],
): Promise<Grant> {
  const reply = await GRANT.run(
    redis,
    [keys.pacer, keys.limits, keys.valve],
    [fingerprint, AHEAD_US, ...numbers],
  );
  const [locked, wait, ...rest] = Array.isArray(reply) ? reply : [];
  const waitMs = Number(wait) / 1000;
  if (locked === 1) return { slots: [], waitMs, lock: String(rest[0]) };
  return { slots: rest.map((slot) => Number(slot) / 1000), waitMs };
}
