/**
 * The replay: takes the messages of a plan into a new chapter, a piece of jobs at a time, and has their jobs queued
 * again. Broken off anywhere and run again, it goes on in the same chapter. Source: docs/design.md, "Replay".
 */
import { hostname, userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { serve } from '../../shared/campaign/serving.ts';
import { conflict, type VolleyError } from '../../shared/errors.ts';
import { stateOf } from '../../shared/ledger/count.ts';
import {
  beginReplay,
  endReplay,
  type TakeRefusal,
  type Taking,
  takeMessages,
} from '../../shared/ledger/replay.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { readJobs, type StoredJob } from '../report/stored-jobs.ts';
import { checkChoice, fingerprintOfChoice, type ReplayChoice } from './choice.ts';
import { type Move, type Moved, Moves, moveOf } from './moves.ts';
import { judgements, planReplay, type ReplayGroup, type ReplayPlan, readReleased } from './plan.ts';
import { Requeue } from './requeue.ts';

export interface ReplayOptions extends ReplayChoice {
  /** Only the plan. */
  dryRun?: boolean | undefined;
  /** Asked with the plan, before anything is changed. */
  confirm?: ((plan: ReplayPlan) => boolean | Promise<boolean>) | undefined;
  /** Who asks for it; stands in the audit. Default: the user of this process, and its host. */
  by?: string | undefined;
  /** Stops between two pieces; the same replay once more goes on from there. */
  signal?: AbortSignal | undefined;
  /** How many messages have been taken so far. */
  onProgress?: ((messages: number) => void) | undefined;
}

/** Counts are of messages and of recipients. */
export interface ReplayResult {
  campaign: string;
  groups: ReplayGroup[];
  /** What was to be replayed. */
  planned: { messages: number; recipients: number };
  /** What has been, and is pending again; null where nothing was done: a dry run, or the answer was no. */
  replayed: { messages: number; recipients: number } | null;
  /** Its chapter in the ledgers; null where nothing was replayed. */
  chapter: number | null;
  /** Messages that were left, because a worker is at their job: the same replay again takes them once it has ended. */
  busy: number;
  /** Messages that were left, because they changed after they had been chosen. */
  changed: number;
  /** Jobs that other hands removed, or made unreadable: nobody in them can be replayed. */
  gone: number;
}

/** Jobs at a time. */
const PIECE = 100;
/** How long jobs that are settled and still held are waited for, all together: their worker is about to end them. */
const PATIENCE_MS = 3000;

/**
 * @throws VolleyError `bad_input`; `not_found`; `conflict` while the campaign is being enqueued, or when it is cancelled
 *   meanwhile; `corrupt`
 */
export async function replay(
  redis: Redis,
  keys: Keys,
  id: string,
  options: ReplayOptions = {},
): Promise<ReplayResult> {
  checkChoice(options, Date.now());
  const plan = await planReplay(redis, keys, id, options);
  const { groups, messages, recipients, gone } = plan;
  const result: ReplayResult = {
    ...{ campaign: id, groups, planned: { messages, recipients } },
    ...{ replayed: null, chapter: null, busy: 0, changed: 0, gone },
  };
  if (options.dryRun || (options.confirm && !(await options.confirm(plan)))) return result;
  await new Replay(redis, keys, id, options, result).run(plan);
  return result;
}

class Replay {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #id: string;
  readonly #options: ReplayOptions;
  readonly #result: ReplayResult;
  readonly #replayed = { messages: 0, recipients: 0 };
  readonly #requeue: Requeue;
  #giveUpAt: number | undefined;

  constructor(redis: Redis, keys: Keys, id: string, options: ReplayOptions, result: ReplayResult) {
    this.#redis = redis;
    this.#keys = keys;
    this.#id = id;
    this.#options = options;
    this.#result = result;
    this.#requeue = new Requeue(redis, keys, id);
  }

  async run(plan: ReplayPlan): Promise<void> {
    this.#result.replayed = this.#replayed;
    try {
      // What a replay that was killed had taken, whichever it was.
      await this.#requeue.run();
      if (plan.messages > 0) await this.#take(plan);
      else if (plan.resumes !== undefined)
        await endReplay(this.#redis, this.#keys.campaign(this.#id), plan.resumes);
    } finally {
      await this.#requeue.close();
    }
  }

  async #take(plan: ReplayPlan): Promise<void> {
    const own = this.#keys.campaign(this.#id);
    const chapter = await this.#begin();
    this.#result.chapter = chapter;
    const moves = new Moves(this.#redis, this.#keys, this.#id, chapter, this.#options);
    const ids = [...plan.chosen.keys()];
    // First of all: workers must find what is taken, also if this process dies right after.
    await serve(this.#redis, this.#keys.fleet, this.#id);
    for (let first = 0; first < ids.length; first += PIECE) {
      this.#options.signal?.throwIfAborted();
      const piece = await readJobs(
        this.#redis,
        this.#keys,
        this.#id,
        ids.slice(first, first + PIECE),
      );
      for (const jobId of ids.slice(first, first + PIECE)) {
        if (piece.every(({ id }) => id !== jobId)) this.#lose(plan.chosen.get(jobId)?.length ?? 0);
      }
      const { cancelled = 0 } = await readReleased(this.#redis, this.#keys, this.#id);
      const chosen = piece.map((stored) => ({
        ...this.#chosenOf(stored, plan, cancelled, chapter),
        id: stored.id,
        isAtWork: stored.entries.some((entry) => stateOf(entry, cancelled) === 'pending'),
      }));
      await Promise.all(
        chosen.map(({ id, stay, isAtWork }) => this.#takeInPlace(id, chapter, stay, isAtWork)),
      );
      for (const each of chosen.flatMap(({ move }) => move))
        this.#countMoved(await moves.add(each));
      await this.#requeue.run();
      this.#options.onProgress?.(this.#replayed.messages);
    }
    this.#countMoved(await moves.flush());
    await this.#requeue.run();
    this.#options.onProgress?.(this.#replayed.messages);
    await endReplay(this.#redis, own, chapter);
  }

  async #begin(): Promise<number> {
    const { dryRun: _dryRun, confirm, signal, onProgress, by = whoAsks(), ...rest } = this.#options;
    const choice = JSON.parse(fingerprintOfChoice(rest));
    const chapter = await beginReplay(
      this.#redis,
      this.#keys.campaign(this.#id),
      fingerprintOfChoice(rest),
      { at: Date.now(), by, options: choice },
    );
    if (chapter === undefined) throw this.#gateClosed('closed');
    return chapter;
  }

  /** The chosen messages of a job as they are now: in place, or with another request. */
  #chosenOf(stored: StoredJob, plan: ReplayPlan, cancelled: number, chapter: number) {
    const indexes = new Set(plan.chosen.get(stored.id));
    const stay: Taking[] = [];
    const move: Move[] = [];
    for (const [index, judgement] of judgements(stored, cancelled, this.#options, chapter)) {
      if (!judgement.isChosen || !indexes.delete(index)) continue;
      const chosen = moveOf(stored, index);
      if (judgement.isMove) move.push(chosen);
      else stay.push(chosen);
    }
    this.#result.changed += indexes.size;
    return { stay, move };
  }

  async #takeInPlace(
    jobId: string,
    chapter: number,
    takings: readonly Taking[],
    isAtWork: boolean,
  ): Promise<void> {
    if (takings.length === 0) return;
    const own = this.#keys.campaign(this.#id);
    const take = () => takeMessages(this.#redis, own, jobId, chapter, Date.now(), takings);
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
    return conflict(reasons[why], `campaign ${this.#id}: ${words[why]}`);
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
