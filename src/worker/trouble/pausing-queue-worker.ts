import { Worker as QueueWorker } from 'bullmq';
import { isRefusal } from '../../shared/redis/connection.ts';
import { Rest } from './rest.ts';

/**
 * BullMQ's worker, which asks for the next job at once where Redis refused to give it one: thousands of times a second,
 * of a Redis that everybody needs. This one rests first.
 */
export class PausingQueueWorker extends QueueWorker {
  // Made when it is needed: BullMQ's constructor begins to fetch before a field of this class is set.
  #rest: Rest | undefined;

  protected override async moveToActive(
    ...args: Parameters<QueueWorker['moveToActive']>
  ): ReturnType<QueueWorker['moveToActive']> {
    try {
      const job = await super.moveToActive(...args);
      this.#rest?.wentWell();
      return job;
    } catch (error) {
      if (isRefusal(error) && !this.closing) await this.#takeRest();
      throw error;
    }
  }

  async #takeRest(): Promise<void> {
    if (!this.#rest) {
      const rest = new Rest();
      this.once('closing', () => rest.stop());
      this.#rest = rest;
    }
    await this.#rest.take();
  }
}
