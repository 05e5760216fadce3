import type { Redis } from 'ioredis';
import { VolleyError } from '../errors.ts';
import type { FleetKeys } from '../redis/keys.ts';
import { Script } from '../redis/script.ts';

/** Requests a second for the fleet where nobody has said otherwise: slow enough to harm nobody's account. */
export const DEFAULT_RATE = 50;

/** Per second, for the whole fleet. */
export interface Limits {
  rate: number;
  recipientRate?: number | undefined;
  /** Who set them: an operator's `volley rate` stands above a worker's environment. */
  setBy: 'default' | 'environment' | 'operator';
}

/**
 * KEYS 1 limits  ARGV 1 rate or ""  2 recipients or ""
 * Writes down what a worker's environment says; it holds unless an operator has spoken, and again after a reset.
 */
const OFFER = new Script(`
if ARGV[1] ~= '' then redis.call('HSET', KEYS[1], 'offered_rate', ARGV[1]) end
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'offered_recipient_rate', ARGV[2]) end
if redis.call('HGET', KEYS[1], 'set_by') == 'operator' then return 0 end
if ARGV[1] ~= '' then redis.call('HSET', KEYS[1], 'rate', ARGV[1], 'set_by', 'environment') end
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'recipient_rate', ARGV[2], 'set_by', 'environment') end
return 1
`);

/** Called when a worker starts. Source: docs/design.md, "Pacing". */
export async function offerLimits(
  redis: Redis,
  keys: FleetKeys,
  offered: { rate?: number | undefined; recipientRate?: number | undefined },
): Promise<void> {
  await OFFER.run(redis, [keys.limits], [offered.rate ?? '', offered.recipientRate ?? '']);
}

/** An operator's word, which stands above every environment. `null` lifts the limit on recipients. */
export interface LimitChange {
  rate?: number | undefined;
  recipientRate?: number | null | undefined;
}

/** @throws VolleyError `bad_input` for a limit that is not above 0 */
export async function setLimits(redis: Redis, keys: FleetKeys, change: LimitChange): Promise<void> {
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined || value === null) continue;
    if (value > 0 && Number.isFinite(value)) continue;
    throw new VolleyError('bad_input', `${name}: expected a number above 0, got ${value}`);
  }
  const transaction = redis.multi().hset(keys.limits, 'set_by', 'operator');
  if (change.rate !== undefined) transaction.hset(keys.limits, 'rate', change.rate);
  if (change.recipientRate === null) transaction.hdel(keys.limits, 'recipient_rate');
  else if (change.recipientRate !== undefined) {
    transaction.hset(keys.limits, 'recipient_rate', change.recipientRate);
  }
  await transaction.exec();
}

/** KEYS 1 limits.  Back to what the environments of the workers said. */
const RESET = new Script(`
local rate, recipients = unpack(redis.call('HMGET', KEYS[1], 'offered_rate', 'offered_recipient_rate'))
redis.call('HDEL', KEYS[1], 'rate', 'recipient_rate', 'set_by')
if rate then redis.call('HSET', KEYS[1], 'rate', rate, 'set_by', 'environment') end
if recipients then redis.call('HSET', KEYS[1], 'recipient_rate', recipients, 'set_by', 'environment') end
return 1
`);

export async function resetLimits(redis: Redis, keys: FleetKeys): Promise<void> {
  await RESET.run(redis, [keys.limits], []);
}

export async function readLimits(redis: Redis, keys: FleetKeys): Promise<Limits> {
  const [rate, recipientRate, setBy] = await redis.hmget(
    keys.limits,
    'rate',
    'recipient_rate',
    'set_by',
  );
  return {
    rate: rate ? Number(rate) : DEFAULT_RATE,
    ...(recipientRate && { recipientRate: Number(recipientRate) }),
    setBy: setBy === 'operator' || setBy === 'environment' ? setBy : 'default',
  };
}
