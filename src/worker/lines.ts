import { buildConnector } from 'undici';
import { Line } from './line.ts';

/**
 * How long a connection rests after a reply, where there are others: bytes that nobody asked for then come while it
 * rests, and not as the reply to the next message.
 */
const REST_MS = 500;

/**
 * The connections to EngageLab: gives out one that is free, and makes as many as are needed, at most two for each
 * request that may be under way. How many requests are, it does not decide.
 */
export class Lines {
  readonly #make: () => Line;
  readonly #most: number;
  readonly #all: Line[] = [];
  /** The one that has been free for longest comes first. */
  readonly #free: Line[] = [];

  /** @param concurrency requests that may be under way  @param timeoutMs for connecting */
  constructor(origin: string, concurrency: number, timeoutMs: number) {
    const connector = buildConnector({ timeout: timeoutMs, allowH2: false });
    // Below the 5 s after which common servers close an idle connection: a request that meets such a closing half-way
    // may or may not have arrived, and is parked.
    this.#make = () => new Line({ origin, connector, keepAliveMs: 4000 });
    this.#most = 2 * concurrency;
  }

  /** Of those that have rested the one that was used last, for it is the least likely to be closed. */
  take(now: number): Line {
    for (let at = this.#free.length - 1; at >= 0; at--) {
      const line = this.#free[at];
      if (!line || line.freeSince > now - REST_MS) continue;
      this.#free.splice(at, 1);
      return line;
    }
    if (this.#all.length >= this.#most) {
      const longest = this.#free.shift();
      if (longest) return longest;
    }
    const line = this.#make();
    this.#all.push(line);
    return line;
  }

  /** @param isUnused nothing was written: it may be used at once */
  giveBack(line: Line, now: number, isUnused: boolean): void {
    line.freeSince = isUnused ? Number.NEGATIVE_INFINITY : now;
    this.#free.push(line);
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((line) => line.close()));
  }
}
