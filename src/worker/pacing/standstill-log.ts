import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';

/**
 * Tells the log what keeps this process from sending, and what does no more: one line for each
 * change.
 */
export class StandstillLog {
  readonly #log: Logger;
  #lock: string | undefined;
  #isRedisAway = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  redisFailed(error: unknown): void {
    if (!this.#isRedisAway) {
      this.#log.error({ error: describeError(error) }, 'no permits from Redis');
    }
    this.#isRedisAway = true;
  }

  /** @param lock the valve's lock that holds everything back, if one does */
  redisAnswered(lock: string | undefined): void {
    if (this.#isRedisAway) this.#log.info('Redis grants permits again');
    this.#isRedisAway = false;
    if (lock === this.#lock) return;
    if (lock === undefined) this.#log.info('the valve is open: sending goes on');
    else this.#log.warn({ lock }, 'the valve is locked: nothing is sent');
    this.#lock = lock;
  }
}
