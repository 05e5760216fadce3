import { EventEmitter } from 'node:events';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { putBackHeld } from '../shared/campaign/canary.ts';
import { unserve } from '../shared/campaign/serving.ts';
import type { Config } from '../shared/config.ts';
import { describeError, VolleyError } from '../shared/errors.ts';
import { beat, leave, newWorkerId, readWorkers } from '../shared/fleet/heartbeat.ts';
import { offerLimits, readLimits } from '../shared/fleet/limits.ts';
import { fingerprintOf, type Lock, openValve, readValve } from '../shared/fleet/valve.ts';
import { NOTIFICATIONS } from '../shared/job.ts';
import type { Logger } from '../shared/log.ts';
import { connectWorker, whereIs } from '../shared/redis/connection.ts';
import { createKeys, type Keys } from '../shared/redis/keys.ts';
import { refuseNewer, writeLayout } from '../shared/redis/layout.ts';
import { refuseOld } from '../shared/redis/version.ts';
import { CampaignWorker, type EndedJob } from './campaign-worker.ts';
import { Health } from './health/health.ts';
import { createValveReports } from './health/valve-reports.ts';
import { ValveWatch } from './health/valve-watch.ts';
import { OptOuts } from './job/opt-outs.ts';
import { Pacer } from './pacing/pacer.ts';
import { PlaceQueue } from './place-queue.ts';
import { type Registered, readRegistry } from './registry.ts';
import { Scrubber } from './request/scrubber.ts';
import { Sender } from './request/sender.ts';
import { Trouble } from './trouble/trouble.ts';
import { sweepCampaigns } from './upkeep/campaign-retention.ts';
import { LostJobs } from './upkeep/lost-jobs.ts';
import { sweepNotifications } from './upkeep/notification-retention.ts';

export interface WorkerEvents {
  attached: [campaign: string];
  /** Let go of: it is finished, or has nothing to send for a while. */
  detached: [campaign: string];
  /** A job has come to its end, here. One whose end a crash kept from being told is not told of again. */
  job: [ended: EndedJob];
  /** A lock of the valve came or went: all that hold now, none if it is open. Noticed within half a second. */
  valve: [locks: readonly Lock[]];
  stopped: [];
}

/** How often the registry is looked at and the heartbeat written. */
const TICK_MS = 500;
/** What is due again so soon keeps its place: to let go and come back costs more than to wait. */
const KEEP_MS = 2000;
const LEAVE_MS = 500;
/** How long a stop waits for a Redis that is away. */
const AWAY_MS = 2000;

/**
 * One worker process: finds campaigns through the registry, serves each with a hand of its own, and gives all of them
 * one pacer and one sender. It handles no signal and ends no process: whoever starts it stops it.
 */
export class Worker extends EventEmitter<WorkerEvents> {
  readonly id = newWorkerId();
  readonly #config: Config;
  readonly #keys: Keys;
  readonly #log: Logger;
  readonly #redis: Redis;
  readonly #pacer: Pacer;
  readonly #health: Health;
  readonly #optOuts: OptOuts;
  readonly #sender: Sender;
  readonly #scrubber: Scrubber;
  readonly #fingerprint: string;
  readonly #valve: ValveWatch;
  readonly #lostJobs: LostJobs;
  readonly #trouble: Trouble;
  readonly #hands = new Map<string, CampaignWorker>();
  readonly #waiting = new PlaceQueue();
  #loggedAt = 0;
  #loggedGranted = 0;
  #ticking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;

