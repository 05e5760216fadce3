/** How fast a number grows. */
export class Meter {
  readonly #read: () => number;
  #last: number;
  #since = performance.now();

  /** @param read gives the number as it stands */
  constructor(read: () => number) {
    this.#read = read;
    this.#last = read();
  }

  /** Growth a second since the last time this was asked, to one decimal. */
  perSecond(): number {
    const now = performance.now();
    const count = this.#read();
    const rate = ((count - this.#last) * 1000) / Math.max(1, now - this.#since);
    this.#last = count;
    this.#since = now;
    return Math.round(rate * 10) / 10;
  }
}
