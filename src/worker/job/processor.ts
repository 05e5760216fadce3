import { type Job as QueuedJob, UnrecoverableError } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Destination } from '../../shared/destination.ts';
import { describeError } from '../../shared/errors.ts';
import { JOB_VERSION, type Job, NOTIFICATIONS } from '../../shared/job.ts';
import { ALL_ACCEPTED, fold } from '../../shared/ledger/fold.ts';
import { canFold, fieldsOf, type LedgerFields, resultOf } from '../../shared/ledger/result.ts';
import type { Logger } from '../../shared/log.ts';
import type { CampaignKeys } from '../../shared/redis/keys.ts';
import type { RedisClock } from '../../shared/redis/redis-clock.ts';
import type { FarEnd } from '../health/far-end.ts';
import type { Health } from '../health/health.ts';
import type { ValveReports } from '../health/valve-reports.ts';
import type { PermitSource } from '../pacing/campaign-pacer.ts';
import type { Scrubber } from '../request/scrubber.ts';
import type { Sender } from '../request/sender.ts';
import { KeptClosings } from '../trouble/kept-closings.ts';
import { Rest } from '../trouble/rest.ts';
import { Seldom } from '../trouble/seldom.ts';
import { isBullMqSignal } from './bullmq-signal.ts';
import { CheckIn } from './check-in.ts';
import { jobEnd } from './job-end.ts';
import { Ledger, newRun } from './job-ledger.ts';
import { JobRun, type JobRunOptions } from './job-run.ts';
import { noteHindrance } from './note-hindrance.ts';
import type { OptOuts } from './opt-outs.ts';
import { PutBack } from './put-back.ts';
import { readJob } from './read-job.ts';
import type { StopReason } from './run-end.ts';

export interface ProcessorParts {
  campaign: string;
  redis: Redis;
  keys: CampaignKeys;
  destination: Destination;
  pacer: PermitSource;
  sender: Sender;
  valve: ValveReports;
  health: Health;
  farEnd: FarEnd;
  optOuts: OptOuts;
  scrubber: Scrubber;
  clock: RedisClock;
  log: Logger;
  /** Told when a run found its campaign paused, or not due: a job that is put back must not be taken again at once. */
  onPaused: () => void;
}

export type ProcessorOptions = JobRunOptions;

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
  /** Runs break off by the thousand where Redis refuses something. */
  readonly #told = new Seldom();
  readonly #rest = new Rest();
  readonly #kept: KeptClosings;
  readonly #back: PutBack;

  constructor(parts: ProcessorParts, options: ProcessorOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#kept = new KeptClosings(parts.log);
    this.#back = new PutBack(parts, this.#told, this.#rest);
    this.#checkIn = new CheckIn(parts.redis, parts.keys, parts.campaign);
  }

  /** Whether any run is sending, or has replies to write down. One that puts its job back is not. */
  get isSending(): boolean {
    return [...this.#runs.values()].some((run) => run.isWorking);
  }

  get isBusy(): boolean {
    return this.#runs.size > 0;
  }

  /** Sends nothing further; every run puts its job back once its replies are in. */
  stop(reason: StopReason): void {
    if (this.#stopped !== 'shutdown') this.#stopped = reason;
    for (const run of this.#runs.values()) run.stop(reason);
    if (reason === 'shutdown') this.#rest.stop();
  }

  /** Replies are not kept any longer for want of a right. */
  giveUp(): void {
    this.#kept.stop();
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
      return this.#back.putBack(queued, token);
    }
    const run = this.#createRun(job, id, token);
    this.#runs.set(id, run);
    if (this.#stopped) run.stop(this.#stopped);
    signal.addEventListener('abort', () => run.stop('lock'), { once: true });
    try {
      if (await this.#checkIn.isForOthers(queued, this.#parts.destination))
        return await this.#back.leaveToOthers(queued, token);
      const putOffTo = await this.#checkIn.check(job, queued);
      if (putOffTo !== undefined) return await this.#back.holdBack(queued, token, putOffTo);
      const due = await run.work();
      if (run.stopReason === 'unrecorded') throw await this.#checkIn.refuseUnrecorded(job, queued);
      this.#rest.wentWell();
      if (due === undefined) return await this.#finish(job, id);
      return await this.#back.putBack(queued, token, run.stopReason, due);
    } catch (error) {
      if (isBullMqSignal(error)) throw error;
      const told = describeError(error);
      const times = this.#told.count(told);
      if (times > 0)
        this.#parts.log.error({ job: id, error: told, times }, 'run broken off, tried again');
      // Whatever the next job is, it is most likely refused the same: it is not fetched before.
      await this.#rest.take();
      return await this.#back.putBack(queued, token);
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

  #createRun(job: Job, jobId: string, token: string): JobRun {
    const { redis, keys, destination } = this.#parts;
    const run = newRun();
    const ledger = new Ledger(redis, keys, {
      jobId,
      token,
      run,
      attempts: this.#options.attempts,
      park: job.on_unconfirmed === 'park',
      leastLockMs: this.#options.leastLockMs,
      destination,
      kept: this.#kept,
      clock: this.#parts.clock,
    });
    const parts = { ...this.#parts, jobId, run, ledger, kept: this.#kept };
    return new JobRun(job, parts, this.#options);
  }

  async #read(queued: QueuedJob, token: string): Promise<Job> {
    const version: unknown = Reflect.get(Object(queued.data), 'v');
    if (typeof version === 'number' && version > JOB_VERSION) {
      this.#parts.log.warn({ job: queued.id, version }, 'put back: a job for a newer worker');
      if (this.#told.count('newer') > 0)
        await noteHindrance(this.#parts.redis, this.#parts.keys, 'newer');
      return this.#back.putBack(queued, token);
    }
    return readJob(queued.data);
  }

  async #finish(job: Job, id: string): Promise<unknown> {
    const fields: LedgerFields = await this.#parts.redis.hgetall(this.#parts.keys.ledger(id));
    const { entries, notAccepted } = jobEnd(job, fields);
    const messages = job.messages.length;
    this.#parts.log.debug({ job: id, messages, not_accepted: notAccepted }, 'job ended');
    if (notAccepted === '') return resultOf(entries, fields);
    throw new UnrecoverableError(`of ${messages} messages: ${notAccepted}`);
  }
}
