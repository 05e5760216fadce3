import type { Redis } from 'ioredis';
import type { FleetKeys } from '../../shared/redis/keys.ts';
import { Script } from '../../shared/redis/script.ts';

/**
 * What replies say of EngageLab's health, for the whole fleet: a run of failures locks the valve for `outage`; while
 * it is locked single probes go through; one success opens it. A reply to a request from before the last change moves
 * nothing, for it tells of a time that is over.
 *
 * A success also ends a run of throttlings, if none holds now.
 *
 * KEYS  1 breaker  2 valve
 * ARGV  1 successes  2 failures  3 epoch they were sent in  4 failures in a row that lock  5 first time, ms
 *       6 longest time, ms  7 what is told of it
 * Returns {1 if it is locked now or was since they were sent, 1 if this opened it, −1 if this locked it anew}
 */
const REPORT = new Script(`
local time = redis.call('TIME')
local now = math.floor(time[1] * 1000 + time[2] / 1000)
local was = redis.call('HMGET', KEYS[1], 'epoch', 'failures', 'wait')
local epoch, failures, wait = tonumber(was[1] or '0'), tonumber(was[2] or '0'), tonumber(was[3] or ARGV[5])
local lock = redis.call('HGET', KEYS[2], 'outage')
local successes, failed = tonumber(ARGV[1]), tonumber(ARGV[2])
if tonumber(ARGV[3]) ~= epoch then return {1, 0} end
if successes > 0 then
  -- An operator may have opened it meanwhile: the next outage is a new one all the same.
  redis.call('HSET', KEYS[1], 'failures', 0, 'wait', ARGV[5])
  failures, wait = 0, tonumber(ARGV[5])
  local throttled = redis.call('HGET', KEYS[2], 'throttled')
  if throttled and cjson.decode(throttled)['until'] <= now then redis.call('HDEL', KEYS[1], 'throttle') end
  if lock then
    redis.call('HDEL', KEYS[2], 'outage')
    redis.call('HSET', KEYS[1], 'epoch', epoch + 1)
    return {0, 1}
  end
end
if failed == 0 then return {lock and 1 or 0, 0} end
failures = redis.call('HINCRBY', KEYS[1], 'failures', failed)
if not lock and failures < tonumber(ARGV[4]) then return {0, 0} end
-- Locked anew by the run of failures, or again by a probe that failed.
local since = now
if lock then
  since = cjson.decode(lock)['since']
  wait = math.min(2 * wait, tonumber(ARGV[6]))
end
redis.call('HSET', KEYS[1], 'epoch', epoch + 1, 'wait', wait)
redis.call('HSET', KEYS[2], 'outage', cjson.encode({since = since, ['until'] = now + wait, detail = ARGV[7]}))
return {1, lock and 0 or -1}
`);

/**
 * KEYS  1 breaker  2 valve  ARGV 1 wait asked for in ms, or "" where none above 0 was  2 first  3 longest  4 detail
 * Locks the valve for `throttled`; without a wait asked for, twice as long each time without a success in between.
 * Returns {1 if it was not locked before, until when}
 */
const THROTTLE = new Script(`
local time = redis.call('TIME')
local now = math.floor(time[1] * 1000 + time[2] / 1000)
local text = redis.call('HGET', KEYS[2], 'throttled')
local before = text and cjson.decode(text)
local isLocked = before and before['until'] > now
local wait = tonumber(ARGV[1])
if not wait then
  if isLocked then return {0, before['until']} end
  local last = tonumber(redis.call('HGET', KEYS[1], 'throttle') or '0')
  local isAgain = before and last > 0 and now - before['until'] < 2 * last + 5000
  wait = isAgain and math.min(2 * last, tonumber(ARGV[3])) or tonumber(ARGV[2])
  redis.call('HSET', KEYS[1], 'throttle', wait)
else
  redis.call('HDEL', KEYS[1], 'throttle')
end
local till = now + wait
if isLocked and before['until'] >= till then return {0, before['until']} end
local since = isLocked and before['since'] or now
redis.call('HSET', KEYS[2], 'throttled', cjson.encode({since = since, ['until'] = till, detail = ARGV[4]}))
return {isLocked and 0 or 1, till}
`);

/** Failures in a row, over the fleet, after which EngageLab is taken to be away. */
const RUN_OF_FAILURES = 20;
const FIRST_MS = 5000;
const LONGEST_MS = 60_000;
const FIRST_THROTTLE_MS = 1000;

export interface HealthReport {
  successes: number;
  failures: number;
  /** The breaker's epoch when the requests were permitted. */
  epoch: number;
  /** What a failure said, masked. */
  detail: string;
}

export interface HealthVerdict {
  /** It is locked, or was since the requests were permitted: their failure is no fault of their messages. */
  isOutage: boolean;
  change: 'locked' | 'opened' | undefined;
}

export async function reportHealth(
  redis: Redis,
  keys: FleetKeys,
  { successes, failures, epoch, detail }: HealthReport,
): Promise<HealthVerdict> {
  const reply = await REPORT.run(
    redis,
    [keys.breaker, keys.valve],
    [successes, failures, epoch, RUN_OF_FAILURES, FIRST_MS, LONGEST_MS, detail],
  );
  const [outage, change] = Array.isArray(reply) ? reply : [];
  return {
    isOutage: outage === 1,
    change: change === 1 ? 'opened' : change === -1 ? 'locked' : undefined,
  };
}

/** @returns until when, Unix ms, if it was not locked before */
export async function reportThrottle(
  redis: Redis,
  keys: FleetKeys,
  waitMs: number | undefined,
  detail: string,
): Promise<number | undefined> {
  const reply = await THROTTLE.run(
    redis,
    [keys.breaker, keys.valve],
    [waitMs || '', FIRST_THROTTLE_MS, LONGEST_MS, detail],
  );
  const [isNew, until] = Array.isArray(reply) ? reply : [];
  return isNew === 1 ? Number(until) : undefined;
}
