import type { Redis } from 'ioredis';
import type { FleetKeys } from '../shared/keys.ts';
import type { Logger } from '../shared/log.ts';
import { maskPhonesIn } from '../shared/phone.ts';
import { type Lock, lockValve } from '../shared/valve.ts';
import type { ValveReports } from './job-run.ts';

/** How long a 429 without a usable `Retry-After` holds the fleet back. */
const THROTTLED_MS = 1000;

/** Locks the valve for what a run has seen; a change is logged once, however many replies say the same. */
export function createValveReports(
  redis: Redis,
  keys: FleetKeys,
  fingerprint: string,
  log: Logger,
): ValveReports {
  const lock = async (what: Pick<Lock, 'reason' | 'fingerprint' | 'until'>, text: string) => {
    const detail = maskPhonesIn(text);
    if (await lockValve(redis, keys, { ...what, since: Date.now(), detail })) {
      log.warn({ ...what, detail }, 'valve locked: nothing is sent');
    }
  };
  return {
    throttled: (waitMs, detail) =>
      lock({ reason: 'throttled', until: Date.now() + (waitMs ?? THROTTLED_MS) }, detail),
    unauthorized: (detail) => lock({ reason: 'unauthorized', fingerprint }, detail),
  };
}
