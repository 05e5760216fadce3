import { setTimeout as sleep } from 'node:timers/promises';
import { Worker as QueueWorker } from 'bullmq';
import { isRefusal } from '../../shared/redis/connection.ts';

/** As BullMQ's `runRetryDelay`, which it keeps for lost connections. */
const PAUSE_MS = 500;

/**
 * BullMQ's worker, which asks for the next job at once where Redis refused to give it one: thousands of times a second,
 * of a Redis that everybody needs. This one rests first. A stop waits for the rest, too.
 */
export class PausingQueueWorker extends QueueWorker {
  protected override async moveToActive(
    ...args: Parameters<QueueWorker['moveToActive']>
  ): ReturnType<QueueWorker['moveToActive']> {
    try {
      return await super.moveToActive(...args);
    } catch (error) {
      if (isRefusal(error) && !this.closing) await sleep(PAUSE_MS);
      throw error;
    }
  }
}
