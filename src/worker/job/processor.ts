import { DelayedError, type Job as QueuedJob, UnrecoverableError, WaitingError } from 'bullmq';
import type { Redis } from 'ioredis';
import { describeError } from '../../shared/errors.ts';
import { JOB_VERSION, Job, NOTIFICATIONS } from '../../shared/job.ts';
import { decodeEntry, UNTOUCHED } from '../../shared/ledger/entry.ts';
import { ALL_ACCEPTED, fold } from '../../shared/ledger/fold.ts';
import { isSettled } from '../../shared/ledger/letters.ts';
import { canFold, fieldsOf, type LedgerFields, resultOf } from '../../shared/ledger/result.ts';
import type { Logger } from '../../shared/log.ts';
import type { CampaignKeys } from '../../shared/redis/keys.ts';
import type { FarEnd } from '../health/far-end.ts';
import type { Health } from '../health/health.ts';
import type { ValveReports } from '../health/valve-reports.ts';
import type { PermitSource } from '../pacing/campaign-pacer.ts';
import type { Scrubber } from '../request/scrubber.ts';
import type { Sender } from '../request/sender.ts';
import { CheckIn } from './check-in.ts';
import { Ledger, newRun } from './job-ledger.ts';
import { JobRun, type JobRunOptions } from './job-run.ts';
import type { OptOuts } from './opt-outs.ts';
import type { StopReason } from './run-end.ts';

export interface ProcessorParts {
  campaign: string;
  redis: Redis;
  keys: CampaignKeys;
  pacer: PermitSource;
  sender: Sender;
  valve: ValveReports;
  health: Health;
  farEnd: FarEnd;
  optOuts: OptOuts;
  scrubber: Scrubber;
  log: Logger;
  /** Told when a run found its campaign paused, or not due: a job that is put back must not be taken again at once. */
  onPaused: () => void;
}

export type ProcessorOptions = JobRunOptions;

/** Errors by which a processor tells BullMQ what became of a job. */
function isBullMqSignal(error: unknown): boolean {
  return (
    error instanceof UnrecoverableError ||
    error instanceof DelayedError ||
    error instanceof WaitingError
  );
}

/** A job that this worker may not run now is looked at again after this. */
const PUT_BACK_MS = 5000;

/**
 * BullMQ's side of a job: reads it, lets a run send what is due, and moves it on: completed, failed, delayed until
 * the next attempt, or put back. Only here does a job end, and only after the ledger has settled it.
 */
export class Processor {
  readonly #parts: ProcessorParts;
  readonly #options: ProcessorOptions;
  readonly #checkIn: CheckIn;
  readonly #runs = new Map<string, JobRun>();
  #stopped: StopReason | undefined;
  /** Why the last run broke off, if it did: told once, however many follow for the same reason. */
  #broken: string | undefined;

  constructor(parts: ProcessorParts, options: ProcessorOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#checkIn = new CheckIn(parts.redis, parts.keys, parts.campaign);
  }

  get isBusy(): boolean {
    return this.#runs.size > 0;
  }

