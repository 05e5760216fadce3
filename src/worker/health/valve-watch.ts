import type { Redis } from 'ioredis';
import { type Lock, readValve } from '../../shared/fleet/valve.ts';
import type { Logger } from '../../shared/log.ts';
import type { FleetKeys } from '../../shared/redis/keys.ts';
import type { RedisClock } from '../../shared/redis/redis-clock.ts';
import { Actor } from '../actor/actor.ts';

export interface ValveWatchOptions {
  /** Of the credentials that the valve is watched for. */
  fingerprint: string;
  /** Told of the locks that hold now, whenever one came or went. */
  onChange: (locks: readonly Lock[]) => void;
  clock: RedisClock;
  log: Logger;
}

const LOOK_MS = 500;

/**
 * Sees what changes at the valve, as far as it concerns one pair of credentials. It holds nobody back:
 * the pacer does.
 */
export class ValveWatch extends Actor {
  readonly #redis: Redis;
  readonly #keys: FleetKeys;
  readonly #options: ValveWatchOptions;
  #seen = '';
  #isLockedOut = false;

  constructor(redis: Redis, keys: FleetKeys, options: ValveWatchOptions) {
    super({ everyMs: LOOK_MS }, options.log, 'valve not looked at');
    this.#redis = redis;
    this.#keys = keys;
    this.#options = options;
  }

  /** Whether EngageLab takes these credentials no more, as last seen. Others may go on. */
  get isLockedOut(): boolean {
    return this.#isLockedOut;
  }

  async once(): Promise<void> {
    const locks = (await readValve(this.#redis, this.#keys, this.#options.clock.now())).filter(
      ({ fingerprint: own = this.#options.fingerprint }) => own === this.#options.fingerprint,
    );
    this.#isLockedOut = locks.some(({ reason }) => reason === 'unauthorized');
    // A lock that is prolonged, as each probe does, is still the same one.
    const seen = locks.map(({ reason, since }) => `${reason} ${since}`).join();
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#options.onChange(locks);
  }
}
