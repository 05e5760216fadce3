import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 500;
const LONGEST_MS = 5000;

/**
 * What is tried again and again rests in between, longer each time, up to 5 s, until it went well:
 * a Redis that refuses would be asked thousands of times a second. A stop ends every rest.
 */
export class Rest {
  readonly #stopping = new AbortController();
  #ms = FIRST_MS;

  /** Resolves after the rest, or at once when told to stop. Of many at once, all rest as long. */
  async take(): Promise<void> {
    const ms = this.#ms;
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => {});
    this.#ms = Math.min(LONGEST_MS, Math.max(this.#ms, 2 * ms));
  }

  /** The next is short again. */
  wentWell(): void {
    this.#ms = FIRST_MS;
  }

  stop(): void {
    this.#stopping.abort();
  }
}
