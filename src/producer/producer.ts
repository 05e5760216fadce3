/**
 * The one door: what a program, the command and the server hold to enqueue and to ask. One object, one connection, all
 * calls on it. It puts together what the rooms of this folder do, and sees to it that a call ends while Redis is away.
 * It sends nothing itself.
 *
 * Longer than 250 lines, because it is the whole of one public class; half of it says what each call promises. A room
 * that is large is loaded by the first call that needs it, for most commands need none.
 */
import type { Redis } from 'ioredis';
import { CampaignHandle } from '../shared/campaign/handle.ts';
import type { Config } from '../shared/config.ts';
import { type LimitChange, type Limits, readLimits } from '../shared/fleet/limits.ts';
import type { Lock, LockReason } from '../shared/fleet/valve.ts';
import { configFrom } from '../shared/given-config.ts';
import { createKeys, type Keys } from '../shared/redis/keys.ts';
import { checkDetail, checkId, checkNames, checkReason } from './check-call.ts';
import { Calls } from './connection/calls.ts';
import type { Connection } from './connection/connection.ts';
import { LastingConnection } from './connection/lasting-connection.ts';
import { RenewedConnection } from './connection/renewed-connection.ts';
import { Rights } from './connection/rights.ts';
import type * as Control from './control/control.ts';
import { Fleet } from './control/fleet.ts';
import type { ForgetResult } from './control/forget.ts';
import { Inside } from './inside.ts';
import type { ListSource } from './list/options.ts';
import type { Notification, NotifyOptions } from './notify/notification.ts';
import type { Notifier } from './notify/notifier.ts';
import { Suppression } from './opt-outs/suppress.ts';
import type { DryRunOptions, DryRunResult, ProducerOptions } from './options.ts';
import type { ReplayOptions, ReplayResult } from './replay/options.ts';
import type { AuditFilter, AuditLine } from './report/audit.ts';
import type { Verification } from './report/verify.ts';
import type { SendOptions, SendResult } from './send/send.ts';
import type { CampaignStatus, ControlResult, FleetStatus, ResumeOptions } from './shapes.ts';

export * from './shapes.ts';

/**
 * Returns at once: the first call connects. While Redis is away every call rejects within 2 s, `unavailable`, and
 * is not carried out later.
 * @throws VolleyError `bad_config`
 */
export function createProducer(options: ProducerOptions = {}): Producer {
  const { redisUrl, prefix } = configFrom(options);
  const keys = createKeys(prefix);
  return new Producer(keys, new RenewedConnection(redisUrl, keys));
}

/**
 * For a command, which does not begin where Redis is away: connects, and keeps that connection to the end. Calls on it
 * last as long as they take; where it is lost they fail at once, and it comes back by itself.
 * @throws VolleyError `unavailable` within 2 s; `corrupt` where a newer Volley has written
 */
export async function openProducer(config: Config): Promise<Producer> {
  const keys = createKeys(config.prefix);
  return new Producer(keys, await LastingConnection.open(config, keys));
}

/**
 * Enqueues campaigns and notifications, and tells what became of them, over one connection. Every call throws VolleyError:
 * `unavailable` while Redis is away, `interrupted` once closed, `corrupt` where a newer Volley has written; more at each.
 */
export class Producer {
  /** The opt-out list: `add`, `remove`, `check`, `count`. Each rejects with `unavailable` while Redis is away. */
  readonly suppress: Suppression;
  /** @internal For the command and the server. */
  readonly inside: Inside;
  readonly #keys: Keys;
  readonly #calls: Calls;
  readonly #rights: Rights;
  #notifier: Promise<Notifier> | undefined;

