import type { Logger } from '../../shared/log.ts';
import { Seldom } from './seldom.ts';

/** What goes wrong at present, and would be silent otherwise. */
export interface TroubleSeen {
  error: string;
  /** Unix ms. */
  since: number;
  /** How often it came since then. */
  count: number;
}

/** An error that has not come again for so long is over. BullMQ asks again after 5 s at most. */
export const TROUBLE_MS = 15_000;

/**
 * Keeps account of errors that come again and again, where nobody waits for an answer: BullMQ's, of
 * a queue that it may not serve. Each is told of at once, and then at most once a minute, with how
 * often it came.
 */
export class Trouble {
  readonly #log: Logger;
  readonly #told = new Seldom();
  readonly #kinds = new Map<string, TroubleSeen & { lastAt: number }>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param now Unix ms */
  note(campaign: string, error: string, now: number): void {
    this.#forget(now);
    const name = `${campaign} ${error}`;
    const kind = this.#kinds.get(name) ?? { error, since: now, count: 0, lastAt: now };
    this.#kinds.set(name, kind);
    kind.lastAt = now;
    kind.count++;
    const times = this.#told.count(name);
    if (times > 0) this.#log.error({ campaign, error, times }, 'jobs cannot be fetched or moved');
  }

  /** An error of one job, told to the log only: the job is run again, so nothing is stuck. */
  mention(campaign: string, error: string): void {
    const times = this.#told.count(`${campaign} ${error}`);
    if (times > 0) this.#log.warn({ campaign, error, times }, 'hold of a job lost, run again');
  }

  /**
   * Redis was away and is back: forgets the errors from before. Those that still hold come again.
   */
  clear(): void {
    this.#kinds.clear();
  }

  /** The one that lasts longest; undefined where there is none. @param now Unix ms */
  seen(now: number): TroubleSeen | undefined {
    this.#forget(now);
    const [first] = this.#kinds.values();
    return first && { error: first.error, since: first.since, count: first.count };
  }

  #forget(now: number): void {
    for (const [name, { lastAt }] of this.#kinds)
      if (now - lastAt > TROUBLE_MS) this.#kinds.delete(name);
  }
}
