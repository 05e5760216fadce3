import type { Redis } from 'ioredis';
import type { FleetKeys } from './keys.ts';
import { Script } from './script.ts';

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
 * Writes what a worker's environment says, unless an operator has spoken.
 */
const OFFER = new Script(`
if redis.call('HGET', KEYS[1], 'set_by') == 'operator' then return 0 end
if ARGV[1] ~= '' then redis.call('HSET', KEYS[1], 'rate', ARGV[1], 'set_by', 'environment') end
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'recipient_rate', ARGV[2], 'set_by', 'environment') end
return 1
`);

/** Called when a worker starts. Source: DESIGN.md, "Pacing". */
export async function offerLimits(
  redis: Redis,
  keys: FleetKeys,
  offered: { rate?: number | undefined; recipientRate?: number | undefined },
): Promise<void> {
  await OFFER.run(redis, [keys.limits], [offered.rate ?? '', offered.recipientRate ?? '']);
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
