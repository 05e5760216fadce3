/** Lets other work have its turn: reading a list is one long computation with hardly a wait in it. */
import { setImmediate } from 'node:timers/promises';

/** Well under the 50 ms that nothing may hold up a process for: what follows may take some 10 more. */
const MAX_HOLD_MS = 10;

export class Breather {
  #since = performance.now();

  /** Waits for the next turn if this one has lasted. What is computed does not depend on it. */
  async give(): Promise<void> {
    if (performance.now() - this.#since < MAX_HOLD_MS) return;
    await setImmediate();
    this.#since = performance.now();
  }
}
