import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import type { Config } from '../shared/config.ts';
import type { Destination } from '../shared/destination.ts';
import type { Logger } from '../shared/log.ts';
import type { Keys } from '../shared/redis/keys.ts';
import type { RedisClock } from '../shared/redis/redis-clock.ts';
import { FarEnd } from './health/far-end.ts';
import { Health } from './health/health.ts';
import { createValveReports, type ValveReports } from './health/valve-reports.ts';
import { OptOuts } from './job/opt-outs.ts';
import { Pacer } from './pacing/pacer.ts';
import { Scrubber } from './request/scrubber.ts';
import type { Sender } from './request/sender.ts';

/** What the hands on all campaigns of one worker share. */
export interface SharedParts {
  redis: Redis;
  destination: Destination;
  /** Knows nothing before Redis has been asked for the first time. */
  clock: RedisClock;
  pacer: Pacer;
  sender: Sender;
  valve: ValveReports;
  health: Health;
  farEnd: FarEnd;
  optOuts: OptOuts;
  scrubber: Scrubber;
  log: Logger;
}

export interface SharedPartsOptions {
  /** The worker's id. */
  worker: string;
  fingerprint: string;
  destination: Destination;
  clock: RedisClock;
  config: Config & { devKey: string; devSecret: string };
  sender: Sender;
  log: Logger;
}

/** Longer than EngageLab takes for a reply; and no more than that is lost where it hangs. */
const PROVEN_WITHIN_MS = 2000;

export function createSharedParts(
  redis: Redis,
  { fleet, suppression }: Keys,
  { worker, fingerprint, destination, clock, config, sender, log }: SharedPartsOptions,
): SharedParts {
  const { baseUrl, concurrency, devKey, devSecret } = config;
  const own = { worker, fingerprint, concurrency, provenWithinMs: PROVEN_WITHIN_MS };
  const pacer = new Pacer(redis, fleet, { ...own, clock, log });
  return {
    redis,
    clock,
    destination,
    pacer,
    sender,
    valve: createValveReports(redis, fleet, fingerprint, { pacer, clock, log }),
    health: new Health(redis, fleet, { log, isFleetFailing: () => pacer.signs.isFailing }),
    farEnd: new FarEnd(redis, fleet, { baseUrl, host: hostname(), pacer, log }),
    optOuts: new OptOuts(redis, suppression),
    scrubber: new Scrubber(devKey, devSecret),
    log,
  };
}
