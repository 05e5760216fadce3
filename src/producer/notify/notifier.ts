/**
 * Takes notifications: checks one, enqueues it, and hands out the wait for its end. Where connections break under it,
 * it tries again over the next one, always within 2 s, and never enqueues it twice.
 */
import { messageName } from '../../shared/job.ts';
import { isConnectionLost } from '../../shared/redis/connection.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { redisNow } from '../../shared/redis/redis-clock.ts';
import type { Calls } from '../connection/calls.ts';
import { ANSWER_MS } from '../connection/deadline.ts';
import type { Rights } from '../connection/rights.ts';
import { type AuditLine, readNotification } from '../report/audit.ts';
import {
  checkDraft,
  type Draft,
  draftOf,
  type Notification,
  type NotifyOptions,
  resultOf,
} from './notification.ts';
import { type Enqueued, NotificationQueue } from './notification-queue.ts';

/** A notification is tried so often where connections break under it, always within the 2 s. */
const TRIES = 3;

export class Notifier {
  readonly #calls: Calls;
  readonly #keys: Keys;
  readonly #rights: Rights;
  /** Over the connection that was used last. */
  #queue: NotificationQueue | undefined;

  constructor(calls: Calls, keys: Keys, rights: Rights) {
    this.#calls = calls;
    this.#keys = keys;
    this.#rights = rights;
  }

  /** One call of a producer's. @throws VolleyError `bad_input`; `unavailable` within 2 s where Redis does not answer */
  async notify(options: NotifyOptions): Promise<Notification> {
    const draft = draftOf(options, Date.now());
    const checkedMs = await this.#check(draft);
    const { current } = this.#calls.connection;
    // The first time, this takes so much of a busy machine that it is not counted in the 2 s.
    if (current) this.#queue ??= new NotificationQueue(current, this.#keys, this.#rights);
    const { id, deduplicated } = await this.#enqueue(
      draft,
      performance.now() + ANSWER_MS - checkedMs,
    );
    const result = (signal?: AbortSignal) => this.#resultOf(id, signal);
    return { message: messageName(id, 0), deduplicated, result };
  }

  /** Lets go of the queue, not of the connection. */
  async close(): Promise<void> {
    await this.#queue?.close();
  }

  /**
   * Times that were given are held against Redis's clock before anything is laid. None were, mostly,
   * and then Redis is asked nothing for it.
   * @returns how long that took, ms
   */
  async #check(draft: Draft): Promise<number> {
    const { at, notAfter } = draft.times;
    if (at === undefined && notAfter === undefined) return 0;
    const begunAt = performance.now();
    checkDraft(draft, await this.#calls.connection.use(redisNow));
    return performance.now() - begunAt;
  }

  async #enqueue(draft: Draft, deadline: number): Promise<Enqueued> {
    let first: unknown;
    for (let tries = 1; ; tries++) {
      let queue: NotificationQueue;
      try {
        queue = await this.#queueInTime(deadline);
      } catch (error) {
        // What it was first tried with tells more: whether it may have been taken.
        throw first ?? error;
      }
      try {
        return await queue.enqueue(draft, deadline);
      } catch (error) {
        first ??= error;
        if (performance.now() >= deadline) this.#calls.connection.giveUp(queue.redis);
        const isOver = tries === TRIES || performance.now() >= deadline;
        if (isOver || !isConnectionLost(Object(error).cause)) throw first;
      }
    }
  }

  async #queueInTime(deadline: number): Promise<NotificationQueue> {
    const redis = await this.#calls.connection.ready(deadline - performance.now());
    if (this.#queue?.redis !== redis)
      this.#queue = new NotificationQueue(redis, this.#keys, this.#rights);
    return this.#queue;
  }

  #resultOf(id: string, signal?: AbortSignal): Promise<AuditLine> {
    const { closing } = this.#calls;
    const stop = signal ? AbortSignal.any([signal, closing]) : closing;
    const read = (): Promise<AuditLine | undefined> =>
      this.#calls.use((redis) => readNotification(redis, this.#keys, id));
    return resultOf(id, read, stop);
  }
}
