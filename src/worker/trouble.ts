import type { Logger } from '../shared/log.ts';

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
const TELL_MS = 60_000;

interface Kind extends TroubleSeen {
  lastAt: number;
  /** When it was told of, on the monotonic clock, and how many have come since. */
  toldAt: number;
  untold: number;
}

/**
 * Keeps account of errors that come again and again, where nobody waits for an answer: BullMQ's, of a queue that it may
 * not serve. Each is told of at once, and then at most once a minute, with how often it came.
 */
export class Trouble {
  readonly #log: Logger;
  readonly #kinds = new Map<string, Kind>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param now Unix ms */
  note(campaign: string, error: string, now: number): void {
    this.#forget(now);
    const name = `${campaign} ${error}`;
    const known = this.#kinds.get(name);
    const kind = known ?? { error, since: now, count: 0, lastAt: now, toldAt: -TELL_MS, untold: 0 };
    this.#kinds.set(name, kind);
    kind.lastAt = now;
    kind.count++;
    kind.untold++;
    if (known && performance.now() - kind.toldAt < TELL_MS) return;
    this.#log.error({ campaign, error, times: kind.untold }, 'jobs cannot be fetched or moved');
    kind.toldAt = performance.now();
    kind.untold = 0;
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
