/**
 * A plan that is carried out: takes its messages into a new chapter, a piece of jobs at a time, and
 * has their jobs queued again. Broken off anywhere and run again, it goes on in the same chapter.
 * Source: docs/design/replay.md.
 */
import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CampaignHandle } from '../../shared/campaign/handle.ts';
import { ReplayLease } from '../../shared/campaign/replay-lease.ts';
import { Requeue } from '../../shared/campaign/requeue.ts';
import { serve } from '../../shared/campaign/serving.ts';
import { conflict, type VolleyError } from '../../shared/errors.ts';
import { stateOf } from '../../shared/ledger/count.ts';
import { redisNow } from '../../shared/redis/redis-clock.ts';
import {
  beginReplay,
  endReplay,
  type TakeRefusal,
  type Taking,
  takeMessages,
} from '../../shared/replay/steps.ts';
import { readJobs, type StoredJob } from '../report/stored-jobs.ts';
import { fingerprintOfChoice } from './choice.ts';
import { type Move, type Moved, Moves, moveOf } from './moves.ts';
import type { ReplayOptions, ReplayResult } from './options.ts';
import { assessments, type ReplayPlan, readReleased } from './plan.ts';

/** Jobs at a time. */
const PIECE = 100;
/**
 * How long we wait, over all jobs, for those that are settled and still held: their worker is about
 * to end them.
 */
const PATIENCE_MS = 3000;

export class Replaying {
  readonly #campaign: CampaignHandle;
  readonly #options: ReplayOptions;
  readonly #result: ReplayResult;
  readonly #replayed = { messages: 0, recipients: 0 };
  readonly #requeue: Requeue;
  readonly #lease: ReplayLease;
  #giveUpAt: number | undefined;

  /** @param result filled in as it goes on */
  constructor(campaign: CampaignHandle, options: ReplayOptions, result: ReplayResult) {
    this.#campaign = campaign;
    this.#options = options;
    this.#result = result;
    this.#requeue = new Requeue(campaign);
    this.#lease = new ReplayLease(campaign.redis, campaign.own);
  }

  async run(plan: ReplayPlan): Promise<void> {
    this.#result.replayed = this.#replayed;
    try {
      await this.#lease.take();
      // What a replay that was killed had taken, whichever it was.
      await this.#requeue.run();
      if (plan.messages > 0) await this.#take(plan);
      else if (plan.resumes !== undefined) await this.#end(plan.resumes);
    } finally {
      await this.#lease.release();
      await this.#requeue.close();
    }
  }

  async #take(plan: ReplayPlan): Promise<void> {
    const { redis, fleet, id } = this.#campaign;
    const chapter = await this.#begin();
    this.#result.chapter = chapter;
    const moves = new Moves(this.#campaign, chapter, this.#options, await redisNow(redis));
    const jobIds = [...plan.chosen.keys()];
    // First of all: workers must find what is taken, also if this process dies right after.
    await serve(redis, fleet, id);
    for (let first = 0; first < jobIds.length; first += PIECE) {
      this.#options.signal?.throwIfAborted();
      await this.#takePiece(plan, jobIds.slice(first, first + PIECE), chapter, moves);
      await this.#requeue.run();
      this.#options.onProgress?.(this.#replayed.messages);
    }
    this.#countMoved(await moves.flush());
    await this.#requeue.run();
    this.#options.onProgress?.(this.#replayed.messages);
    await this.#end(chapter);
  }

