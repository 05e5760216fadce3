/** How far the reading of a list is, on one line of a terminal. */
import type { ListTotals } from '../../producer/producer.ts';
import { LiveLine } from '../terminal/live-line.ts';
import { grouped, percent, span } from '../view/figures.ts';

export class ListProgress {
  readonly line = new LiveLine();
  readonly #verb: string;
  readonly #bytes: number | undefined;
  readonly #startedAt = performance.now();

  /** @param bytes of the whole list, where they are known */
  constructor(verb: string, bytes: number | undefined) {
    this.#verb = verb;
    this.#bytes = bytes;
  }

  show(totals: Readonly<ListTotals>): void {
    this.line.show(() => this.#words(totals));
  }

  /** `reading  42 %, 420,000 rows, 210,000 rows/s, 3 s left` */
  #words({ rows, bytes }: Readonly<ListTotals>): string {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const words = [
      `${grouped(rows)} rows`,
      `${grouped(Math.round(rows / Math.max(0.001, seconds)))} rows/s`,
    ];
    if (this.#bytes !== undefined && this.#bytes > 0) {
      const done = Math.min(1, bytes / this.#bytes);
      words.unshift(percent(done));
      if (done > 0) words.push(`${span((seconds / done) * (1 - done))} left`);
    }
    return `${this.#verb}  ${words.join(', ')}`;
  }
}
