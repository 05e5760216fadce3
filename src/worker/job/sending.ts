import { FIRST_BYTE_MS } from '../../shared/fleet/first-byte.ts';
import { type Job, messageName } from '../../shared/job.ts';
import type { GateClosed } from '../../shared/ledger/open.ts';
import type { Logger } from '../../shared/log.ts';
import { Moment } from '../../shared/moment.ts';
import type { RedisClock } from '../../shared/redis/redis-clock.ts';
import type { Exchange } from '../request/classify.ts';
import { buildRequest } from '../request/request.ts';
import type { Sender } from '../request/sender.ts';
import { DoubtfulReply } from './doubtful-reply.ts';
import type { DueMessage } from './due-message.ts';
import type { Ledger } from './job-ledger.ts';
import type { OptOuts } from './opt-outs.ts';
import type { RunEnd } from './run-end.ts';

export interface SendingParts {
  job: Job;
  jobId: string;
  /** The name of the job's run. */
  run: string;
  log: Logger;
  clock: RedisClock;
  ledger: Ledger;
  sender: Sender;
  optOuts: OptOuts;
  end: RunEnd;
  options: { leastLockMs: number };
}

export interface SendingOptions {
  /** The attempt's, in its message. */
  number: number;
  /** The name under which the gate is asked. */
  name: string;
  /**
   * Whether the valve is open, who has opted out and whether the gate is open is all asked for
   * after this.
   */
  lookedAt: Moment;
}

/** What goes out, or was to go out. */
export interface Request {
  /** The name under which the gate was asked for it. */
  run: string;
  /** Unix ms. */
  at: number;
  /** The places in the message of the numbers that have opted out. */
  leftOut: number[];
  /** How many numbers are in it. */
  sent: number;
  text: string;
  note: string | undefined;
}

/** A request that is over. */
export interface Finished {
  came: 'finished';
  request: Request;
  exchange: Exchange;
  ms: number;
  /** Told if its reply turns out to be another request's. */
  doubtful: DoubtfulReply;
}

export type Sent =
  | { came: 'nobody_left' }
  /** The gate let nothing through. */
  | { came: 'refused' }
  /** Nor will it let anything of this job through. */
  | { came: 'shut'; why: GateClosed; request: Request }
  /**
   * The gate let it through, and nothing of it was written: the run was stopped, or it came too
   * late.
   */
  | { came: 'stopped' | 'late'; request: Request }
  | Finished;

/**
 * Sends a message once, if it may be sent: leaves out who has opted out → has the gate open the
 * attempt → sends it. It judges nothing, and writes down nothing of what came of it.
 */
export class Sending {
  readonly #parts: SendingParts;
  readonly #due: DueMessage;
  readonly #options: SendingOptions;

  constructor(parts: SendingParts, due: DueMessage, options: SendingOptions) {
    this.#parts = parts;
    this.#due = due;
    this.#options = options;
  }

  async run(): Promise<Sent> {
    const request = await this.#leaveOut();
    if (!request) return { came: 'nobody_left' };
    const askedAt = new Moment();
    const opened = await this.#open(request);
    if (opened === false) return { came: 'refused' };
    if (opened !== true) return { came: 'shut', why: opened, request };
    return this.#send(request, askedAt);
  }

  /** @returns undefined if nobody is left */
  async #leaveOut(): Promise<Request | undefined> {
    const { clock, job, optOuts } = this.#parts;
    const [to, values] = this.#due.message;
    const leftOut = await optOuts.placesOf(to);
    if (leftOut.length === to.length) return undefined;
    const places = new Set(leftOut);
    const left = places.size === 0 ? to : to.filter((_number, place) => !places.has(place));
    const at = clock.now();
    const { text, note } = buildRequest(job, [left, values], at);
    const { name: run } = this.#options;
    return { run, at, leftOut, sent: left.length, text, note };
  }

  #open({ leftOut }: Request): Promise<boolean | GateClosed> {
    const { ledger, run } = this.#parts;
    const { name, number } = this.#options;
    const opening = { index: this.#due.index, number, leftOut };
    return name === run ? ledger.open(opening) : ledger.openAs(name, opening);
  }

  async #send(request: Request, askedAt: Moment): Promise<Sent> {
    const { end, jobId, ledger, log, sender } = this.#parts;
    const message = messageName(jobId, this.#due.index);
    const doubtful = new DoubtfulReply({ ledger, log, message });
    const startedAt = performance.now();
    const exchange = await sender.send(
      request.text,
      () => this.#mayWrite(askedAt),
      () => doubtful.doubt(),
    );
    const ms = Math.round(performance.now() - startedAt);
    if (exchange.kind === 'stopped') return { came: end.isStopped ? 'stopped' : 'late', request };
    return { came: 'finished', request, exchange, ms, doubtful };
  }

  /**
   * The gate saw a lock with at least that much left: within it, no other worker can have taken the
   * job. And whoever shut it since, locked the valve or put a number on the opt-out list waits no
   * longer than the other bound.
   */
  #mayWrite(askedAt: Moment): boolean {
    const { end, options } = this.#parts;
    return (
      !end.isStopped &&
      !end.isExpired &&
      askedAt.passedMs < options.leastLockMs &&
      this.#options.lookedAt.passedMs < FIRST_BYTE_MS
    );
  }
}
