import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../../shared/redis/keys.ts';
import { Pacer, type PacerOptions } from './pacer.ts';
import type { Permit } from './permit.ts';
import type { Waiter } from './waiters.ts';

/** Where a run gets its permits. */
export type PermitSource = Pick<Pacer, 'acquire' | 'isStillOpen'>;

/**
 * Holds one campaign to limits of its own, under the fleet's: a slot of the campaign first, then one of the fleet. One
 * message of this process at a time stands between the two, so that a campaign that was held up does not make up for it
 * in a burst.
 */
export class CampaignPacer implements PermitSource {
  readonly #own: Pacer;
  readonly #fleet: PermitSource;
  /** Resolves when whoever is between the two slots has gone on. */
  #turn: Promise<unknown> = Promise.resolve();

  /** The campaign's limits stand in its own hash, as the fleet's do in theirs; it has no valve. */
  constructor(
    redis: Redis,
    keys: CampaignKeys,
    fleet: PermitSource,
    options: Pick<PacerOptions, 'worker' | 'clock' | 'log'>,
  ) {
    const { pacer, campaign: limits, noValve: valve, noBreaker: breaker } = keys;
    this.#own = new Pacer(
      redis,
      { pacer, limits, valve, breaker },
      {
        ...options,
        fingerprint: '',
        concurrency: Number.POSITIVE_INFINITY,
      },
    );
    this.#fleet = fleet;
  }

  acquire(waiter: Waiter, signal: AbortSignal): Promise<Permit | undefined> {
    const mine = this.#turn.then(async () => {
      const own = await this.#own.acquire(waiter, signal);
      if (!own) return undefined;
      // Its own limits count slots; how many requests are under way, the fleet's pacer sees to.
      own[Symbol.dispose]();
      return this.#fleet.acquire(waiter, signal);
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  isStillOpen(): Promise<boolean> {
    return this.#fleet.isStillOpen();
  }

  stop(): void {
    this.#own.stop();
  }
}
