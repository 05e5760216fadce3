import type { Redis } from 'ioredis';
import type { FleetKeys } from '../shared/keys.ts';
import type { Logger } from '../shared/log.ts';
import { maskPhonesIn } from '../shared/phone.ts';
import { lockValve } from '../shared/valve.ts';
import { reportThrottle } from './breaker.ts';
import type { ValveReports } from './job-run.ts';

/** Locks the valve for what a run has seen; a change is logged once, however many replies say the same. */
export function createValveReports(
  redis: Redis,
  keys: FleetKeys,
  fingerprint: string,
  log: Logger,
): ValveReports {
  return {
    async throttled(waitMs, text) {
      const detail = maskPhonesIn(text);
      const until = await reportThrottle(redis, keys, waitMs, detail);
      if (until !== undefined) log.warn({ detail, until }, 'valve locked: throttled');
    },
    async unauthorized(text) {
      const detail = `${maskPhonesIn(text)}; mend the credentials and start the worker again`;
      const lock = { reason: 'unauthorized', fingerprint, since: Date.now(), detail } as const;
      if (await lockValve(redis, keys, lock)) log.error({ detail }, 'valve locked: unauthorized');
    },
  };
}
