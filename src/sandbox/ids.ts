/**
 * Ids as the vendor gives them: 19 digits, growing, never given twice. They are strings
 * throughout, for as a number each would be rounded.
 */

/** The documented ids are snowflakes: milliseconds since this instant, times 2^22. */
const EPOCH_MS = 1_288_834_974_657;
/** Before 2018 a snowflake has fewer than 19 digits, and a test's clock may stand there. */
const LEAST_MS = 300_000_000_000;
const LOW = 1_000_000_000;

export class Ids {
  // Ten digits and nine: both are exact as numbers and far cheaper than a bigint for each id.
  #high: number;
  #low: number;

  /** Started a millisecond apart, two sandboxes give different ids. */
  constructor(nowMs: number) {
    const base = BigInt(Math.max(Math.trunc(nowMs) - EPOCH_MS, LEAST_MS)) << 22n;
    this.#high = Number(base / BigInt(LOW));
    this.#low = Number(base % BigInt(LOW));
  }

  next(): string {
    this.#low += 1;
    if (this.#low === LOW) {
      this.#low = 0;
      this.#high += 1;
    }
    return `${this.#high}${String(this.#low).padStart(9, '0')}`;
  }
}
