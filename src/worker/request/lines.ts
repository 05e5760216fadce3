import type { Way } from '../../shared/way/way.ts';
import { Line } from './line.ts';

/**
 * How long a connection rests after a reply, where there are others: bytes that nobody asked for
 * then come while it rests, and not as the reply to the next message.
 */
const REST_MS = 500;

/**
 * With fewer requests under way than this, a connection that has rested is taken, and up to so many
 * are made so that one can rest. A loaded process takes the one that was used last: to go round all
 * of them would cost it a tenth of its speed.
 */
const FEW = 8;

/**
 * The connections to EngageLab: gives out one that is free, if possible one that has rested, and
 * makes as many as are needed. How many requests are under way, it does not decide.
 */
export class Lines {
  readonly #make: () => Line;
  readonly #few: number;
  readonly #all: Line[] = [];
  /** The one that has been free for longest comes first. */
  readonly #free: Line[] = [];
  /**
   * On which nothing was written: they need no rest, and somebody has waited for them to be
   * connected.
   */
  readonly #unused: Line[] = [];

  /** @param concurrency requests that may be under way */
  constructor(origin: string, concurrency: number, way: Way) {
    // Below the 5 s after which common servers close an idle connection: a request that meets such
    // a closing half-way may or may not have arrived, and is parked.
    this.#make = () => new Line({ origin, way, keepAliveMs: 4000 });
    this.#few = Math.min(FEW, Math.max(2, concurrency));
  }

  take(now: number): Line {
    const inUse = this.#all.length - this.#free.length - this.#unused.length;
    const line =
      this.#unused.pop() ?? (inUse < this.#few ? this.#takeRested(now) : this.#free.pop());
    if (line) return line;
    const made = this.#make();
    this.#all.push(made);
    return made;
  }

  /** @param isUnused nothing was written: it may be used at once */
  giveBack(line: Line, now: number, isUnused: boolean): void {
    line.freeSince = now;
    (isUnused ? this.#unused : this.#free).push(line);
  }

  /**
   * Of those that have rested the one that was used last, for it is the least likely to be closed.
   */
  #takeRested(now: number): Line | undefined {
    const last = this.#free.findIndex(({ freeSince }) => freeSince > now - REST_MS);
    const rested = last < 0 ? this.#free.length : last;
    if (rested > 0) return this.#free.splice(rested - 1, 1)[0];
    // Where there may be no more of them, the one that has rested longest.
    return this.#all.length < this.#few ? undefined : this.#free.shift();
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((line) => line.close()));
  }
}
