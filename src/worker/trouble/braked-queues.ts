import type { Logger } from '../../shared/log.ts';

/**
 * Tells in the log, once, that another program has stopped or slowed a campaign's queue, and once
 * that it has not any more. It takes nothing off: that is for `resume`.
 */
export class BrakedQueues {
  readonly #log: Logger;
  /** Campaign → what was told. */
  readonly #told = new Map<string, string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param why what each campaign's queue is stopped or slowed by, in words, if it is */
  note(queues: readonly { campaign: string; why: string | undefined }[]): void {
    for (const { campaign, why } of queues) {
      if (why === this.#told.get(campaign)) continue;
      if (why === undefined) {
        this.#told.delete(campaign);
        this.#log.info({ campaign }, 'its queue is not held up any more');
      } else {
        this.#told.set(campaign, why);
        const undo = `volley resume ${campaign}`;
        this.#log.warn({ campaign, why, undo }, 'its queue is held up by another program');
      }
    }
    const known = new Set(queues.map(({ campaign }) => campaign));
    for (const id of this.#told.keys()) if (!known.has(id)) this.#told.delete(id);
  }
}