  /** @throws VolleyError `bad_config` without credentials */
  constructor(config: Config, log: Logger) {
    super();
    const { devKey, devSecret } = config;
    if (!devKey || !devSecret) {
      throw new VolleyError(
        'bad_config',
        'ENGAGELAB_DEV_KEY and ENGAGELAB_DEV_SECRET: expected the key and secret of your EngageLab account, got none',
      );
    }
    this.#config = config;
    this.#keys = createKeys(config.prefix);
    this.#log = log;
    this.#redis = connectWorker(config.redisUrl);
    this.#watchConnection();
    this.#fingerprint = fingerprintOf(devKey, devSecret);
    this.#valve = new ValveWatch(this.#redis, this.#keys.fleet, this.#fingerprint);
    this.#trouble = new Trouble(log);
    this.#lostJobs = new LostJobs(this.#redis, this.#keys, log);
    this.#pacer = new Pacer(this.#redis, this.#keys.fleet, {
      worker: this.id,
      fingerprint: this.#fingerprint,
      concurrency: config.concurrency,
      log,
    });
    this.#health = new Health(this.#redis, this.#keys.fleet, {
      log,
      isFleetFailing: () => this.#pacer.isFailing,
    });
    this.#optOuts = new OptOuts(this.#redis, this.#keys.suppression);
    this.#scrubber = new Scrubber(devKey, devSecret);
    this.#sender = new Sender({ ...config, devKey, devSecret });
  }

  /**
   * Resolves when the worker serves what there is to serve; waits for Redis as long as it takes.
   * @throws VolleyError `unavailable` for a Redis that is too old; `corrupt` where a newer Volley has written
   */
  async start(): Promise<void> {
    const { fleet } = this.#keys;
    const { redisUrl } = this.#config;
    await refuseOld(this.#redis, redisUrl);
    await refuseNewer(this.#redis, this.#keys, redisUrl);
    await writeLayout(this.#redis, fleet);
    await offerLimits(this.#redis, fleet, this.#config);
    // The standing campaign has no list to be read to its end: its gate is open from the first worker on.
    await this.#redis.hsetnx(this.#keys.campaign(NOTIFICATIONS).campaign, 'phase', 'released');
    // Credentials may have been mended on EngageLab's side; the first reply tells.
    await openValve(this.#redis, fleet, 'unauthorized', this.#fingerprint);
    this.#log.info(
      { worker: this.id, ...(await readLimits(this.#redis, fleet)) },
      'worker started',
    );
    await this.#openMoot();
    await this.#tick();
    this.#schedule();
  }

  /** Takes no new job, puts back what it has not sent, waits for replies under way. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#lostJobs.stop();
    this.#pacer.stop();
    const hands = [...this.#hands.values()];
    const quiet = this.#ticking
      .then(() => Promise.all(hands.map((hand) => hand.stop('shutdown'))))
      .then(() => this.#sender.close());
    const isQuiet = await Promise.race([
      quiet.then(() => true),
      this.#isUselessToWait(quiet).then(() => false),
    ]);
    // With Redis away there is nobody to tell, and the heartbeat grows old by itself.
    await Promise.race([this.#leave(), sleep(LEAVE_MS)]);
    // After a stop that was waited for they have no connections left.
    if (!isQuiet) for (const hand of hands) hand.disconnect();
    this.#redis.disconnect();
    this.#log.info({ worker: this.id }, 'worker stopped');
    this.emit('stopped');
  }

  /** Resolves when Redis has been away for a while and nothing waits to be written down or put back. */
  async #isUselessToWait(quiet: Promise<unknown>): Promise<void> {
    let isQuiet = false;
    void quiet.then(() => {
      isQuiet = true;
    });
    for (let awaySince = performance.now(); !isQuiet; await sleep(100)) {
      const isBusy = [...this.#hands.values()].some((hand) => hand.isBusy);
      if (this.#redis.status === 'ready' || isBusy) awaySince = performance.now();
      else if (performance.now() - awaySince > AWAY_MS) return;
    }
  }

  async #leave(): Promise<void> {
    await leave(this.#redis, this.#keys.fleet, this.id);
    await this.#openMoot();
  }

  /** A lock for credentials that no worker uses any more holds nobody back, and would only mislead. */
  async #openMoot(): Promise<void> {
    const { fleet } = this.#keys;
    const now = Date.now();
    const used = (await readWorkers(this.#redis, fleet, now)).map((worker) => worker.fingerprint);
    for (const { reason, fingerprint } of await readValve(this.#redis, fleet, now)) {
      if (reason !== 'unauthorized' || used.includes(fingerprint)) continue;
      await openValve(this.#redis, fleet, reason, fingerprint);
    }
  }

  #schedule(): void {
    if (this.#stopping) return;
    this.#timer = setTimeout(() => {
      this.#ticking = this.#tick()
        .catch((error: unknown) => {
          this.#log.debug({ error: describeError(error) }, 'registry not read');
        })
        .finally(() => this.#schedule());
    }, TICK_MS);
  }

  async #tick(): Promise<void> {
    const now = Date.now();
    await beat(this.#redis, this.#keys.fleet, {
      id: this.id,
      host: hostname(),
      pid: process.pid,
      in_flight: this.#pacer.inFlight,
      fingerprint: this.#fingerprint,
      sent_per_s: this.#pacer.grantedPerSecond(),
      serving: this.#served(),
      max_campaigns: this.#config.maxCampaigns,
      trouble: this.#trouble.seen(now),
      seen_at: now,
    });
    const locks = await this.#valve.look(now);
    if (locks) this.emit('valve', locks);
    this.#logProgress(now);
    await this.#sweep(now);
    const registered = await readRegistry(this.#redis, this.#keys, now);
    this.#control(registered);
    for (const { id, hasHeld } of registered) {
      // A piece each time, in case that whoever began it was killed.
      if (hasHeld) await putBackHeld(this.#redis, this.#keys.campaign(id));
    }
    const left = await this.#letGo(registered, now);
    const placeless = left.filter((each) => each.dueAt <= now && !this.#hands.has(each.id));
    const open = this.#waiting.inTurn(placeless, now);
    // A hand taken now would never be let go.
    if (this.#stopping) return;
    if (!this.#hands.has(NOTIFICATIONS)) this.#attach(NOTIFICATIONS, false);
    const room = this.#config.maxCampaigns - (this.#hands.size - 1);
    for (const each of open.slice(0, Math.max(0, room))) this.#attach(each.id, each.isLimited);
    this.#control(open);
    this.#shareJobs(left);
    const isIdle = ({ id, dueAt }: Registered) => dueAt > now && !this.#hands.get(id)?.isBusy;
    this.#lostJobs.watch(left.filter(isIdle));
  }

  async #sweep(now: number): Promise<void> {
    const retainMs = this.#config.retainDays * 86_400_000;
    await sweepNotifications(this.#redis, this.#keys, retainMs, now);
    for (const campaign of await sweepCampaigns(this.#redis, this.#keys, retainMs, now)) {
      this.#log.info({ campaign }, 'campaign forgotten: it finished long enough ago');
    }
  }

  /** Has the hands do at once what the gate would otherwise tell each job when its turn comes. */
  #control(registered: readonly Registered[]): void {
    for (const { id, isPaused, isCancelled } of registered) {
      const hand = this.#hands.get(id);
      if (isPaused) hand?.pause();
      else hand?.resume();
      if (isCancelled) hand?.cancel();
    }
  }

  /**
   * Whether a campaign keeps its place. One that is paused, or has nothing to run for a while, leaves it to another, once
   * its replies are in: a canary that waits, or messages that all wait for their next attempt. It stays on the registry,
   * and a look at it twice a second tells when it is to be served again.
   */
  #keepsPlace({ id, dueAt }: Registered, now: number): boolean {
    return dueAt <= now + KEEP_MS || this.#hands.get(id)?.isBusy === true;
  }

  #served(): string[] {
    return [...this.#hands.keys()].filter((id) => id !== NOTIFICATIONS);
  }

  /** One line a second while there is something to tell. */
  #logProgress(now: number): void {
    if (now - this.#loggedAt < 950) return;
    const granted = this.#pacer.granted - this.#loggedGranted;
    const { inFlight } = this.#pacer;
    if (granted > 0 || inFlight > 0) {
      const campaigns = this.#served().length;
      this.#log.info({ requests: granted, in_flight: inFlight, campaigns }, 'sending');
    }
    this.#loggedAt = now;
    this.#loggedGranted = this.#pacer.granted;
  }

  #attach(id: string, isLimited: boolean): void {
    const options = {
      overrides: this.#config.outcomes,
      attempts: this.#config.attempts,
      baseMs: this.#config.backoffBaseMs,
      capMs: this.#config.backoffCapMs,
      lockMs: this.#config.lockMs,
      leastLockMs: this.#config.lockMs / 4,
      workerId: this.id,
      isLimited,
      onEnded: (ended: EndedJob) => this.emit('job', ended),
      onTrouble: (error: string, about: 'job' | 'queue') =>
        about === 'job'
          ? this.#trouble.mention(id, error)
          : this.#trouble.note(id, error, Date.now()),
    };
    const valve = createValveReports(
      this.#redis,
      this.#keys.fleet,
      this.#fingerprint,
      this.#pacer,
      this.#log,
    );
    const parts = {
      redis: this.#redis,
      pacer: this.#pacer,
      sender: this.#sender,
      valve,
      health: this.#health,
      optOuts: this.#optOuts,
      scrubber: this.#scrubber,
      log: this.#log,
    };
    this.#hands.set(id, new CampaignWorker(id, this.#keys, parts, options, 1));
    this.#log.info({ campaign: id }, 'campaign attached');
    this.emit('attached', id);
  }

  /**
   * Takes off the registry what has nothing pending and nothing left in BullMQ, and lets go of what needs no place.
   * @returns what is left on the registry
   */
  async #letGo(registered: readonly Registered[], now: number): Promise<readonly Registered[]> {
    const left: Registered[] = [];
    const { fleet } = this.#keys;
    for (const each of registered) {
      // Put back into by a replay at this very moment, it stays.
      const isRemoved =
        each.isOver && (await unserve(this.#redis, fleet, each.id, each.generation, Date.now()));
      if (!isRemoved) left.push(each);
    }
    const kept = left.filter((each) => this.#keepsPlace(each, now)).map(({ id }) => id);
    for (const [id, hand] of this.#hands) {
      if (id === NOTIFICATIONS || kept.includes(id)) continue;
      this.#hands.delete(id);
      await hand.detach();
      this.#log.info({ campaign: id }, 'campaign detached');
      this.emit('detached', id);
    }
    return left;
  }

  /** Jobs at a time: two turns' worth of messages over all campaigns, and at least one for each. */
  #shareJobs(registered: readonly Registered[]): void {
    const messages = (2 * this.#config.concurrency) / Math.max(1, this.#hands.size - 1);
    for (const { id, messagesPerJob } of registered) {
      const hand = this.#hands.get(id);
      if (hand) hand.concurrency = Math.max(1, Math.ceil(messages / messagesPerJob));
    }
    const notifications = this.#hands.get(NOTIFICATIONS);
    if (notifications) notifications.concurrency = 2 * this.#config.concurrency;
  }

  /** One line when Redis is lost and one when it is back. */
  #watchConnection(): void {
    let lost = false;
    const where = whereIs(this.#config.redisUrl);
    this.#redis.on('error', (error) => {
      if (!lost) this.#log.error({ error: describeError(error) }, `${where}: connection lost`);
      lost = true;
    });
    this.#redis.on('ready', () => {
      if (lost) this.#log.info(`${where}: connection is back`);
      lost = false;
      this.#trouble.clear();
    });
  }
}
