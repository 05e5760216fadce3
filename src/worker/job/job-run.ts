import type { Job } from '../../shared/job.ts';
import type { Closing } from '../../shared/ledger/close.ts';
import type { Entry } from '../../shared/ledger/entry.ts';
import { isSettled } from '../../shared/ledger/letters.ts';
import { lostAttempt } from '../../shared/ledger/lost-attempt.ts';
import type { Logger } from '../../shared/log.ts';
import type { RedisClock } from '../../shared/redis/redis-clock.ts';
import type { PermitSource } from '../pacing/campaign-pacer.ts';
import type { Sender } from '../request/sender.ts';
import type { KeptClosings } from '../trouble/kept-closings.ts';
import type { AttemptOptions } from './attempt.ts';
import { Delivery, type DeliveryParts } from './delivery.ts';
import { DueMessage, nextDue } from './due-message.ts';
import type { Ledger } from './job-ledger.ts';
import { Judge, type JudgeOptions, type JudgeParts } from './judge.ts';
import type { OptOuts } from './opt-outs.ts';
import { RunEnd, type StopReason } from './run-end.ts';

export interface JobRunOptions extends AttemptOptions, JudgeOptions {}

export interface JobRunParts extends JudgeParts {
  jobId: string;
  run: string;
  log: Logger;
  clock: RedisClock;
  ledger: Ledger;
  pacer: PermitSource;
  sender: Sender;
  optOuts: OptOuts;
  kept: KeptClosings;
}

/** So long a notification is left to the workers that it was begun by. */
const ELSEWHERE_MS = 60_000;

/**
 * One run of one job: sends its messages that are due and not settled, side by side as the pacer allows, and
 * leaves each settled or with the time of its next attempt. It does not move the job in BullMQ and does not
 * count: the processor and the ledger do.
 */
export class JobRun {
  readonly #job: Job;
  readonly #ledger: Ledger;
  readonly #options: JobRunOptions;
  readonly #end: RunEnd;
  readonly #parts: DeliveryParts;
  #entries: Entry[] = [];
  #isWorking = false;
  /** It has given up attempts of an earlier run, of which more may be told meanwhile. */
  #hasGivenUp = false;

  constructor(job: Job, parts: JobRunParts, options: JobRunOptions) {
    this.#job = job;
    this.#ledger = parts.ledger;
    this.#options = options;
    this.#end = new RunEnd(job.not_after, parts.clock);
    this.#parts = { ...parts, job, judge: new Judge(parts, options), end: this.#end, options };
  }

  get stopReason(): StopReason | undefined {
    return this.#end.reason;
  }

  /** Whether it sends, or has replies to write down. */
  get isWorking(): boolean {
    return this.#isWorking;
  }

  /** Sends nothing further. Requests under way are waited for. */
  stop(reason: StopReason): void {
    this.#end.stop(reason);
  }

  /** @returns when the first message that is not settled is due, Unix ms; undefined if all are settled */
  async work(): Promise<number | undefined> {
    this.#end.watch();
    this.#isWorking = true;
    try {
      await this.#work();
    } finally {
      this.#isWorking = false;
      this.#end.unwatch();
    }
    const last = this.#job.not_after === undefined ? Infinity : this.#job.not_after + 1;
    const due = this.#entries.filter((each) => !isSettled(each.state)).map((each) => each.due);
    if (due.length === 0) return undefined;
    const soonest = this.#ledger.isElsewhere ? this.#parts.clock.now() + ELSEWHERE_MS : 0;
    return Math.min(last, Math.max(soonest, Math.min(...due)));
  }

  async #work(): Promise<void> {
    this.#entries = await this.#ledger.read(this.#job.messages);
    await this.#recover();
    // What is over is ended here all the same.
    if (this.#ledger.isElsewhere && !this.#end.isExpired) this.#end.stop('origin');
    const now = this.#parts.clock.now();
    const deliveries = this.#job.messages.map(async (message, index) => {
      const entry = this.#entries[index];
      if (entry?.state !== 'pending' || (entry.due > now && !this.#end.isExpired)) return;
      await new Delivery(this.#parts, new DueMessage(message, index, entry)).run();
    });
    // All are waited for, also where one fails: a reply under way must still be written down.
    for (const each of await Promise.allSettled(deliveries)) {
      if (each.status === 'rejected') throw each.reason;
    }
    // What was cancelled meanwhile is over, and reads so. What was given up and turned out never to
    // have been written waits again.
    if (this.stopReason === 'cancelled' || this.#hasGivenUp)
      this.#entries = await this.#ledger.read(this.#job.messages);
  }

  /**
   * An attempt found open was opened by a run that is over, for BullMQ gave the job to this one. Whether its request
   * left nobody here can know. If that run's worker is alive, its reply will still be written.
   */
  async #recover(): Promise<void> {
    const lost = this.#entries.flatMap((entry, index): Closing[] => {
      if (entry.state !== 'open' || !entry.last) return [];
      const numbers = this.#job.messages[index]?.[0].length ?? 0;
      const due = nextDue(entry.used, this.#options, this.#parts.clock.now());
      return [lostAttempt(entry, entry.last, index, numbers, due)];
    });
    if (lost.length === 0) return;
    this.#hasGivenUp = true;
    await this.#ledger.closeNow(lost);
    this.#entries = await this.#ledger.read(this.#job.messages);
  }
}