  async #begin(): Promise<number> {
    const { redis, own } = this.#campaign;
    const { dryRun: _dryRun, confirm, signal, onProgress, by = whoAsks(), ...rest } = this.#options;
    const fingerprint = fingerprintOfChoice(rest);
    const record = { at: await redisNow(redis), by, options: JSON.parse(fingerprint) };
    const chapter = await beginReplay(redis, own, fingerprint, record);
    if (chapter === undefined) throw this.#gateClosed('closed');
    return chapter;
  }

  async #end(chapter: number): Promise<void> {
    await endReplay(this.#campaign.redis, this.#campaign.own, chapter);
  }

  async #takePiece(
    plan: ReplayPlan,
    jobIds: readonly string[],
    chapter: number,
    moves: Moves,
  ): Promise<void> {
    const piece = await readJobs(this.#campaign, jobIds);
    for (const jobId of jobIds) {
      if (piece.every(({ id }) => id !== jobId)) this.#lose(plan.chosen.get(jobId)?.length ?? 0);
    }
    const { cancelled = 0 } = await readReleased(this.#campaign);
    const chosen = piece.map((stored) => ({
      ...this.#chosenOf(stored, plan, cancelled, chapter),
      stored,
      isAtWork: stored.entries.some((entry) => stateOf(entry, cancelled) === 'pending'),
    }));
    await Promise.all(
      chosen.map(({ stored, stay, isAtWork }) =>
        this.#takeInPlace(stored, chapter, stay, isAtWork),
      ),
    );
    for (const each of chosen.flatMap(({ move }) => move)) this.#countMoved(await moves.add(each));
  }

  /** The chosen messages of a job as they are now: in place, or with another request. */
  #chosenOf(stored: StoredJob, plan: ReplayPlan, cancelled: number, chapter: number) {
    const indexes = new Set(plan.chosen.get(stored.id));
    const stay: Taking[] = [];
    const move: Move[] = [];
    for (const [index, assessment] of assessments(stored, cancelled, this.#options, chapter)) {
      if (!assessment.isChosen || !indexes.delete(index)) continue;
      const chosen = moveOf(stored, index);
      if (assessment.isMove) move.push(chosen);
      else stay.push(chosen);
    }
    this.#result.changed += indexes.size;
    return { stay, move };
  }

  async #takeInPlace(
    { id, job }: StoredJob,
    chapter: number,
    takings: readonly Taking[],
    isAtWork: boolean,
  ): Promise<void> {
    if (takings.length === 0) return;
    const { redis, own } = this.#campaign;
    const take = async () =>
      takeMessages(redis, own, id, chapter, await redisNow(redis), takings, job.not_after);
    let taken = await take();
    while (taken === 'busy' && !isAtWork) {
      this.#giveUpAt ??= performance.now() + PATIENCE_MS;
      if (performance.now() > this.#giveUpAt) break;
      await sleep(50);
      taken = await take();
    }
    if (taken === 'busy') this.#result.busy += takings.length;
    else if (taken === 'gone') this.#lose(takings.length);
    else if (!Array.isArray(taken)) throw this.#gateClosed(taken);
    else {
      for (const [at, { numbers }] of takings.entries()) {
        if (taken[at]) this.#count(1, numbers);
        else this.#result.changed += 1;
      }
    }
  }

  /** A job that was removed after it had been chosen from. */
  #lose(messages: number): void {
    this.#result.gone += 1;
    this.#result.changed += messages;
  }

  #countMoved(moved: readonly Moved[]): void {
    for (const { messages, recipients, result } of moved) {
      if (result === 'moved') this.#count(messages, recipients);
      else if (result === 'changed') this.#result.changed += messages;
      else throw this.#gateClosed(result);
    }
  }

  #count(messages: number, recipients: number): void {
    this.#replayed.messages += messages;
    this.#replayed.recipients += recipients;
  }

  #gateClosed(why: Exclude<TakeRefusal, 'gone'>): VolleyError {
    const words = {
      closed: 'it is not there any more',
      cancelled: 'it was cancelled while it was being replayed',
      busy: 'a worker is at it',
    };
    const reasons = { closed: 'gone', cancelled: 'cancelled', busy: 'job_at_work' } as const;
    return conflict(reasons[why], `campaign ${this.#campaign.id}: ${words[why]}`);
  }
}

function whoAsks(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container may run as a user without a name.
    return hostname();
  }
}
