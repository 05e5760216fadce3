import { randomInt } from 'node:crypto';
import { describeError } from '../../shared/errors.ts';
import { FIRST_BYTE_MS } from '../../shared/fleet/first-byte.ts';
import { type Job, type Message, messageName, NOTIFICATIONS } from '../../shared/job.ts';
import type { Closing } from '../../shared/ledger/close.ts';
import { type Attempt, type Entry, encodeAttempt } from '../../shared/ledger/entry.ts';
import { type EntryState, isSettled } from '../../shared/ledger/letters.ts';
import type { GateClosed } from '../../shared/ledger/open.ts';
import type { Logger } from '../../shared/log.ts';
import { Moment } from '../../shared/moment.ts';
import type { Health } from '../health/health.ts';
import type { ValveReports } from '../health/valve-reports.ts';
import type { PermitSource } from '../pacing/campaign-pacer.ts';
import type { Permit } from '../pacing/pacer.ts';
import { type BackoffOptions, backoffMs, retryAfterMs } from '../request/backoff.ts';
import { classify, type Overrides, type Verdict } from '../request/classify.ts';
import { buildRequest } from '../request/request.ts';
import type { Scrubber } from '../request/scrubber.ts';
import type { Sender } from '../request/sender.ts';
import { codeLabel, describeVerdict, doubtful, lostAttempt, neverWritten } from './closings.ts';
import type { Ledger } from './job-ledger.ts';
import type { OptOuts } from './opt-outs.ts';

/** Which attempt a closing is about. */
type AttemptOf = Pick<Closing, 'index' | 'number' | 'numbers' | 'run'>;

/** Why a run ended before all that was due had been sent. */
export type StopReason = GateClosed | 'shutdown';

export interface JobRunOptions extends BackoffOptions {
  /** `VOLLEY_ATTEMPTS`. */
  attempts: number;
  overrides: Overrides;
  leastLockMs: number;
}

/**
 * Attempts of a message after which an outage is no excuse any more: it may be the message itself that EngageLab cannot
 * stand, and then it must come to an end. Against an EngageLab that fails half the time, a millionth get there.
 */
const mostExcused = (attempts: number) => Math.max(24, 3 * attempts);

/** A longer delay would overflow. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface JobRunParts {
  jobId: string;
  run: string;
  log: Logger;
  ledger: Ledger;
  pacer: PermitSource;
  sender: Sender;
  valve: ValveReports;
  health: Health;
  optOuts: OptOuts;
  scrubber: Scrubber;
}

/** Four characters that tell this run's attempts from another's. */
export function newRun(): string {
  return randomInt(36 ** 4)
    .toString(36)
    .padStart(4, '0');
}

/**
 * One run of one job: sends its messages that are due and not settled, side by side as the pacer allows, and
 * leaves each settled or with the time of its next attempt. It does not move the job in BullMQ and does not
 * count: the processor and the ledger do.
 */
export class JobRun {
  readonly run: string;
  readonly #jobId: string;
  readonly #log: Logger;
  readonly #job: Job;
  readonly #ledger: Ledger;
  readonly #pacer: PermitSource;
  readonly #sender: Sender;
  readonly #valve: ValveReports;
  readonly #health: Health;
  readonly #optOuts: OptOuts;
  readonly #scrubber: Scrubber;
  readonly #options: JobRunOptions;
  readonly #stop = new AbortController();
  /** Ends the waiting for permits: at a stop, and when the job's time has passed. */
  readonly #waiting = new AbortController();
  #isTimeUp = false;
  #entries: Entry[] = [];
  #stopReason: StopReason | undefined;

  constructor(job: Job, parts: JobRunParts, options: JobRunOptions) {
    this.#job = job;
    this.run = parts.run;
    this.#jobId = parts.jobId;
    this.#log = parts.log;
    this.#ledger = parts.ledger;
    this.#pacer = parts.pacer;
    this.#sender = parts.sender;
    this.#valve = parts.valve;
    this.#health = parts.health;
    this.#optOuts = parts.optOuts;
    this.#scrubber = parts.scrubber;
    this.#options = options;
  }

  get stopReason(): StopReason | undefined {
    return this.#stopReason;
  }

  /** Sends nothing further. Requests under way are waited for. */
  stop(reason: StopReason): void {
    this.#stopReason ??= reason;
    this.#stop.abort();
    this.#waiting.abort();
  }

  /** @returns when the first message that is not settled is due, Unix ms; undefined if all are settled */
  async work(): Promise<number | undefined> {
    const expiry = this.#watchExpiry();
    try {
      await this.#work();
    } finally {
      clearTimeout(expiry);
    }
    const last = this.#job.not_after === undefined ? Infinity : this.#job.not_after + 1;
    const due = this.#entries.filter((each) => !isSettled(each.state)).map((each) => each.due);
    return due.length > 0 ? Math.min(last, ...due) : undefined;
  }

