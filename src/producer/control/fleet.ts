/**
 * The whole fleet as an operator handles it, each call one step: its workers, its limits, its
 * valve. What a `Producer` offers of it is made of these.
 */
import type { Redis } from 'ioredis';
import { type Heartbeat, readWorkers } from '../../shared/fleet/heartbeat.ts';
import {
  type LimitChange,
  type Limits,
  readLimits,
  resetLimits,
  setLimits,
} from '../../shared/fleet/limits.ts';
import {
  holdFleet,
  type Lock,
  type LockReason,
  openValve,
  readValve,
} from '../../shared/fleet/valve.ts';
import type { FleetKeys } from '../../shared/redis/keys.ts';
import { redisNow } from '../../shared/redis/redis-clock.ts';

/** Runs work on a producer's connection. */
type Use = <T>(work: (redis: Redis) => Promise<T>) => Promise<T>;

export class Fleet {
  readonly #keys: FleetKeys;
  readonly #use: Use;

  constructor(keys: FleetKeys, use: Use) {
    this.#keys = keys;
    this.#use = use;
  }

  /** Unix ms, by Redis's clock. */
  now(): Promise<number> {
    return this.#use((redis) => redisNow(redis));
  }

  /** Those that are running. */
  workers(): Promise<Heartbeat[]> {
    return this.#use(async (redis) => readWorkers(redis, this.#keys, await redisNow(redis)));
  }

  limits(): Promise<Limits> {
    return this.#use((redis) => readLimits(redis, this.#keys));
  }

  /** @throws VolleyError `bad_input` for a limit that is not above 0 */
  setLimits(change: LimitChange | 'reset'): Promise<void> {
    return this.#use((redis) =>
      change === 'reset' ? resetLimits(redis, this.#keys) : setLimits(redis, this.#keys, change),
    );
  }

  /** The valve's locks that hold now, the oldest first. */
  locks(): Promise<Lock[]> {
    return this.#use(async (redis) => readValve(redis, this.#keys, await redisNow(redis)));
  }

  /**
   * Locks the valve until it is opened; once this has resolved nothing further leaves.
   * @returns whether this is news
   */
  hold(detail: string): Promise<boolean> {
    return this.#use((redis) => holdFleet(redis, this.#keys, detail));
  }

  /**
   * Opens the valve: all its locks but `far_end`, or those of one reason.
   * @returns the reasons that had been locked
   */
  release(reason?: LockReason): Promise<LockReason[]> {
    return this.#use((redis) => openValve(redis, this.#keys, reason));
  }
}
