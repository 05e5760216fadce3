/**
 * A moment, by both clocks of this process. While a machine is suspended, or moved to another host, its monotonic clock
 * may stand still, and its wall clock may be set at any time: so of the two passages the greater one is believed. What
 * may only be done within some time is then done too seldom, and never too late.
 */
export class Moment {
  readonly #wall = Date.now();
  readonly #monotonic = performance.now();

  /** Milliseconds since then. */
  get passedMs(): number {
    return Math.max(Date.now() - this.#wall, performance.now() - this.#monotonic);
  }
}
