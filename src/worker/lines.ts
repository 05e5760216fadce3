import { buildConnector } from 'undici';
import { Line } from './line.ts';

/**
 * How long a connection rests after a reply, where there are others: bytes that nobody asked for then come while it
 * rests, and not as the reply to the next message.
 */
const REST_MS = 500;

/**
 * The connections to EngageLab: gives out one that is free and has rested, and makes as many as are needed, at most one
 * for each request that may be under way, or two. How many requests are, it does not decide.
 */
export class Lines {
  readonly #make: () => Line;
  readonly #most: number;
  readonly #all: Line[] = [];
  /** The one that has been free for longest comes first. */
  readonly #free: Line[] = [];
  /** On which nothing was written: they need no rest, and somebody has waited for them to be connected. */
  readonly #unused: Line[] = [];

  /** @param concurrency requests that may be under way  @param timeoutMs for connecting */
  constructor(origin: string, concurrency: number, timeoutMs: number) {
    const connector = buildConnector({ timeout: timeoutMs, allowH2: false });
    // Below the 5 s after which common servers close an idle connection: a request that meets such a closing half-way
    // may or may not have arrived, and is parked.
    this.#make = () => new Line({ origin, connector, keepAliveMs: 4000 });
    // More of them would cost more than they are worth: where few requests are under way, there are some to rest already.
    this.#most = Math.max(2, concurrency);
  }

  /** Of those that have rested the one that was used last, for it is the least likely to be closed. */
  take(now: number): Line {
    const line = this.#unused.pop() ?? this.#takeRested(now) ?? this.#takeTired();
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

  #takeRested(now: number): Line | undefined {
    const last = this.#free.findIndex(({ freeSince }) => freeSince > now - REST_MS);
    const rested = last < 0 ? this.#free.length : last;
    return rested === 0 ? undefined : this.#free.splice(rested - 1, 1)[0];
  }

  /** Where there may be no more of them, the one that has rested longest. */
  #takeTired(): Line | undefined {
    return this.#all.length < this.#most ? undefined : this.#free.shift();
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((line) => line.close()));
  }
}
