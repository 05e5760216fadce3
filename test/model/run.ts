/**
 * A worker's run of a job, step by step as `attempt.ts` and `processor.ts` do it, but at any speed: between two steps
 * anything may happen to the job. It goes on after it has lost the job, as a process does that stood still.
 */
import { type Job as QueuedJob, UnrecoverableError } from 'bullmq';
import type { Redis } from 'ioredis';
import { expect } from 'vitest';
import { Job } from '../../src/shared/job.ts';
import type { Closing } from '../../src/shared/ledger/close.ts';
import { decodeEntry, type Entry, encodeAttempt } from '../../src/shared/ledger/entry.ts';
import { isSettled } from '../../src/shared/ledger/letters.ts';
import { lostAttempt } from '../../src/shared/ledger/lost-attempt.ts';
import { resultOf } from '../../src/shared/ledger/result.ts';
import { createLogger } from '../../src/shared/log.ts';
import type { CampaignKeys } from '../../src/shared/redis/keys.ts';
import { neverWritten } from '../../src/worker/job/closings.ts';
import { Ledger } from '../../src/worker/job/job-ledger.ts';
import { KeptClosings } from '../../src/worker/trouble/kept-closings.ts';
import { ANYWHERE } from '../support/destination.ts';
import type { Answer, People } from './people.ts';

interface Request {
  closing: Omit<Closing, 'verdict'> & { run: string };
  leftOut: number[];
  answer: Answer;
  /** Tells the people that its answer was written down. */
  heard: () => void;
}

export class Run {
  readonly queued: QueuedJob;
  readonly #job: Job;
  readonly #redis: Redis;
  readonly #keys: CampaignKeys;
  readonly #ledger: Ledger;
  readonly #people: People;
  readonly #run: string;
  readonly #isParked: boolean;
  #token: string;
  #entries: Entry[] = [];
  #requests: Request[] = [];
  #isStopped = false;
  #ending: (() => Promise<void>) | undefined;

