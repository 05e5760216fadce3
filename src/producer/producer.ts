/**
 * What a program that enqueues and asks holds: one object, one connection, all calls on it. It puts together what the
 * other files of this folder do, and sees to it that a call ends while Redis is away. It sends nothing itself.
 */
import type { Redis } from 'ioredis';
import { VolleyError } from '../shared/errors.ts';
import {
  type LimitChange,
  type Limits,
  readLimits,
  resetLimits,
  setLimits,
} from '../shared/fleet/limits.ts';
import {
  holdFleet,
  type Lock,
  type LockReason,
  openValve,
  readValve,
} from '../shared/fleet/valve.ts';
import { configFrom } from '../shared/given-config.ts';
import { messageName } from '../shared/job.ts';
import { isConnectionLost } from '../shared/redis/connection.ts';
import { createKeys, type Keys } from '../shared/redis/keys.ts';
import { Connection } from './connection/connection.ts';
import { ANSWER_MS } from './connection/deadline.ts';
import {
  type ControlResult,
  cancel,
  pause,
  type ResumeOptions,
  resume,
} from './control/control.ts';
import { type ForgetResult, forget } from './control/forget.ts';
import type { ListSource } from './list/options.ts';
import {
  type Draft,
  draftOf,
  type Notification,
  type NotifyOptions,
  resultOf,
} from './notify/notification.ts';
import { type Enqueued, Notifier } from './notify/notifier.ts';
import { Suppression } from './opt-outs/suppress.ts';
import { type ReplayOptions, type ReplayResult, replay } from './replay/replay.ts';
import { type AuditFilter, type AuditLine, audit, readNotification } from './report/audit.ts';
import {
  type CampaignStatus,
  campaignStatus,
  type FleetStatus,
  fleetStatus,
  listCampaigns,
} from './report/status.ts';
import { type Verification, verify } from './report/verify.ts';
import { type SendOptions, type SendResult, send } from './send/send.ts';

/** Where Redis is, and what is Volley's in it. */
export interface ProducerOptions {
  /** URL of Redis, `redis://` or `rediss://`, with its password where it has one. Default: `redis://127.0.0.1:6379`. */
  redis?: string | undefined;
  /**
   * Before every Redis key: 1 to 64 of letters, digits, `_`, `.`, `-`. Workers serve what has their own prefix.
   * Default: `volley`.
   */
  prefix?: string | undefined;
}

/** A notification is tried so often where connections break under it, always within the 2 s. */
const TRIES = 3;

/**
 * Returns at once: the first call connects. While Redis is away every call rejects within 2 s, `unavailable`, and
 * is not carried out later.
 * @throws VolleyError `bad_config`
 */
export function createProducer(options: ProducerOptions = {}): Producer {
  return new Producer(options);
}

/**
 * Enqueues campaigns and notifications, and tells what became of them. All calls share one connection. Every call throws
 * VolleyError: `unavailable` while Redis is away, `interrupted` once this was closed, `corrupt` where a newer Volley has
 * written in Redis; what else a call throws stands at it.
 */
export class Producer {
  /** The opt-out list: `add`, `remove`, `check`, `count`. Each rejects with `unavailable` while Redis is away. */
  readonly suppress: Suppression;
  readonly #keys: Keys;
  readonly #connection: Connection;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  #notifier: Notifier | undefined;

  /** Use `createProducer`. */
  constructor({ redis, prefix }: ProducerOptions) {
    const config = configFrom({ redis, prefix });
    this.#keys = createKeys(config.prefix);
    this.#connection = new Connection(config.redisUrl, this.#keys);
    this.suppress = new Suppression(this.#keys, (work) => this.#call(work));
  }

  /**
   * Enqueues a campaign: reads the list to its end, lays its jobs, and releases them all in one step, or none. It has
   * a connection of its own while it lasts. A Redis that falls silent in the middle is waited for up to 8 s.
   * @throws VolleyError `bad_input`; `conflict` (another list under this id, or another `send` at work on it);
   *   `unavailable`. Rejects with the reason of `options.signal` once it is aborted. Then nothing has been sent, and the
   *   same call may be made again.
   */
  send(source: ListSource, options: SendOptions): Promise<SendResult> {
    return this.#track(async () => {
      const redis = await this.#connection.another();
      try {
        return await send(redis, this.#keys, source, options);
      } catch (error) {
        throw this.#connection.explain(error);
      } finally {
        redis.disconnect();
      }
    });
  }

