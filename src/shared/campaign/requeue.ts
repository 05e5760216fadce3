import { Job as QueuedJob } from 'bullmq';
import { openQueue } from '../redis/queue.ts';
import { markQueued } from '../replay/steps.ts';
import type { CampaignHandle } from './handle.ts';
import { serve } from './serving.ts';

/**
 * Brings into BullMQ's queue what a replay has written down: jobs that have ended, once more, and jobs that are new. Any
 * replay brings whatever it finds, so that one that was killed in between forgets nothing. Doing it twice does nothing:
 * the ledger knows what is settled, and a job's id is taken once.
 */
export class Requeue {
  readonly #campaign: CampaignHandle;
  readonly #queue;

  constructor(campaign: CampaignHandle) {
    this.#campaign = campaign;
    this.#queue = openQueue(campaign.redis, campaign.keys, campaign.id);
  }

  /** @returns how many jobs there were */
  async run(): Promise<number> {
    const { redis, fleet, own, id } = this.#campaign;
    const entries = Object.entries(await redis.hgetall(own.replaying));
    if (entries.length === 0) return 0;
    const isNew = (value: string) => value.startsWith('{');
    const made = entries.filter(([, value]) => isNew(value));
    const jobs = made.map(([jobId, data]) => ({
      name: 'replay',
      data: JSON.parse(data),
      opts: { jobId },
    }));
    if (jobs.length > 0) await this.#queue.addBulk(jobs);
    const ended = entries.filter(([, value]) => !isNew(value));
    await Promise.all(ended.map(([jobId]) => this.#wake(jobId)));
    await markQueued(redis, own, entries);
    // Workers must not let go of it, or must take it up again.
    await serve(redis, fleet, id);
    return entries.length;
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  /** A job that failed waits again; one that is put off until the next attempt of a neighbour goes at once. */
  async #wake(jobId: string): Promise<void> {
    const job = new QueuedJob(this.#queue, 'send', {}, {}, jobId);
    const again = { resetAttemptsMade: true, resetAttemptsStarted: true };
    const isDone = await unlessElsewhere(job.retry('failed', again));
    if (!isDone) await unlessElsewhere(job.promote());
  }
}

/**
 * Brings into the queue what a replay had written down before it broke off; nothing while one is alive, which does so
 * itself. It takes no message further: what had not been taken stays as it was.
 * @returns how many jobs there were
 */
export async function goOnWithReplay(campaign: CampaignHandle): Promise<number> {
  const { redis, own } = campaign;
  if ((await redis.hlen(own.replaying)) === 0) return 0;
  if ((await redis.exists(own.replayLease)) === 1) return 0;
  const requeue = new Requeue(campaign);
  try {
    return await requeue.run();
  } finally {
    await requeue.close();
  }
}

/** @returns false where the job was not in the state that it was to be moved from */
async function unlessElsewhere(moving: Promise<void>): Promise<boolean> {
  try {
    await moving;
    return true;
  } catch (error) {
    // BullMQ's own numbers for "no such job" and "not in that state".
    const code: unknown = Reflect.get(Object(error), 'code');
    if (code === -1 || code === -3) return false;
    throw error;
  }
}
