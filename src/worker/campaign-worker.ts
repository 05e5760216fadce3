import { type Queue, type Job as QueuedJob, UnrecoverableError } from 'bullmq';
import { describeError } from '../shared/errors.ts';
import type { Logger } from '../shared/log.ts';
import type { CampaignKeys, Keys } from '../shared/redis/keys.ts';
import { openQueue } from '../shared/redis/queue.ts';
import { Processor, type ProcessorOptions, type ProcessorParts } from './job/processor.ts';
import { rejectUnreadable } from './job/unreadable.ts';
import { CampaignPacer } from './pacing/campaign-pacer.ts';
import { PausingQueueWorker } from './trouble/pausing-queue-worker.ts';
import { kindOf, wordsFor } from './trouble/queue-errors.ts';

export interface CampaignWorkerOptions extends ProcessorOptions {
  workerId: string;
  lockMs: number;
  /** Told of every job that has come to an end here. */
  onEnded: (ended: EndedJob) => void;
  /** Told of every error of BullMQ's that is no loss of the connection: of one job, or jobs may lie there for ever. */
  onTrouble: (error: string, about: 'job' | 'queue') => void;
  /** The campaign has limits of its own, under the fleet's. */
  isLimited: boolean;
}

/** A job that a worker has brought to its end. */
export interface EndedJob {
  campaign: string;
  /** Its id; of a notification, its message is `<job>.0`. */
  job: string;
  /** Whether EngageLab took all of its messages. */
  ok: boolean;
  /** Where it did not: how many of what, as in `of 100 messages: 2 rejected (5001)`. */
  reason?: string | undefined;
}

/**
 * This process's hand on one campaign's queue: a BullMQ worker and the processor it calls. It takes jobs as long as
 * it is attached; how many at a time it is told.
 */
export class CampaignWorker {
  readonly id: string;
  readonly #processor: Processor;
  readonly #pacer: CampaignPacer | undefined;
  readonly #queue: PausingQueueWorker;
  readonly #reader: Queue;

  constructor(
    id: string,
    keys: Keys,
    parts: Omit<ProcessorParts, 'keys' | 'campaign' | 'onPaused'>,
    options: CampaignWorkerOptions,
    concurrency: number,
  ) {
    this.id = id;
    const campaign = keys.campaign(id);
    const log = parts.log.child({ campaign: id });
    if (options.isLimited) {
      const { redis, pacer, clock } = parts;
      const own = { worker: options.workerId, clock, log };
      this.#pacer = new CampaignPacer(redis, campaign, pacer, own);
    }
    const own = { campaign: id, keys: campaign, log, pacer: this.#pacer ?? parts.pacer };
    const onPaused = () => this.pause();
    this.#processor = new Processor({ ...parts, ...own, onPaused }, options);
    this.#reader = openQueue(parts.redis, keys, id);
    // BullMQ hands its abort signal only to a function that declares three parameters.
    const process = (job: QueuedJob, token: string | undefined, signal: AbortSignal | undefined) =>
      this.#processor.process(job, token ?? '', signal ?? new AbortController().signal);
    const opts = {
      connection: parts.redis,
      prefix: keys.prefix,
      name: options.workerId,
      concurrency,
      lockDuration: options.lockMs,
      stalledInterval: Math.max(500, Math.round(options.lockMs / 4)),
      // The ledger counts attempts, so a job may stall as often as it must.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      // A wake-up can be lost when an idle worker closes; then this, in seconds, is what it costs.
      drainDelay: 1,
      runRetryDelay: 500,
    };
    this.#queue = new PausingQueueWorker(campaign.queue, process, opts, parts.clock);
    this.#queue.on('error', (error) => {
      const kind = kindOf(error);
      const words = wordsFor(error);
      if (kind === 'unreadable') void this.#rejectUnreadable(parts, campaign, log);
      else if (kind === 'connection') log.debug({ error: words }, 'BullMQ waits');
      else options.onTrouble(words, kind);
    });
    this.#queue.on('lockRenewalFailed', (jobs) => {
      for (const job of jobs) this.#queue.cancelJob(job);
    });
    this.#queue.on('failed', (job, error) => {
      // Any other error of a job is followed by another run of it.
      if (!(error instanceof UnrecoverableError) || job?.id === undefined) return;
      options.onEnded({ campaign: id, job: job.id, ok: false, reason: error.message });
    });
    this.#queue.on('completed', (job) => {
      if (job.id !== undefined) options.onEnded({ campaign: id, job: job.id, ok: true });
      this.#processor.fold(job).catch((error: unknown) => {
        log.warn({ job: job.id, error: describeError(error) }, 'ledger kept beside its result');
      });
    });
  }

  set concurrency(jobs: number) {
    this.#queue.concurrency = jobs;
  }

  async #rejectUnreadable(
    { redis, clock }: Pick<ProcessorParts, 'redis' | 'clock'>,
    campaign: CampaignKeys,
    log: Logger,
  ): Promise<void> {
    try {
      const jobs = await rejectUnreadable(redis, campaign, clock.now());
      for (const job of jobs) log.warn({ job }, 'bad job rejected: its data is not JSON');
    } catch (error) {
      log.debug({ error: describeError(error) }, 'unreadable jobs not looked for');
    }
  }

  /** Takes no further job, and has those under way put back once their replies are in. Waits for nothing. */
  pause(): void {
    if (this.#queue.isPaused()) return;
    // Only what waits for the jobs under way could fail, and nothing does here.
    this.#queue.pause(true).catch(() => undefined);
    this.#processor.stop('paused');
  }

  resume(): void {
    if (!this.#queue.isPaused()) return;
    this.#processor.goOn();
    this.#queue.resume().catch(() => undefined);
  }

  /** The whole campaign was cancelled: has its jobs end, without being sent. */
  cancel(): void {
    this.#processor.cancel();
    // What waits for its next attempt waits no longer. Where Redis is away, the next look does it.
    this.#reader.promoteJobs({ count: 500 }).catch(() => undefined);
  }

  /** As a process ends: does not wait for somebody to give back a right, to write replies down. */
  async stop(): Promise<void> {
    this.#processor.giveUp();
    await this.detach();
  }

  /** Whether jobs of it are being run here. */
  get isBusy(): boolean {
    return this.#processor.isBusy;
  }

  /** Whether messages are being sent here, or replies written down. */
  get isSending(): boolean {
    return this.#processor.isSending;
  }

  /** Cuts its connections, where a stop could not be waited for. */
  disconnect(): void {
    this.#queue.disconnect().catch(() => undefined);
  }

  /**
   * Takes no further job, has those under way put back, and waits for their replies. Of a campaign that is finished, or
   * not due, a job that another worker has taken over and ended may still wait here to send.
   */
  async detach(): Promise<void> {
    const closed = this.#queue.close();
    this.#processor.stop('shutdown');
    this.#pacer?.stop();
    await closed;
    await this.#reader.close();
  }
}