  /**
   * Enqueues one message, which goes before whatever campaigns have waiting.
   * @throws VolleyError `bad_input`; `unavailable` within 2 s where Redis does not answer
   */
  notify(options: NotifyOptions): Promise<Notification> {
    return this.#track(async () => {
      const draft = draftOf(options, Date.now());
      const { id, deduplicated } = await this.#enqueue(draft, performance.now() + ANSWER_MS);
      const result = (signal?: AbortSignal) => this.#resultOf(id, signal);
      return { message: messageName(id, 0), deduplicated, result };
    });
  }

  /** The whole fleet; or with an id one campaign, or `notifications`. @throws VolleyError `not_found`, `unavailable` */
  status(): Promise<FleetStatus>;
  status(id: string): Promise<CampaignStatus>;
  status(id?: string): Promise<FleetStatus | CampaignStatus> {
    if (id === undefined) return this.#call((redis) => fleetStatus(redis, this.#keys));
    return this.#call((redis) => campaignStatus(redis, this.#keys, id));
  }

  /** Every campaign that is known, the newest last. @throws VolleyError `unavailable` */
  campaigns(): Promise<CampaignStatus[]> {
    return this.#call((redis) => listCampaigns(redis, this.#keys));
  }

  /**
   * One line a message, in the order of the list. It streams, whatever the campaign's size. Without an id it looks
   * through all campaigns, the oldest first: with `to`, what was ever sent to a number.
   * @throws VolleyError, as it is read, `not_found`, `unavailable`
   */
  async *audit(
    id: string | undefined,
    filter: AuditFilter = {},
  ): AsyncGenerator<AuditLine, void, undefined> {
    const redis = await this.#connection.ready();
    const pieces = audit(redis, this.#keys, id, filter);
    for (;;) {
      const piece = await this.#call(() => pieces.next());
      if (piece.done) return;
      yield* piece.value;
    }
  }

  /**
   * Sends again what of a campaign was not accepted: plans, and unless it is a dry run replays. Without options all that
   * cannot have been accepted, as it is, but nothing that expired, was cancelled or had opted out. It is pending again
   * when this resolves, and waits where the campaign is paused. Broken off and called again, it goes on.
   * @throws VolleyError `bad_input`; `not_found`; `conflict` while the campaign is being enqueued, or when it is
   *   cancelled meanwhile; `unavailable`. Rejects with the reason of `options.signal` once it is aborted.
   */
  replay(id: string, options: ReplayOptions = {}): Promise<ReplayResult> {
    return this.#call((redis) => replay(redis, this.#keys, id, options));
  }

  /**
   * Recounts a campaign from its jobs.
   * @throws VolleyError `not_found`; `conflict` while it is being sent; `unavailable`
   */
  verify(id: string): Promise<Verification> {
    return this.#call((redis) => verify(redis, this.#keys, id));
  }

  /**
   * Sends nothing further of a campaign until `resume`. Once this has resolved, within some 2 s, no request of it
   * leaves; what was under way is still written down.
   * @throws VolleyError `not_found`; `conflict` where it is finished, cancelled or forgotten; `bad_input` for
   *   `notifications`; `unavailable`
   */
  pause(id: string): Promise<ControlResult> {
    return this.#call((redis) => pause(redis, this.#keys, id));
  }

  /**
   * Takes off a pause: what was before it goes on, also a canary to its own end. Only where nobody paused it and its
   * canary is over, it sends the rest, and asks `options.confirm` before. A canary under way is left as it is.
   * @throws VolleyError `not_found`; `conflict` where it is cancelled or forgotten, or is not any more what was expected
   *   (`options.expectPending`) or asked about; `bad_input`; `unavailable`
   */
  resume(id: string, options?: ResumeOptions): Promise<ControlResult> {
    return this.#call((redis) => resume(redis, this.#keys, id, options));
  }

  /**
   * Ends a campaign: what has not been sent never is, and counts as `cancelled`. Once this has resolved, no request of
   * it leaves. It takes the same time however large the campaign is. One that is being enqueued is stopped.
   * @throws VolleyError `not_found`; `conflict` where it is finished or forgotten; `bad_input`; `unavailable`
   */
  cancel(id: string): Promise<ControlResult> {
    return this.#call((redis) => cancel(redis, this.#keys, id));
  }

  /**
   * Removes a finished campaign's jobs, and so its audit. Its id, fingerprint and counts stay. Workers do the same after
   * `VOLLEY_RETAIN_DAYS`.
   * @throws VolleyError `not_found`; `conflict` for one that is not finished; `bad_input` for `notifications`;
   *   `unavailable`: called again, it goes on
   */
  forget(id: string): Promise<ForgetResult> {
    return this.#call((redis) => forget(redis, this.#keys, id));
  }

  /**
   * The fleet's limits a second; with a change, as they are after it. A change acts on all workers within a second,
   * stays, and stands above their environment until it is undone with `'reset'`.
   * @throws VolleyError `bad_input` for a limit that is not above 0; `unavailable`
   */
  rate(change?: LimitChange | 'reset'): Promise<Limits> {
    return this.#call(async (redis) => {
      const { fleet } = this.#keys;
      if (change === 'reset') await resetLimits(redis, fleet);
      else if (change !== undefined) await setLimits(redis, fleet, change);
      return readLimits(redis, fleet);
    });
  }

  /**
   * Stops the whole fleet until `release`: no reply and no start of a worker lifts it. Once this has resolved, within some
   * 2 s, no request leaves; what was under way is still written down.
   * @param detail why, for whoever looks at the status
   * @returns the valve's locks
   */
  hold(detail = 'held by a program'): Promise<Lock[]> {
    return this.#call(async (redis) => {
      await holdFleet(redis, this.#keys.fleet, detail);
      return readValve(redis, this.#keys.fleet, Date.now());
    });
  }

  /** Opens the valve: all its locks, or those of one reason. @returns the locks that are left */
  release(reason?: LockReason): Promise<Lock[]> {
    return this.#call(async (redis) => {
      await openValve(redis, this.#keys.fleet, reason);
      return readValve(redis, this.#keys.fleet, Date.now());
    });
  }

  /** Takes no further call, waits for those under way, ends every wait for a result, and closes the connection. */
  async close(): Promise<void> {
    this.#closing.abort(closed());
    await Promise.allSettled(this.#underWay);
    this.#connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #enqueue(draft: Draft, deadline: number): Promise<Enqueued> {
    let first: unknown;
    for (let tries = 1; ; tries++) {
      let notifier: Notifier;
      try {
        notifier = await this.#notifierInTime(deadline);
      } catch (error) {
        // What it was first tried with tells more: whether it may have been taken.
        throw first ?? error;
      }
      try {
        return await notifier.enqueue(draft, deadline);
      } catch (error) {
        first ??= error;
        if (performance.now() >= deadline) this.#connection.giveUp(notifier.redis);
        const isOver = tries === TRIES || performance.now() >= deadline;
        if (isOver || !isConnectionLost(Object(error).cause)) throw first;
      }
    }
  }

  async #notifierInTime(deadline: number): Promise<Notifier> {
    const redis = await this.#connection.ready(deadline - performance.now());
    if (this.#notifier?.redis !== redis) this.#notifier = new Notifier(redis, this.#keys);
    return this.#notifier;
  }

  #resultOf(id: string, signal?: AbortSignal): Promise<AuditLine> {
    const stop = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal;
    const read = (): Promise<AuditLine | undefined> =>
      this.#call((redis) => readNotification(redis, this.#keys, id));
    return resultOf(id, read, stop);
  }

  #call<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    return this.#track(() => this.#connection.use(work));
  }

  async #track<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing.signal.aborted) throw closed();
    const working = work();
    this.#underWay.add(working);
    try {
      return await working;
    } finally {
      this.#underWay.delete(working);
    }
  }
}

function closed(): VolleyError {
  return new VolleyError('interrupted', 'the producer was closed');
}
