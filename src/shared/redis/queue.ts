import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Keys } from './keys.ts';

/** BullMQ's queue of a campaign, over a connection that its owner closes. */
export function openQueue(redis: Redis, keys: Keys, campaign: string): Queue {
  const queue = new Queue(keys.campaign(campaign).queue, {
    connection: redis,
    prefix: keys.prefix,
    // A producer's connection answers at once or fails; BullMQ would otherwise wait for it without end.
    skipWaitingForReady: true,
    // It would cost every opening a round trip, and leave a queue that is opened while Redis is away broken for good.
    skipVersionCheck: true,
    // Nothing here reads BullMQ's events, and left alone each queue's stream grows to some 577 KB.
    streams: { events: { maxLen: 10 } },
    defaultJobOptions: {
      // The ledger counts attempts. BullMQ must never end a job by its own count.
      attempts: 1_000_000,
      stackTraceLimit: 1,
    },
  });
  queue.on('error', () => {
    // The connection's owner hears of it; a queue without a listener would end the process.
  });
  return queue;
}
