import type { Redis } from 'ioredis';
import { lockValve } from '../../shared/fleet/valve.ts';
import type { Logger } from '../../shared/log.ts';
import { maskPhonesIn } from '../../shared/phone.ts';
import type { FleetKeys } from '../../shared/redis/keys.ts';
import type { RedisClock } from '../../shared/redis/redis-clock.ts';
import type { Pacer } from '../pacing/pacer.ts';
import { reportThrottle } from './breaker.ts';

/** The valve, as far as a run needs it: to lock it when EngageLab says so. */
export interface ValveReports {
  throttled(waitMs: number | undefined, detail: string): Promise<void>;
  unauthorized(detail: string): Promise<void>;
}

export interface ValveReportsParts {
  pacer: Pick<Pacer, 'pauseDuring'>;
  clock: RedisClock;
  log: Logger;
}

/**
 * Locks the valve for what a run has seen; a change is logged once, however many replies say the same. This process
 * grants nothing until the lock is written.
 */
export function createValveReports(
  redis: Redis,
  keys: FleetKeys,
  fingerprint: string,
  { pacer, clock, log }: ValveReportsParts,
): ValveReports {
  return {
    async throttled(waitMs, text) {
      const detail = maskPhonesIn(text);
      const until = await pacer.pauseDuring(reportThrottle(redis, keys, waitMs, detail));
      if (until !== undefined) log.warn({ detail, until }, 'valve locked: throttled');
    },
    async unauthorized(text) {
      const detail = `${maskPhonesIn(text)}; mend the credentials and start the worker again`;
      const lock = { reason: 'unauthorized', fingerprint, since: clock.now(), detail } as const;
      const isNew = await pacer.pauseDuring(lockValve(redis, keys, lock));
      if (isNew) log.error({ detail }, 'valve locked: unauthorized');
    },
  };
}
