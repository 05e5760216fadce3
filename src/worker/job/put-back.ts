import { DelayedError, type Job as QueuedJob, WaitingError } from 'bullmq';
import { describeError } from '../../shared/errors.ts';
import { NOTIFICATIONS } from '../../shared/job.ts';
import type { Logger } from '../../shared/log.ts';
import { isRefusal } from '../../shared/redis/connection.ts';
import type { RedisClock } from '../../shared/redis/redis-clock.ts';
import type { Rest } from '../trouble/rest.ts';
import type { Seldom } from '../trouble/seldom.ts';
import type { StopReason } from './run-end.ts';

export interface PutBackParts {
  campaign: string;
  clock: RedisClock;
  log: Logger;
  /** Told when a run found its campaign paused, or not due: a job that is put back must not be taken again at once. */
  onPaused: () => void;
}

/** A job that this worker may not run now is looked at again after this. */
const PUT_BACK_MS = 5000;

/**
 * Gives a job back to BullMQ: to its delay until it is due, or among those that wait. It ends no job. Each of its calls
 * throws what tells BullMQ so.
 */
export class PutBack {
  readonly #parts: PutBackParts;
  readonly #told: Seldom;
  readonly #rest: Rest;

  /** @param told and `rest`: the processor's own */
  constructor(parts: PutBackParts, told: Seldom, rest: Rest) {
    this.#parts = parts;
    this.#told = told;
    this.#rest = rest;
  }

  /** Another program has made it due. It goes behind those that are still held back. */
  async holdBack(queued: QueuedJob, token: string, until: number): Promise<never> {
    this.#warn(queued, 'held back again: another program promoted what the canary holds back');
    await this.#delay(queued, token, until);
    throw new DelayedError();
  }

  /**
   * @param reason why its run ended early, if it did
   * @param due Unix ms, when it is to be run again. Default: in a while, for this worker may not run it now
   */
  async putBack(
    queued: QueuedJob,
    token: string,
    reason?: StopReason,
    due = this.#later(),
  ): Promise<never> {
    this.#parts.log.debug({ job: queued.id, reason, due }, 'job put back');
    // Nor before its time: it is let go of at the next look at the registry.
    const isElsewhere = reason === 'origin' && this.#parts.campaign === NOTIFICATIONS;
    if (isElsewhere) this.#warn(queued, 'left to others: its first attempt went to another origin');
    else if (reason === 'paused' || reason === 'early' || reason === 'origin')
      this.#parts.onPaused();
    try {
      if (reason === undefined || reason === 'closed' || isElsewhere) {
        const least = reason === 'closed' ? this.#later() : this.#parts.clock.now() + 1;
        await this.#delay(queued, token, Math.max(due, least));
        throw new DelayedError();
      }
      await queued.moveToWait(token);
    } catch (error) {
      if (error instanceof DelayedError) throw error;
      // The lock is another's by now, and so is the job: BullMQ has it, and nothing is to be moved.
      await this.#notPutBack(queued.id, error);
    }
    throw new WaitingError();
  }

  /** It rests once the job is back, for whoever may begin it is to fetch it next, and not this worker again. */
  async leaveToOthers(queued: QueuedJob, token: string): Promise<never> {
    try {
      await queued.moveToWait(token);
    } catch (error) {
      await this.#notPutBack(queued.id, error);
    }
    await this.#rest.take();
    throw new WaitingError();
  }

  async #notPutBack(job: string | undefined, error: unknown): Promise<void> {
    const told = describeError(error);
    const refused = isRefusal(error);
    // BullMQ's own errors name the job: then each is told of.
    const times = refused ? this.#told.count(`not put back: ${told}`) : 1;
    if (times > 0) this.#parts.log.warn({ job, error: told, times }, 'job not put back');
    if (refused) await this.#rest.take();
  }

  #warn({ id: job }: QueuedJob, words: string): void {
    const times = this.#told.count(words);
    if (times > 0) this.#parts.log.warn({ job, times }, words);
  }

  /** Unix ms. */
  #later(): number {
    return this.#parts.clock.now() + PUT_BACK_MS;
  }

  /**
   * BullMQ reckons how long that is by this machine's clock, and from when on by Redis's (`ClockedBackend`).
   * @param due Unix ms
   */
  async #delay(queued: QueuedJob, token: string, due: number): Promise<void> {
    await queued.moveToDelayed(due + this.#parts.clock.offMs, token);
  }
}
