import { LONGEST_LEAD_MS } from './slots.ts';

const REMEMBERED = 9;

/**
 * How long after Redis read its clock its answers are looked at here: were slots asked for sooner, they would be over
 * before they are known. The median of the last answers: a slow one costs its slots, and a Redis that is far away none.
 */
export class Lead {
  readonly #last: number[] = [];

  see(ms: number): void {
    this.#last.push(ms);
    if (this.#last.length > REMEMBERED) this.#last.shift();
  }

  /** 0 before the first answer. */
  get ms(): number {
    const median = this.#last.toSorted((a, b) => a - b)[Math.floor(this.#last.length / 2)] ?? 0;
    return Math.min(LONGEST_LEAD_MS, Math.max(0, median));
  }
}