  /** @internal Use `createProducer`. */
  constructor(keys: Keys, connection: Connection) {
    this.#keys = keys;
    this.#calls = new Calls(connection);
    this.#rights = new Rights(keys, connection.url);
    this.suppress = new Suppression(keys, (work) => this.#calls.use(work));
    this.inside = new Inside(this.#calls, keys);
  }

  /**
   * Enqueues a campaign: reads the list to its end, lays its jobs, and releases them all in one step, or none. It has
   * a connection of its own while it lasts. A Redis that falls silent in the middle is waited for up to 8 s.
   * @throws VolleyError `bad_input`; `conflict` (another list under this id, or another `send` at work on it);
   *   `unavailable`. Rejects with the reason of `options.signal` once it is aborted. Then nothing has been sent, and the
   *   same call may be made again.
   */
  async send(source: ListSource, options: SendOptions): Promise<SendResult> {
    checkNames('send', options);
    return this.#calls.useLong(async (redis) => {
      await this.#rights.try(redis);
      const { send } = await import('./send/send.ts');
      return send(redis, this.#keys, source, options);
    });
  }

  /**
   * What `send` would come to, and be refused for: reads the list to its end, and enqueues nothing. Without Redis nobody
   * knows opt-outs, limits, and what was sent before.
   * @throws VolleyError `bad_input`; `unavailable`. Rejects with the reason of `options.signal` once it is aborted.
   */
  async dryRun(source: ListSource, given: DryRunOptions): Promise<DryRunResult> {
    checkNames('dryRun', given);
    const { onAway = rethrow, ...options } = given;
    return this.#calls.useIfThere(async (redis) => {
      const { dryRun } = await import('./send/dry-run.ts');
      const run = await dryRun(source, options, redis && { redis, keys: this.#keys });
      return { ...run, limits: redis && (await readLimits(redis, this.#keys.fleet)) };
    }, onAway);
  }

  /**
   * Enqueues one message, which goes before whatever campaigns have waiting.
   * @throws VolleyError `bad_input`; `unavailable` within 2 s where Redis does not answer
   */
  async notify(options: NotifyOptions): Promise<Notification> {
    checkNames('notify', options);
    return this.#calls.track(async () => (await this.#openNotifier()).notify(options));
  }

  /** The whole fleet; or with an id one campaign, or `notifications`. @throws VolleyError `not_found`, `unavailable` */
  status(): Promise<FleetStatus>;
  status(id: string): Promise<CampaignStatus>;
  async status(id?: string): Promise<FleetStatus | CampaignStatus> {
    if (id !== undefined) checkId(id);
    return this.#call(async (redis) => {
      const { campaignStatus, fleetStatus } = await import('./report/status.ts');
      const keys = this.#keys;
      return id === undefined ? fleetStatus(redis, keys) : campaignStatus(redis, keys, id);
    });
  }

  /** Every campaign that is known, the newest last. @throws VolleyError `unavailable` */
  campaigns(): Promise<CampaignStatus[]> {
    return this.#call(async (redis) => {
      const { listCampaigns } = await import('./report/status.ts');
      return listCampaigns(redis, this.#keys);
    });
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
    if (id !== undefined) checkId(id);
    checkNames('audit', filter);
    for await (const piece of this.inside.auditPieces(id, filter)) yield* piece;
  }

  /**
   * Sends again what of a campaign was not accepted: plans, and unless it is a dry run replays. Without options all that
   * cannot have been accepted, as it is, but nothing that expired, was cancelled or had opted out. It is pending again
   * when this resolves, and waits where the campaign is paused. Broken off and called again, it goes on.
   * @throws VolleyError `bad_input`; `not_found`; `conflict` while the campaign is being enqueued, or when it is
   *   cancelled meanwhile; `unavailable`. Rejects with the reason of `options.signal` once it is aborted.
   */
  async replay(id: string, options: ReplayOptions = {}): Promise<ReplayResult> {
    checkId(id);
    checkNames('replay', options);
    return this.#call(async (redis) => {
      if (options.dryRun !== true) await this.#rights.try(redis);
      const { replay } = await import('./replay/replay.ts');
      return replay(redis, this.#keys, id, options);
    });
  }

