import type { Redis } from 'ioredis';
import { type Lock, readValve } from '../../shared/fleet/valve.ts';
import type { FleetKeys } from '../../shared/redis/keys.ts';

/** Sees what changes at the valve, as far as it concerns one pair of credentials. */
export class ValveWatch {
  readonly #redis: Redis;
  readonly #keys: FleetKeys;
  readonly #fingerprint: string;
  #seen = '';

  constructor(redis: Redis, keys: FleetKeys, fingerprint: string) {
    this.#redis = redis;
    this.#keys = keys;
    this.#fingerprint = fingerprint;
  }

  /** @returns the locks that hold at `now` (Unix ms), if one came or went since the last look; undefined if none did */
  async look(now: number): Promise<Lock[] | undefined> {
    const locks = (await readValve(this.#redis, this.#keys, now)).filter(
      ({ fingerprint }) => fingerprint === undefined || fingerprint === this.#fingerprint,
    );
    // A lock that is prolonged, as each probe does, is still the same one.
    const seen = locks.map(({ reason, since }) => `${reason} ${since}`).join();
    if (seen === this.#seen) return undefined;
    this.#seen = seen;
    return locks;
  }
}
