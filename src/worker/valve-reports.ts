import type { Redis } from 'ioredis';
import type { FleetKeys } from '../shared/keys.ts';
import type { Logger } from '../shared/log.ts';
import { maskPhonesIn } from '../shared/phone.ts';
import { lockValve, unauthorizedReason } from '../shared/valve.ts';
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
  const lock = async (reason: string, text: string, until?: number) => {
    const detail = maskPhonesIn(text);
    const value = { reason, since: Date.now(), detail, ...(until !== undefined && { until }) };
    if (await lockValve(redis, keys, value)) log.warn({ reason, until, detail }, 'valve locked');
  };
  return {
    throttled: (waitMs, detail) => lock('throttled', detail, Date.now() + (waitMs ?? THROTTLED_MS)),
    unauthorized: (detail) => lock(unauthorizedReason(fingerprint), detail),
  };
}
