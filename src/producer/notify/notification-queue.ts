/**
 * Enqueues notifications over one connection. BullMQ's queue is opened once, for the many that
 * follow. Whoever calls is told within 2 s whether it was taken, and what Redis reads later than
 * that is not sent.
 */
import { once } from 'node:events';
import { type Queue, Job as QueueJob } from 'bullmq';
import type { ChainableCommander, Redis } from 'ioredis';
import { ADMIT_LUA, admitKeys, DEDUPE_S, takenBy } from '../../shared/campaign/notifications.ts';
import { VolleyError } from '../../shared/errors.ts';
import { NOTIFICATIONS } from '../../shared/job.ts';
import { isConnectionLost, isRefusal, wordsOf } from '../../shared/redis/connection.ts';
import type { CampaignKeys, Keys } from '../../shared/redis/keys.ts';
import { writeLayout } from '../../shared/redis/layout.ts';
import { openQueue } from '../../shared/redis/queue.ts';
import { timeIn } from '../../shared/redis/redis-clock.ts';
import { ANSWER_MS, within } from '../connection/deadline.ts';
import type { Rights } from '../connection/rights.ts';
import { type Draft, timedJob } from './notification.ts';

/**
 * Of it, what is kept for Redis's answer to travel back: later than that before its end, Redis
 * takes nothing.
 */
const RETURN_MS = 500;

export interface Enqueued {
  /** Of the job. */
  id: string;
  deduplicated: boolean;
}

export class NotificationQueue {
  readonly redis: Redis;
  readonly #own: CampaignKeys;
  readonly #queue: Queue;
  readonly #fleet: Keys['fleet'];
  readonly #rights: Rights;
  #layout: Promise<void> | undefined;

  constructor(redis: Redis, keys: Keys, rights: Rights) {
    this.redis = redis;
    this.#rights = rights;
    this.#fleet = keys.fleet;
    this.#own = keys.campaign(NOTIFICATIONS);
    this.#queue = openQueue(redis, keys, NOTIFICATIONS);
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  /**
   * May be called again with the same draft, also over another connection: it is enqueued once.
   * @param deadline on the monotonic clock: when the caller is told that it failed
   * @throws VolleyError `unavailable`
   */
  async enqueue(draft: Draft, deadline: number): Promise<Enqueued> {
    const progress = { isAsked: false };
    // Goes to Redis with the first question of this connection.
    this.#layout ??= writeLayout(this.redis, this.#fleet);
    const late = () => new Error(`no answer in ${ANSWER_MS} ms`);
    try {
      const left = deadline - performance.now();
      return await within(this.#add(draft, deadline, progress), left, late);
    } catch (error) {
      if (error instanceof VolleyError) throw error;
      const isUnknown = progress.isAsked && isConnectionLost(error);
      throw new VolleyError('unavailable', wordsFor(error, isUnknown), { cause: error });
    }
  }

  async #add(draft: Draft, deadline: number, progress: { isAsked: boolean }): Promise<Enqueued> {
    await this.#rights.try(this.redis);
    const { now, claimed } = await this.#ask(draft);
    const taken = takenBy(claimed);
    // By this very draft, it was in an earlier call whose answer was lost.
    if (taken) return { id: taken.id, deduplicated: taken.first !== draft.id };
    // Counted from Redis's answer, so that the time its clock was read at is not later than this
    // one.
    const leftMs = deadline - RETURN_MS - performance.now();
    // A caller that was told so must not find it sent: Redis may have been silent since it was
    // asked for the time.
    if (leftMs <= 0) throw new Error(`no answer in ${ANSWER_MS} ms`);

    const nowMs = Math.floor(now / 1000);
    const { client: connected } = this.#queue.getBackend();
    const client = await connected;
    const transaction = client.multi();
    const options = { ...this.#queue.defaultJobOptions, jobId: claimed };
    const queued = new QueueJob(this.#queue, 'notify', timedJob(draft, nowMs), options, claimed);
    queued.timestamp = nowMs;
    // Written into the transaction at once; what comes of it is among the replies.
    queued.addJob(transaction).catch(() => {});
    const keys = admitKeys(this.#own, claimed, draft.dedupe);
    const seconds = draft.dedupe === undefined ? '' : DEDUPE_S;
    const values = [claimed, nowMs, 1, Math.floor(now + leftMs * 1000), seconds, draft.id, ''];
    // As text and not by its hash: Redis may forget scripts, and within a transaction that would
    // show too late.
    transaction.runCommand('eval', [ADMIT_LUA, keys.length, ...keys, ...values]);
    progress.isAsked = true;
    const admitted = (await this.#repliesOf(transaction.exec())).at(-1);
    if (admitted === -1) throw new Error('Redis was too slow; it was taken out again');
    if (admitted === 0) throw new Error('Redis did not keep the job');
    // What it had been asked for ran out meanwhile, or was carried out and is gone again.
    if (admitted === -2) return this.#add(draft, deadline, progress);
    return { id: claimed, deduplicated: admitted === 2 && draft.dedupe !== undefined };
  }

  /**
   * Redis's time in µs, and the job id that the dedupe key stands for: this one's, unless another
   * came first.
   */
  async #ask({ id, dedupe }: Draft): Promise<{ now: number; claimed: string }> {
    const question: ChainableCommander = this.redis.multi().time();
    if (dedupe !== undefined) {
      const key = this.#own.dedupe(dedupe);
      question.set(key, id, 'EX', DEDUPE_S, 'NX').get(key);
    }
    const [time, , claimed] = await this.#repliesOf(question.exec());
    return {
      now: Math.round(timeIn(time) * 1000),
      claimed: typeof claimed === 'string' ? claimed : id,
    };
  }

  async #repliesOf(executed: Promise<[Error | null, unknown][] | null>): Promise<unknown[]> {
    const replies = (await executed) ?? [];
    const [failure] = replies.flatMap(([error]) => (error ? [error] : []));
    if (failure?.message.startsWith('NOSCRIPT')) {
      // ioredis takes BullMQ's script for known as long as the connection lasts.
      const closed = once(this.redis, 'close');
      this.redis.disconnect(true);
      await closed;
      throw new Error('Connection is closed.', { cause: failure });
    }
    if (failure) throw failure;
    return replies.map(([, reply]) => reply);
  }
}

function wordsFor(error: unknown, isUnknown: boolean): string {
  const words = wordsOf(error);
  if (!isUnknown)
    return `the notification was not enqueued: ${isRefusal(error) ? `Redis: ${words}` : words}`;
  return (
    `the connection broke before Redis told whether it took the notification (${words}); ` +
    'with a dedupeKey it can be enqueued again without harm'
  );
}
