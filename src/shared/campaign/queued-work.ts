/** What BullMQ has left to run of a campaign: whether a worker is needed for it now, or from when on. */
import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../redis/keys.ts';
import { loadScript } from '../redis/script.ts';
import { HELD_SCORE, SCORE_UNIT } from './canary.ts';

export interface QueuedWork {
  /** Recipients that nothing has become of yet. */
  pending: number;
  /**
   * Jobs that wait, and those that some worker holds: where that one has died, only a worker that serves the queue
   * picks them up.
   */
  ready: number;
  /** When the first of those that are put off is due, Unix ms; Infinity where none is. */
  delayedUntil: number;
  /** Jobs that a canary holds back, or held back and that have still to be put back. */
  held: number;
  /** Jobs that a replay has taken and not queued yet. */
  unlaid: number;
  /** One is alive, and may be about to put work into it. */
  isReplayed: boolean;
}

const LOOK = loadScript(new URL('queued-work.lua', import.meta.url));

export async function readQueuedWork(redis: Redis, keys: CampaignKeys): Promise<QueuedWork> {
  const lists = ['wait', 'prioritized', 'active', 'delayed'].map((name) => keys.job(name));
  const own = [keys.counts, ...lists, keys.replaying, keys.replayLease];
  const reply = await LOOK.run(redis, own, [HELD_SCORE]);
  const [pending, ready, first, held, unlaid, alive]: unknown[] = Array.isArray(reply) ? reply : [];
  return {
    pending: Number(pending),
    ready: Number(ready),
    delayedUntil: first === '' ? Number.POSITIVE_INFINITY : Math.floor(Number(first) / SCORE_UNIT),
    held: Number(held),
    unlaid: Number(unlaid),
    isReplayed: alive === 1,
  };
}
