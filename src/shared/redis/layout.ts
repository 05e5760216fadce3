/**
 * The layout of what Volley keeps in Redis under a prefix has a number, so that an older Volley
 * never touches what a newer one has laid out in another way. Whoever connects looks at it before
 * all else; whoever is the first to write something that lasts (a worker, a released campaign, a
 * notification) writes it down.
 */
import type { Redis } from 'ioredis';
import { VolleyError } from '../errors.ts';
import { isRefusal, whereIs } from './connection.ts';
import type { FleetKeys, Keys } from './keys.ts';

/** Where no number stands, it is this one: those before 0.1.0 wrote none. */
export const LAYOUT = 1;

/**
 * Goes along with another call; never rejects. A Redis that takes nothing says so to that call, and
 * where the number could not be written, it is taken for 1.
 */
export async function writeLayout(redis: Redis, keys: Pick<FleetKeys, 'layout'>): Promise<void> {
  await redis.set(keys.layout, LAYOUT, 'NX').catch(() => {});
}

/**
 * @throws VolleyError `corrupt` where a newer Volley has written; an error of the connection as it
 *   is
 */
export async function refuseNewer(redis: Redis, keys: Keys, url: string): Promise<void> {
  const found = await redis.get(keys.fleet.layout).catch(notAllowed);
  // Not a number either: that is none of ours.
  if (found === null || Number(found) <= LAYOUT) return;
  throw new VolleyError(
    'corrupt',
    `${whereIs(url)}, prefix ${keys.prefix}: expected layout ${LAYOUT} or older, got ${found}: ` +
      'a newer Volley has written here; upgrade this one',
  );
}

/** A user who may not ask is not kept from what else it may do. */
function notAllowed(error: unknown): null {
  if (isRefusal(error) && String(Object(error).message).startsWith('NOPERM')) return null;
  throw error;
}
