import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import type { Destination } from '../../shared/destination.ts';
import { beat, leave } from '../../shared/fleet/heartbeat.ts';
import type { Logger } from '../../shared/log.ts';
import type { FleetKeys } from '../../shared/redis/keys.ts';
import type { RedisClock } from '../../shared/redis/redis-clock.ts';
import { Actor } from '../actor/actor.ts';
import type { Pacer } from '../pacing/pacer.ts';
import { ClockWatch } from '../trouble/clock-watch.ts';
import type { Trouble } from '../trouble/trouble.ts';

export interface HeartbeatOptions {
  worker: string;
  /** Of this worker's credentials. */
  fingerprint: string;
  destination: Destination & { readonly startedAt: number };
  maxCampaigns: number;
  pacer: Pick<Pacer, 'inFlight' | 'givenPerSecond'>;
  trouble: Pick<Trouble, 'seen'>;
  clock: RedisClock;
  /** The campaigns that have a place at present. */
  served: () => string[];
  log: Logger;
}

const BEAT_MS = 500;

/**
 * Tells the fleet that this worker is there, what it serves and what troubles it: `status`, health
 * checks and whoever counts the workers read it. It finds out nothing itself, it asks the others.
 */
export class HeartbeatWriter extends Actor {
  readonly #redis: Redis;
  readonly #keys: FleetKeys;
  readonly #options: HeartbeatOptions;
  readonly #clockWatch: ClockWatch;

  constructor(redis: Redis, keys: FleetKeys, options: HeartbeatOptions) {
    super({ everyMs: BEAT_MS }, options.log, 'heartbeat not written');
    this.#redis = redis;
    this.#keys = keys;
    this.#options = options;
    this.#clockWatch = new ClockWatch(options.log);
  }

  async once(): Promise<void> {
    const { worker, fingerprint, destination, maxCampaigns, pacer, trouble, served, clock } =
      this.#options;
    // Where nothing is sent, no other answer tells what time it is.
    await clock.ask(this.#redis);
    const { offMs } = clock;
    this.#clockWatch.look(offMs);
    const now = clock.now();
    await beat(this.#redis, this.#keys, {
      id: worker,
      host: hostname(),
      pid: process.pid,
      in_flight: pacer.inFlight,
      fingerprint,
      origin: destination.origin,
      reach: destination.reach,
      started_at: destination.startedAt,
      sent_per_s: pacer.givenPerSecond(),
      serving: served(),
      max_campaigns: maxCampaigns,
      trouble: trouble.seen(now),
      clock_off_ms: offMs,
      seen_at: now,
    });
  }

  /**
   * Tells the fleet that this worker is not there any more. After `stop`, else the next beat says
   * the contrary.
   */
  async leave(): Promise<void> {
    await leave(this.#redis, this.#keys, this.#options.worker);
  }
}
