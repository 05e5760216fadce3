/**
 * Whether Redis lets a producer do all that it needs: tried once, before the first call that enqueues anything. Calls
 * that only read do not ask, so that a user who may do no more can still look.
 */
import type { Redis } from 'ioredis';
import type { Keys } from '../../shared/redis/keys.ts';
import { refuseWithoutRights } from '../../shared/redis/rights.ts';

export class Rights {
  readonly #keys: Keys;
  readonly #url: string;
  #isTried = false;
  #trying: Promise<void> | undefined;

  constructor(keys: Keys, url: string) {
    this.#keys = keys;
    this.#url = url;
  }

  /**
   * Of many calls at once, one tries; where it was refused, the next call tries again.
   * @throws VolleyError `unavailable`; an error of the connection as it is
   */
  async try(redis: Redis): Promise<void> {
    if (this.#isTried) return;
    this.#trying ??= refuseWithoutRights(redis, this.#keys, this.#url).finally(() => {
      this.#trying = undefined;
    });
    await this.#trying;
    this.#isTried = true;
  }
}
