import type { Redis } from 'ioredis';
import type { Logger } from '../../shared/log.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import type { RedisClock } from '../../shared/redis/redis-clock.ts';
import { Actor } from '../actor/actor.ts';
import { sweepAbandoned } from './abandoned-campaigns.ts';
import { sweepCampaigns } from './campaign-retention.ts';
import { sweepNotifications } from './notification-retention.ts';

/** How often this worker asks whether it is its turn, and goes on with a large sweep. */
const ASK_MS = 500;

export interface SweepOptions {
  retainMs: number;
  clock: RedisClock;
  log: Logger;
}

/**
 * Removes from Redis what ended longer ago than `retainMs`: notifications, and whole campaigns; and
 * what a `send` that died has laid. A piece of a large sweep may take seconds, for which nobody waits
 * but a stop.
 */
export class Sweep extends Actor {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #retainMs: number;
  readonly #clock: RedisClock;
  readonly #log: Logger;

  constructor(redis: Redis, keys: Keys, { retainMs, clock, log }: SweepOptions) {
    super({ everyMs: ASK_MS, firstAfterMs: 0 }, log, 'what is too old not removed');
    this.#redis = redis;
    this.#keys = keys;
    this.#retainMs = retainMs;
    this.#clock = clock;
    this.#log = log;
  }

  async once(): Promise<void> {
    const now = this.#clock.now();
    await sweepNotifications(this.#redis, this.#keys, this.#retainMs, now);
    for (const campaign of await sweepCampaigns(this.#redis, this.#keys, this.#retainMs, now)) {
      this.#log.info({ campaign }, 'campaign forgotten: it finished long enough ago');
    }
    for (const campaign of await sweepAbandoned(this.#redis, this.#keys)) {
      const words = 'campaign cleared: its send died a day ago, and nothing of it was sent';
      this.#log.warn({ campaign }, words);
    }
  }
}
