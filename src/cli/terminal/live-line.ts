/**
 * One line at the bottom of a terminal that is painted over and over: progress. Where standard error is no terminal
 * it paints nothing. It never wraps: a wrapped line cannot be painted over.
 */

const LEAST_MS = 100;

export class LiveLine implements Disposable {
  readonly #terminal = process.stderr.isTTY === true;
  #painted = '';
  #paintedAt = Number.NEGATIVE_INFINITY;

  /** At most ten times a second, so that a fast caller may call as often as it likes. */
  show(text: () => string): void {
    const now = performance.now();
    if (!this.#terminal || now - this.#paintedAt < LEAST_MS) return;
    this.#paintedAt = now;
    this.#paint(text());
  }

  /** Writes whole lines above it. */
  print(text: string): void {
    const below = this.#painted;
    this.clear();
    process.stderr.write(`${text}\n`);
    if (below !== '') this.#paint(below);
  }

  clear(): void {
    if (this.#painted !== '') process.stderr.write('\r\u001b[K');
    this.#painted = '';
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  #paint(text: string): void {
    // One column stays free: in the last one some terminals wrap at once.
    const line = text.slice(0, Math.max(10, (process.stderr.columns ?? 80) - 1));
    process.stderr.write(`\r${line}\u001b[K`);
    this.#painted = text;
  }
}
