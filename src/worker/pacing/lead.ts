import { LONGEST_LEAD_MS } from './slots.ts';

const REMEMBERED = 9;

/**
 * How long after Redis read its clock we look at its answer. A slot earlier than that would be past
 * when we hear of it. It is the median of the last answers: a single slow one costs its slots, a
 * Redis that is always slow none, up to `LONGEST_LEAD_MS`.
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