  /** Sends nothing further; every run puts its job back once its replies are in. */
  stop(reason: StopReason): void {
    if (this.#stopped !== 'shutdown') this.#stopped = reason;
    for (const run of this.#runs.values()) run.stop(reason);
  }

  /** After a stop that was for a pause only. */
  goOn(): void {
    if (this.#stopped === 'paused') this.#stopped = undefined;
  }

  /** The whole campaign was cancelled: no message need wait any longer to find out. */
  cancel(): void {
    for (const run of this.#runs.values()) run.stop('cancelled');
  }

  /** BullMQ's processor function: its value completes the job, its errors say what else became of it. */
  async process(queued: QueuedJob, token: string, signal: AbortSignal): Promise<unknown> {
    const id = queued.id ?? '';
    if (queued.name === ALL_ACCEPTED) {
      throw new UnrecoverableError('not sent again: everybody in it was accepted before');
    }
    const job = await this.#read(queued, token);
    if (this.#runs.has(id)) {
      // An earlier run of it lost its lock and still waits for replies. The two must not run side by side.
      return this.#putBack(queued, token, undefined, Date.now() + PUT_BACK_MS);
    }
    const run = this.#createRun(job, id, token);
    this.#runs.set(id, run);
    if (this.#stopped) run.stop(this.#stopped);
    signal.addEventListener('abort', () => run.stop('lock'), { once: true });
    try {
      await this.#checkIn.check(job, id);
      const due = await run.work();
      this.#broken = undefined;
      if (due === undefined) return await this.#finish(job, id);
      return await this.#putBack(queued, token, run.stopReason, due);
    } catch (error) {
      if (isBullMqSignal(error)) throw error;
      this.#tellBreak(id, describeError(error));
      return await this.#putBack(queued, token, undefined, Date.now() + PUT_BACK_MS);
    } finally {
      this.#runs.delete(id);
    }
  }

  /** A completed pack's return value holds its ledger, which then need not be kept a second time. */
  async fold(queued: QueuedJob): Promise<void> {
    const fields = fieldsOf(queued.returnvalue);
    if (fields === undefined || queued.id === undefined || !canFold(fields)) return;
    // Of one whose job another program removes, its ledger alone tells what it had come to.
    if (this.#parts.campaign === NOTIFICATIONS) return;
    await fold(this.#parts.redis, this.#parts.keys, queued.id, fields);
  }

  #tellBreak(job: string, error: string): void {
    if (error !== this.#broken)
      this.#parts.log.error({ job, error }, 'run broken off, tried again');
    this.#broken = error;
  }

  #createRun(job: Job, jobId: string, token: string): JobRun {
    const { redis, keys } = this.#parts;
    const run = newRun();
    const ledger = new Ledger(redis, keys, {
      jobId,
      token,
      run,
      attempts: this.#options.attempts,
      park: job.on_unconfirmed === 'park',
      leastLockMs: this.#options.leastLockMs,
    });
    return new JobRun(job, { ...this.#parts, jobId, run, ledger }, this.#options);
  }

  async #read(queued: QueuedJob, token: string): Promise<Job> {
    const version: unknown = Reflect.get(Object(queued.data), 'v');
    if (typeof version === 'number' && version > JOB_VERSION) {
      this.#parts.log.warn({ job: queued.id, version }, 'put back: a job for a newer worker');
      await queued.moveToDelayed(Date.now() + PUT_BACK_MS, token);
      throw new DelayedError();
    }
    const parsed = Job.safeParse(queued.data);
    if (parsed.success) return parsed.data;
    const [first] = parsed.error.issues;
    const where = first?.path.join('.') || 'the job';
    const more =
      parsed.error.issues.length > 1 ? ` (and ${parsed.error.issues.length - 1} more)` : '';
    throw new UnrecoverableError(`bad job: ${where}: ${first?.message}${more}`);
  }

  async #finish(job: Job, id: string): Promise<unknown> {
    const fields: LedgerFields = await this.#parts.redis.hgetall(this.#parts.keys.ledger(id));
    const tally = new Map<string, number>();
    let isAllSent = true;
    const entries = job.messages.map(([to], index) => {
      const text = fields[index];
      return text === undefined ? UNTOUCHED : decodeEntry(text, to.length);
    });
    for (const entry of entries) {
      // A run ends with nothing left to send, so what is not settled is of a chapter that was cancelled.
      const state = isSettled(entry.state) ? entry.state : 'cancelled';
      if (state === 'accepted' || state === 'shortfall' || entry.isMoved) continue;
      isAllSent = false;
      const what = entry.code === '' ? state : `${state} (${entry.code})`;
      tally.set(what, (tally.get(what) ?? 0) + 1);
    }
    const what = [...tally].map(([state, count]) => `${count} ${state}`).join(', ');
    this.#parts.log.debug(
      { job: id, messages: job.messages.length, not_accepted: what },
      'job ended',
    );
    if (isAllSent) return resultOf(entries, fields);
    throw new UnrecoverableError(`of ${job.messages.length} messages: ${what}`);
  }

  async #putBack(
    queued: QueuedJob,
    token: string,
    reason: StopReason | undefined,
    due: number,
  ): Promise<never> {
    this.#parts.log.debug({ job: queued.id, reason, due }, 'job put back');
    // Nor before its time: it is let go of at the next look at the registry.
    if (reason === 'paused' || reason === 'early') this.#parts.onPaused();
    try {
      if (reason === undefined || reason === 'closed') {
        await queued.moveToDelayed(Math.max(due, Date.now() + (reason ? PUT_BACK_MS : 1)), token);
        throw new DelayedError();
      }
      await queued.moveToWait(token);
    } catch (error) {
      if (error instanceof DelayedError) throw error;
      // The lock is another's by now, and so is the job: BullMQ has it, and nothing is to be moved.
      this.#parts.log.warn({ job: queued.id, error: describeError(error) }, 'job not put back');
    }
    throw new WaitingError();
  }
}
