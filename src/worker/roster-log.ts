import type { Logger } from '../shared/log.ts';
import type { Registered } from './registry.ts';

/**
 * What the roster says of campaigns in the log: each thing once, as long as it stays so. A worker that starts later says
 * it, too.
 */
export class RosterLog {
  readonly #log: Logger;
  /** The codes for which campaigns have stopped by themselves. */
  readonly #halts = new LastTold();
  /** The origins to which campaigns are sent, where it is another than this worker's. */
  readonly #origins = new LastTold();
  readonly #brakes = new LastTold();

  constructor(log: Logger) {
    this.#log = log;
  }

  halts(registered: readonly Registered[]): void {
    for (const { id, halt } of registered) {
      if (this.#halts.isNews(id, halt?.code) && halt !== undefined)
        this.#log.warn({ campaign: id, ...halt }, 'campaign halted: refused again and again');
    }
    this.#halts.keep(registered.map(({ id }) => id));
  }

  /**
   * That another program has stopped or slowed a campaign's queue, and that it has not any more. It takes nothing off:
   * that is for `resume`.
   */
  brakes(queues: readonly Pick<Registered, 'id' | 'brakes'>[]): void {
    for (const { id: campaign, brakes } of queues) {
      const why = brakes.stops ?? brakes.slows;
      if (!this.#brakes.isNews(campaign, why)) continue;
      const undo = `volley resume ${campaign}`;
      if (why === undefined) this.#log.info({ campaign }, 'its queue is not held up any more');
      else this.#log.warn({ campaign, why, undo }, 'its queue is held up by another program');
    }
    this.#brakes.keep(queues.map(({ id }) => id));
  }

  /** One that is looked after no more, and comes back with a replay, is told of again. */
  forgetOthersThan(registered: readonly Registered[]): void {
    this.#origins.keep(registered.map(({ id }) => id));
  }

  /** @param own this worker's origin */
  leftToOthers({ id, origin }: Registered, own: string): void {
    if (!this.#origins.isNews(id, origin)) return;
    this.#log.warn(
      { campaign: id, origin, own },
      `campaign not served: it is sent to ${origin}, and this worker sends to ${own}; ` +
        'VOLLEY_ALLOW_ORIGIN_CHANGE=1 has it go on here',
    );
  }

  ours({ id }: Registered): void {
    this.#origins.isNews(id, undefined);
  }

  /** @param jobs that a replay had taken, and that were queued now */
  replayGoneOnWith(campaign: string, jobs: number): void {
    const words =
      'a replay was broken off: what it had taken is sent; the same command goes on with the rest';
    this.#log.warn({ campaign, jobs }, words);
  }
}

/** What was told of each campaign last. */
class LastTold {
  readonly #last = new Map<string, string>();

  /** Takes note. @param what undefined where there is nothing to tell @returns whether it was another before */
  isNews(campaign: string, what: string | undefined): boolean {
    if (this.#last.get(campaign) === what) return false;
    if (what === undefined) this.#last.delete(campaign);
    else this.#last.set(campaign, what);
    return true;
  }

  /** Forgets all other campaigns. */
  keep(campaigns: readonly string[]): void {
    const kept = new Set(campaigns);
    for (const id of this.#last.keys()) if (!kept.has(id)) this.#last.delete(id);
  }
}