  async #work(): Promise<void> {
    this.#entries = await this.#ledger.read(this.#job.messages);
    await this.#recover();
    const now = Date.now();
    const deliveries = this.#job.messages.map(async (message, index) => {
      const entry = this.#entries[index];
      if (entry?.state !== 'pending' || (entry.due > now && !this.#isExpired())) return;
      await this.#deliver(message, index, entry);
    });
    // All are waited for, also where one fails: a reply under way must still be written down.
    for (const each of await Promise.allSettled(deliveries)) {
      if (each.status === 'rejected') throw each.reason;
    }
    // What was cancelled meanwhile is over, and reads so.
    if (this.#stopReason === 'cancelled')
      this.#entries = await this.#ledger.read(this.#job.messages);
  }

  /**
   * An attempt found open was opened by a run that is over, for BullMQ gave the job to this one. Whether its request
   * left nobody here can know. If that run's worker is alive, its reply will still be written.
   */
  async #recover(): Promise<void> {
    const lost = this.#entries.flatMap((entry, index): Closing[] => {
      if (entry.state !== 'open' || !entry.last) return [];
      return [lostAttempt(entry, entry.last, index, this.#numbers(index), this.#nextDue(entry))];
    });
    if (lost.length === 0) return;
    await this.#ledger.closeNow(lost);
    this.#entries = await this.#ledger.read(this.#job.messages);
  }

  /** Permit → opt-outs → open → send → classify → close, again while only the valve stands in the way. */
  async #deliver(message: Message, index: number, entry: Entry): Promise<void> {
    while (entry.state === 'pending' && !this.#stop.signal.aborted) {
      if (this.#isExpired()) {
        await this.#expire(index, entry);
        return;
      }
      const permit = await this.#pacer.acquire(this.#waiter(message), this.#waiting.signal);
      if (!permit) continue;
      if (this.#isExpired()) {
        this.#pacer.release();
        continue;
      }
      const came = await this.#attempt(message, index, entry, permit);
      if (came !== 'held' && came?.outcome !== 'throttled' && came?.outcome !== 'unauthorized')
        return;
    }
  }

  /** Locks the valve where EngageLab says so. */
  async #lockValve(verdict: Verdict): Promise<void> {
    if (verdict.outcome === 'throttled') {
      const wait = retryAfterMs(verdict.retryAfter, Date.now());
      await this.#valve.throttled(wait, describeVerdict(verdict));
    } else if (verdict.outcome === 'unauthorized') {
      await this.#valve.unauthorized(describeVerdict(verdict));
    }
  }

  /**
   * @param run the name that it is opened under: its own for each time that the gate is asked
   * @returns what came of it; undefined where nothing was sent; `held` where the valve was locked before it could be
   */
  async #attempt(
    message: Message,
    index: number,
    entry: Entry,
    permit: Permit,
    run = this.run,
  ): Promise<Verdict | 'held' | undefined> {
    const [to, values] = message;
    const isAnew = run !== this.run;
    // Whether the valve is open, who has opted out and whether the gate is open is all asked for after this.
    const lookedAt = isAnew ? new Moment() : permit.askedAt;
    const giveBack = (error: unknown) => {
      this.#pacer.release();
      throw error;
    };
    if (isAnew && !(await this.#pacer.isStillOpen().catch(giveBack))) {
      this.#pacer.release();
      return 'held';
    }
    const leftOut = await this.#optOuts.placesOf(to).catch(giveBack);
    const numbers = to.length;
    if (leftOut.length === numbers) {
      this.#pacer.release();
      await this.#settleUnsent(index, entry, 'opted_out');
      return undefined;
    }
    const places = new Set(leftOut);
    const sent = places.size === 0 ? to : to.filter((_number, place) => !places.has(place));
    const { text, note } = buildRequest(this.#job, [sent, values], Date.now());
    const number = entry.number + 1;
    const at = Date.now();
    const askedAt = new Moment();
    const opening = { index, number, leftOut };
    const opened = await (isAnew
      ? this.#ledger.openAs(run, opening)
      : this.#ledger.open(opening)
    ).catch(giveBack);
    const closing = { index, number, run, numbers };
    if (opened !== true) {
      this.#pacer.release();
      if (opened === false) return undefined;
      this.stop(opened);
      // The call may have been sent twice, and have opened it before the gate was closed.
      entry.state = await this.#ledger.close(neverWritten(closing, { at, leftOut }));
      return undefined;
    }
    // The gate saw a lock with at least that much left: within it, no other worker can have taken the job.
    // And whoever shut it since, locked the valve or put a number on the opt-out list waits no longer than the other bound.
    const isHeld = () =>
      !this.#stop.signal.aborted &&
      !this.#isExpired() &&
      askedAt.passedMs < this.#options.leastLockMs &&
      lookedAt.passedMs < FIRST_BYTE_MS;
    const startedAt = performance.now();
    let isDoubted = false;
    let takeBack: (() => void) | undefined;
    const exchange = await this.#sender.send(text, isHeld, () => {
      isDoubted = true;
      takeBack?.();
    });
    const ms = Math.round(performance.now() - startedAt);
    if (exchange.kind === 'stopped') {
      const isLate = !this.#stop.signal.aborted;
      if (!isLate) this.#pacer.release();
      const unwritten = neverWritten(closing, { at, leftOut });
      entry.state = await this.#ledger.close(unwritten).catch((error: unknown) => {
        if (isLate) this.#pacer.release();
        throw error;
      });
      if (isLate && this.#isExpired()) {
        this.#pacer.release();
        await this.#expire(index, entry);
        return undefined;
      }
      // Nobody stopped it: connecting took too long, or this process stood still. There is a connection by now, so all is
      // looked at and the gate is asked anew, on the same permit; what may not go on gives it back there. Under another
      // name: a copy of the close, which Redis may come to read late over a connection that broke, must not take this
      // attempt back.
      return isLate ? this.#attempt(message, index, entry, permit, newRun()) : undefined;
    }
    this.#pacer.release();
    const verdict = this.#scrubber.verdict(
      classify(exchange, sent.length, this.#options.overrides),
    );
    // At once, so that nothing more is permitted; the attempt is closed even if the lock cannot be written.
    const locking = this.#lockValve(verdict);
    locking.catch(() => {});
    const isExcused =
      (await this.#health.note(verdict, permit.epoch)) &&
      number < mostExcused(this.#options.attempts);
    const { message: words, retryAfter, ...fields } = verdict;
    const attempt = { run, at, leftOut, ms, ...fields, note, words };
    const wait = retryAfterMs(retryAfter, Date.now()) ?? 0;
    const due = Math.max(this.#nextDue(entry), Date.now() + wait);
    const state = await this.#ledger.close({
      ...closing,
      // Excused, it is put off without using up an attempt, as when EngageLab says to wait.
      verdict: isExcused ? 'throttled' : verdict.outcome,
      accepted: verdict.accepted_count,
      code: codeLabel(verdict),
      due,
      attempt: encodeAttempt(attempt, numbers),
    });
    this.#remember(entry, state, number, due);
    takeBack = () => void this.#takeBack(closing, attempt, entry);
    if (isDoubted) takeBack();
    await locking;
    return verdict;
  }

  /** Nobody knows any more whose reply it got. This may be found out when the run is over. */
  async #takeBack(closing: AttemptOf, attempt: Attempt, entry: Entry): Promise<void> {
    const message = messageName(this.#jobId, closing.index);
    try {
      const [state = 'unconfirmed'] = await this.#ledger.closeNow([doubtful(closing, attempt)]);
      if (entry.number === closing.number) this.#remember(entry, state, entry.number, entry.due);
      const outcome = isSettled(state) ? state : 'pending';
      this.#log.error(
        { message, outcome },
        'a reply that nobody asked for came after its own: nobody knows which of the two was',
      );
    } catch (error) {
      this.#log.error({ message, error: describeError(error) }, 'a doubtful reply stays believed');
    }
  }

  #remember(entry: Entry, state: EntryState, number: number, due: number): void {
    entry.state = state;
    entry.number = number;
    entry.due = state === 'pending' ? due : 0;
  }

  async #expire(index: number, entry: Entry): Promise<void> {
    await this.#settleUnsent(index, entry, 'expired');
    // The only one that does not expire is cancelled already.
    if (entry.state === 'pending') this.stop('cancelled');
  }

  async #settleUnsent(
    index: number,
    entry: Entry,
    verdict: 'expired' | 'opted_out',
  ): Promise<void> {
    const numbers = this.#numbers(index);
    entry.state = await this.#ledger.close({
      index,
      number: entry.number,
      run: this.run,
      verdict,
      numbers,
    });
  }

  #waiter(message: Message) {
    const { campaign } = this.#job;
    return { campaign, isUrgent: campaign === NOTIFICATIONS, numbers: message[0].length };
  }

  #nextDue(entry: Entry): number {
    return Date.now() + backoffMs(entry.used + 1, Math.random(), this.#options);
  }

  /** Whoever waits for a permit then need not get one to find out. */
  #watchExpiry(): NodeJS.Timeout | undefined {
    const { not_after: last } = this.#job;
    if (last === undefined) return undefined;
    const left = Math.max(0, last + 1 - Date.now());
    // Beyond that a timer would go off at once; no run lasts as long.
    if (left > LONGEST_TIMER_MS) return undefined;
    return setTimeout(() => {
      this.#isTimeUp = true;
      this.#waiting.abort();
    }, left);
  }

  #isExpired(): boolean {
    return (
      this.#isTimeUp || (this.#job.not_after !== undefined && Date.now() > this.#job.not_after)
    );
  }

  #numbers(index: number): number {
    return this.#job.messages[index]?.[0].length ?? 0;
  }
}
