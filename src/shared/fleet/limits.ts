import type { Redis } from 'ioredis';
import { VolleyError } from '../errors.ts';
import type { FleetKeys } from '../redis/keys.ts';
import { loadScript } from '../redis/script.ts';

/** Requests a second for the fleet where nobody has said otherwise: slow enough to harm nobody's account. */
export const DEFAULT_RATE = 50;

/** Per second, for the whole fleet. */
export interface Limits {
  rate: number;
  recipientRate?: number | undefined;
  /** Who set them: an operator's `volley rate` stands above a worker's environment. */
  setBy: 'default' | 'environment' | 'operator';
}

const OFFER = loadScript(new URL('offer-limits.lua', import.meta.url));

/** Called when a worker starts. Source: docs/design/pacing.md, "Limits". */
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

const RESET = loadScript(new URL('reset-limits.lua', import.meta.url));

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
