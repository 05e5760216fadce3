import type { Redis } from 'ioredis';
import type { FleetKeys } from '../../shared/redis/keys.ts';
import { loadScript } from '../../shared/redis/script.ts';

/** What replies say of EngageLab's health, for the whole fleet. */
const REPORT = loadScript(new URL('report-health.lua', import.meta.url));

const THROTTLE = loadScript(new URL('throttle.lua', import.meta.url));

/** Failures in a row, over the fleet, after which EngageLab is taken to be away. */
const FAILURES_IN_A_ROW = 20;
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

export interface HealthAnswer {
  /** It is locked, or was since the requests were permitted: their failure is no fault of their messages. */
  isOutage: boolean;
  change: 'locked' | 'opened' | undefined;
}

export async function reportHealth(
  redis: Redis,
  keys: FleetKeys,
  { successes, failures, epoch, detail }: HealthReport,
): Promise<HealthAnswer> {
  const reply = await REPORT.run(
    redis,
    [keys.breaker, keys.valve],
    [successes, failures, epoch, FAILURES_IN_A_ROW, FIRST_MS, LONGEST_MS, detail],
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
