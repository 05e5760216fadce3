import type { Logger } from '../shared/log.ts';
import type { Registered } from './registry.ts';

/**
 * What the roster says of campaigns in the log: each thing once, as long as it stays so. A worker that starts later says
 * it, too.
 */
export class RosterLog {
  readonly #log: Logger;
  /** Those that have stopped by themselves. */
  #halted = new Set<string>();
  /** Campaigns that are sent to another origin than this worker's, and to which. */
  readonly #leftToOthers = new Map<string, string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  halts(registered: readonly Registered[]): void {
    const halted = registered.filter(({ halt }) => halt !== undefined);
    for (const { id, halt } of halted) {
      if (this.#halted.has(id)) continue;
      this.#log.warn({ campaign: id, ...halt }, 'campaign halted: refused again and again');
    }
    this.#halted = new Set(halted.map(({ id }) => id));
  }

  /** @param own this worker's origin */
  leftToOthers({ id, origin }: Registered, own: string): void {
    if (origin === undefined || this.#leftToOthers.get(id) === origin) return;
    this.#leftToOthers.set(id, origin);
    this.#log.warn(
      { campaign: id, origin, own },
      `campaign not served: it is sent to ${origin}, and this worker sends to ${own}; ` +
        'VOLLEY_ALLOW_ORIGIN_CHANGE=1 has it go on here',
    );
  }

  ours({ id }: Registered): void {
    this.#leftToOthers.delete(id);
  }

  /** @param jobs that a replay had taken, and that were queued now */
  replayGoneOnWith(campaign: string, jobs: number): void {
    const words =
      'a replay was broken off: what it had taken is sent; the same command goes on with the rest';
    this.#log.warn({ campaign, jobs }, words);
  }
}