  constructor(
    { redis, keys, people }: { redis: Redis; keys: CampaignKeys; people: People },
    queued: QueuedJob,
    token: string,
    attempts: number,
  ) {
    this.queued = queued;
    this.#job = Job.parse(queued.data);
    this.#redis = redis;
    this.#keys = keys;
    this.#people = people;
    this.#token = token;
    this.#run = token.slice(0, 4);
    this.#isParked = this.#job.on_unconfirmed === 'park';
    const [jobId, park] = [queued.id ?? '', this.#isParked];
    const clock = { now: () => Date.now() };
    const own = { jobId, token, run: this.#run, attempts, park };
    const kept = new KeptClosings(createLogger('silent', false));
    const options = { ...own, leastLockMs: 1000, clock, kept, destination: ANYWHERE };
    this.#ledger = new Ledger(redis, keys, options);
  }

  async #read(): Promise<void> {
    this.#entries = await this.#ledger.read(this.#job.messages);
  }

  /** Settles what is next of a message: an attempt found open, one that is due, or all have opted out or expired. */
  async send(
    which: number,
    answer: Answer,
    optedOut: ReadonlySet<string>,
    isExpired: boolean,
  ): Promise<void> {
    if (this.#ending || (await this.#recover())) return;
    const index = which % this.#job.messages.length;
    const [to] = this.#job.messages[index] ?? [[]];
    const entry = this.#entries[index];
    if (entry?.state !== 'pending' || this.#isStopped) return;
    const { number } = entry;
    const numbers = to.length;
    const leftOut = [...to.keys()].filter((place) => optedOut.has(to[place] ?? ''));
    if (isExpired || leftOut.length === numbers) {
      const verdict = isExpired ? 'expired' : 'opted_out';
      entry.state = await this.#ledger.close({ index, number, run: this.#run, verdict, numbers });
      return;
    }
    const closing = { index, number: number + 1, run: this.#run, numbers };
    const opened = await this.#ledger.open({ index, number: number + 1, leftOut });
    if (opened !== true) {
      if (opened === false) return;
      this.#isStopped = true;
      entry.state = await this.#ledger.close(neverWritten(closing, { at: 1, leftOut }));
      if (opened === 'cancelled') await this.#read();
      return;
    }
    await this.#expectOpen();
    entry.state = 'open';
    const sent = to.filter((_number, place) => !leftOut.includes(place));
    const accepted = Math.min(
      answer.accepted,
      sent.length - (answer.verdict === 'shortfall' ? 1 : 0),
    );
    const real = { ...answer, accepted: answer.verdict === 'accepted' ? sent.length : accepted };
    const isWritten = real.verdict !== 'never_written';
    const heard = isWritten ? this.#people.ask(sent, real, this.#isParked) : () => {};
    this.#requests.push({ closing, leftOut, answer: real, heard });
  }

  /** What the gate lets through is of a campaign that is open, whatever else has happened. */
  async #expectOpen(): Promise<void> {
    const { phase, paused } = await this.#redis.hgetall(this.#keys.campaign);
    expect({ phase, paused }).toEqual({ phase: 'released', paused: undefined });
    expect(await this.#redis.get(this.#keys.lock(this.queued.id ?? ''))).toBe(this.#token);
  }

  /** Comes before anything else: it reads, and settles what it finds open. */
  async #recover(): Promise<boolean> {
    if (this.#entries.length === 0) await this.#read();
    const mine = this.#requests.map(({ closing }) => closing.index);
    const lost = this.#entries.flatMap(({ ...entry }, index) =>
      entry.state === 'open' && entry.last && !mine.includes(index)
        ? [lostAttempt(entry, entry.last, index, this.#numbers(index), 1)]
        : [],
    );
    if (lost.length === 0) return false;
    await this.#ledger.closeNow(lost);
    await this.#read();
    return true;
  }

  /** A reply has come: it is written down. */
  async hear(which: number): Promise<void> {
    const [request] = this.#requests.splice(which % Math.max(1, this.#requests.length), 1);
    if (!request) return;
    const { closing, leftOut, answer, heard } = request;
    const { verdict } = answer;
    const entry = this.#entries[closing.index];
    if (verdict === 'never_written') {
      this.#isStopped = true;
      const state = await this.#ledger.close(neverWritten(closing, { at: 1, leftOut }));
      if (entry) entry.state = state;
      return;
    }
    const accepted = verdict === 'unconfirmed' ? undefined : answer.accepted;
    const text = encodeAttempt(
      { run: this.#run, outcome: verdict, at: 1, leftOut, accepted_count: accepted },
      closing.numbers,
    );
    const code = verdict === 'accepted' || verdict === 'shortfall' ? '' : '5001';
    const told = { ...closing, verdict, accepted, code, due: 1, attempt: text };
    const state = await this.#ledger.close(told);
    heard();
    if (entry) Object.assign(entry, { state, number: closing.number });
  }

  /** @returns whether the run is over: first it judges what became of the job, then it tells BullMQ */
  async end(): Promise<boolean> {
    if (this.#requests.length > 0 || (await this.#recover())) return false;
    if (this.#ending) {
      // The lock may be another's by now, and so is the job.
      await this.#ending().catch((error: unknown) =>
        expect(String(error)).toMatch(/lock|not in|missing key/i),
      );
      return true;
    }
    const isDue = this.#entries.some(({ state }) => !isSettled(state));
    if (isDue && !this.#isStopped && this.#entries.some(({ state }) => state === 'pending')) {
      this.#ending = () => this.queued.moveToDelayed(Date.now() + 3_600_000, this.#token);
    } else if (isDue) {
      this.#ending = async () => void (await this.queued.moveToWait(this.#token));
    } else this.#ending = await this.#finish();
    return false;
  }

  async #finish(): Promise<() => Promise<void>> {
    const fields = await this.#redis.hgetall(this.#keys.ledger(this.queued.id ?? ''));
    const entries = this.#job.messages.map((_message, index) =>
      decodeEntry(fields[index] ?? 'p;', this.#numbers(index)),
    );
    const isSent = entries.every(
      ({ state, isMoved }) => isMoved || state === 'accepted' || state === 'shortfall',
    );
    if (isSent) {
      const result = resultOf(entries, fields);
      return async () => void (await this.queued.moveToCompleted(result, this.#token, false));
    }
    const error = new UnrecoverableError('not all of it');
    return async () => void (await this.queued.moveToFailed(error, this.#token, false));
  }

  #numbers(index: number): number {
    return this.#job.messages[index]?.[0].length ?? 0;
  }
}
