import { encodeAttempt } from '../../shared/ledger/entry.ts';
import { Moment } from '../../shared/moment.ts';
import type { PermitSource } from '../pacing/campaign-pacer.ts';
import type { Permit } from '../pacing/permit.ts';
import { type BackoffOptions, retryAfterMs } from '../request/backoff.ts';
import { codeLabel, neverWritten } from './closings.ts';
import { type DueMessage, nextDue } from './due-message.ts';
import { newRun } from './job-ledger.ts';
import type { Judge, Judgement } from './judge.ts';
import { type Finished, type Request, Sending, type SendingParts, type Sent } from './sending.ts';

export interface AttemptOptions extends BackoffOptions {
  /** A lock with less left than this is as good as lost. */
  leastLockMs: number;
}

export interface AttemptParts extends SendingParts {
  pacer: Pick<PermitSource, 'isStillOpen'>;
  judge: Judge;
  options: AttemptOptions;
}

/** What came of an attempt. */
export type Came =
  /** The job's time had passed before anything was opened. */
  | 'expired'
  /** All of its numbers have opted out. Nothing was opened. */
  | 'nobody_left'
  /** The gate let nothing through. */
  | 'refused'
  /** The run was stopped before its first byte. */
  | 'never_written'
  /** Its first byte came too late, and now the job's time has passed. */
  | 'late'
  /** Its first byte came too late, and now the valve is locked. */
  | 'held'
  /**
   * EngageLab says to wait, or takes no login: its message goes on when the valve is open again.
   */
  | 'put_off'
  /** Its outcome is written down. */
  | 'judged';

/**
 * One attempt of one message: leave out → open → send, under a permit; judge → close, without it.
 * It waits for no permit and does not settle what was never opened.
 */
export class Attempt {
  readonly #parts: AttemptParts;
  readonly #due: DueMessage;
  /** One more than were ever opened for the message. */
  readonly #number: number;

  constructor(parts: AttemptParts, due: DueMessage) {
    this.#parts = parts;
    this.#due = due;
    this.#number = due.entry.number + 1;
  }

  async run(permit: Permit): Promise<Came> {
    const sent = await this.#sendUnder(permit);
    switch (sent.came) {
      case 'finished':
        return this.#judge(sent, permit.epoch);
      case 'stopped':
        await this.#takeBack(sent.request);
        return 'never_written';
      case 'shut':
        this.#parts.end.stop(sent.why);
        // The call may have been sent twice, and have opened it before the gate was closed.
        await this.#takeBack(sent.request);
        return 'refused';
      default:
        return sent.came;
    }
  }

  /**
   * The permit is given back when the request is over, or when it is known that there will be none:
   * while its reply is judged and written down, the next may go.
   */
  async #sendUnder(permit: Permit): Promise<Sent | { came: 'expired' | 'held' }> {
    const { end, run } = this.#parts;
    // No `using`: in a clone the worker may run on Node 22, which cannot read it.
    try {
      if (end.isExpired) return { came: 'expired' };
      let sent = await this.#send(run, permit.askedAt);
      // Nobody stopped it: connecting took too long, or this process stood still. There is a
      // connection by now, so all is looked at and the gate is asked anew, on the same permit.
      while (sent.came === 'late') {
        await this.#takeBack(sent.request);
        const lookedAt = new Moment();
        // It asks Redis for the time, too.
        const isOpen = await this.#parts.pacer.isStillOpen();
        if (end.isExpired) break;
        if (!isOpen) return { came: 'held' };
        // Under another name: a copy of the close, which Redis may come to read late over a
        // connection that broke, must not take this attempt back.
        sent = await this.#send(newRun(), lookedAt);
      }
      return sent;
    } finally {
      permit[Symbol.dispose]();
    }
  }

  #send(name: string, lookedAt: Moment): Promise<Sent> {
    return new Sending(this.#parts, this.#due, { number: this.#number, name, lookedAt }).run();
  }

  /** No byte of it has left. */
  async #takeBack({ run, at, leftOut }: Request): Promise<void> {
    const closing = neverWritten(this.#due.attempt(this.#number, run), { at, leftOut });
    this.#due.entry.state = await this.#parts.ledger.close(closing);
  }

  async #judge(finished: Finished, epoch: number): Promise<Came> {
    const { exchange, request } = finished;
    const about = { exchange, sent: request.sent, number: this.#number, epoch };
    const judgement = await this.#parts.judge.judge(about);
    await this.#close(finished, judgement);
    await judgement.locking;
    const { outcome } = judgement.verdict;
    return outcome === 'throttled' || outcome === 'unauthorized' ? 'put_off' : 'judged';
  }

  async #close({ request, ms, doubtful }: Finished, { verdict, isExcused }: Judgement) {
    const { run, at, leftOut, note } = request;
    const { message: words, retryAfter, ...fields } = verdict;
    const attempt = { run, at, leftOut, ms, ...fields, note, words };
    const closing = this.#due.attempt(this.#number, run);
    const due = this.#nextDue(retryAfter);
    const state = await this.#parts.ledger.close({
      ...closing,
      // Excused, it is put off without using up an attempt, as when EngageLab says to wait.
      verdict: isExcused ? 'throttled' : verdict.outcome,
      accepted: verdict.accepted_count,
      code: codeLabel(verdict),
      due,
      attempt: encodeAttempt(attempt, closing.numbers),
    });
    this.#due.entry.number = this.#number;
    this.#due.remember(state, due);
    doubtful.close({ closing, attempt, due: this.#due });
  }

  #nextDue(retryAfter: string | undefined): number {
    const { clock, options } = this.#parts;
    const now = clock.now();
    const wait = retryAfterMs(retryAfter, now) ?? 0;
    return Math.max(nextDue(this.#due.entry.used, options, now), now + wait);
  }
}