  /**
   * Recounts a campaign from its jobs.
   * @throws VolleyError `not_found`; `conflict` while it is being sent; `unavailable`
   */
  async verify(id: string): Promise<Verification> {
    checkId(id);
    return this.#call(async (redis) => {
      const { verify } = await import('./report/verify.ts');
      await this.#goOnWithReplay(redis, id);
      return verify(redis, this.#keys, id);
    });
  }

  /**
   * Sends nothing further of a campaign until `resume`. Once this has resolved, within some 2 s, no request of it
   * leaves; what was under way is still written down.
   * @throws VolleyError `not_found`; `conflict` where it is finished, cancelled or forgotten; `bad_input` for
   *   `notifications`; `unavailable`
   */
  async pause(id: string): Promise<ControlResult> {
    checkId(id);
    return this.#control(({ pause }, redis) => pause(redis, this.#keys, id));
  }

  /**
   * Takes off a pause: what was before it goes on, also a canary to its own end. Only where nobody paused it and its
   * canary is over, it sends the rest, and asks `options.confirm` before. A canary under way is left as it is.
   * @throws VolleyError `not_found`; `conflict` where it is cancelled or forgotten, or is not any more what was expected
   *   (`options.expectPending`) or asked about; `bad_input`; `unavailable`
   */
  async resume(id: string, options: ResumeOptions = {}): Promise<ControlResult> {
    checkId(id);
    checkNames('resume', options);
    return this.#control(async ({ resume }, redis) => {
      const result = await resume(redis, this.#keys, id, options);
      await this.#goOnWithReplay(redis, id);
      return result;
    });
  }

  /**
   * Ends a campaign: what has not been sent never is, and counts as `cancelled`. Once this has resolved, no request of
   * it leaves. It takes the same time however large the campaign is. One that is being enqueued is stopped.
   * @throws VolleyError `not_found`; `conflict` where it is finished or forgotten; `bad_input`; `unavailable`
   */
  async cancel(id: string): Promise<ControlResult> {
    checkId(id);
    return this.#control(({ cancel }, redis) => cancel(redis, this.#keys, id));
  }

  /**
   * Removes a finished campaign's jobs, and so its audit. Its id, fingerprint and counts stay. Workers do the same after
   * `VOLLEY_RETAIN_DAYS`.
   * @throws VolleyError `not_found`; `conflict` for one that is not finished; `bad_input` for `notifications`;
   *   `unavailable`: called again, it goes on
   */
  async forget(id: string): Promise<ForgetResult> {
    checkId(id);
    return this.#call(async (redis) => {
      const { forget } = await import('./control/forget.ts');
      return forget(redis, this.#keys, id);
    });
  }

  /**
   * The fleet's limits a second; with a change, as they are after it. A change acts on all workers within a second,
   * stays, and stands above their environment until it is undone with `'reset'`.
   * @throws VolleyError `bad_input` for a limit that is not above 0; `unavailable`
   */
  async rate(change?: LimitChange | 'reset'): Promise<Limits> {
    if (change !== undefined && change !== 'reset') checkNames('rate', change);
    return this.#fleetCall(async (fleet) => {
      if (change !== undefined) await fleet.setLimits(change);
      return fleet.limits();
    });
  }

  /**
   * Stops the whole fleet until `release`: no reply and no start of a worker lifts it. Once this has resolved, within some
   * 2 s, no request leaves; what was under way is still written down.
   * @param detail why, for whoever looks at the status
   * @returns the valve's locks
   */
  async hold(detail = 'held by a program'): Promise<Lock[]> {
    checkDetail(detail);
    return this.#fleetCall(async (fleet) => {
      await fleet.hold(detail);
      return fleet.locks();
    });
  }

  /** Opens the valve: all its locks but `far_end`, or those of one reason. @returns the locks that are left */
  async release(reason?: LockReason): Promise<Lock[]> {
    checkReason(reason);
    return this.#fleetCall(async (fleet) => {
      await fleet.release(reason);
      return fleet.locks();
    });
  }

  /** Takes no further call, waits for those under way, ends every wait for a result, and closes the connection. */
  close(): Promise<void> {
    return this.#calls.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #call<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    return this.#calls.use(work);
  }

  #control<T>(work: (room: typeof Control, redis: Redis) => Promise<T>): Promise<T> {
    return this.#call(async (redis) => work(await import('./control/control.ts'), redis));
  }

  /** What a replay that broke off had taken is on record as waiting: then it must also be queued. */
  async #goOnWithReplay(redis: Redis, id: string): Promise<void> {
    const { goOnWithReplay } = await import('../shared/campaign/requeue.ts');
    await goOnWithReplay(new CampaignHandle(redis, this.#keys, id));
  }

  #openNotifier(): Promise<Notifier> {
    this.#notifier ??= import('./notify/notifier.ts').then(
      ({ Notifier }) => new Notifier(this.#calls, this.#keys, this.#rights),
    );
    return this.#notifier;
  }

  /** Several steps that are one call. */
  #fleetCall<T>(work: (fleet: Fleet) => Promise<T>): Promise<T> {
    return this.#call((redis) => work(new Fleet(this.#keys.fleet, (step) => step(redis))));
  }
}

function rethrow(error: unknown): never {
  throw error;
}
