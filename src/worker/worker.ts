import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Config } from '../shared/config.ts';
import { originOf } from '../shared/destination.ts';
import { describeError, VolleyError } from '../shared/errors.ts';
import { newWorkerId } from '../shared/fleet/heartbeat.ts';
import { offerLimits, readLimits } from '../shared/fleet/limits.ts';
import { fingerprintOf, type Lock, openValve } from '../shared/fleet/valve.ts';
import { NOTIFICATIONS } from '../shared/job.ts';
import type { Logger } from '../shared/log.ts';
import { connectWorker, whereIs } from '../shared/redis/connection.ts';
import { createKeys, type Keys } from '../shared/redis/keys.ts';
import { refuseNewer, writeLayout } from '../shared/redis/layout.ts';
import { RedisClock } from '../shared/redis/redis-clock.ts';
import { refuseWithoutRights } from '../shared/redis/rights.ts';
import { refuseOld } from '../shared/redis/version.ts';
import type { Actor } from './actor/actor.ts';
import { CampaignWorker, type EndedJob } from './campaign-worker.ts';
import { DestinationWatch } from './destination-watch.ts';
import { openMootLocks } from './health/moot-locks.ts';
import { ValveWatch } from './health/valve-watch.ts';
import { Sender } from './request/sender.ts';
import { Roster } from './roster.ts';
import { createSharedParts, type SharedParts } from './shared-parts.ts';
import { watchConnection } from './trouble/connection-watch.ts';
import { Trouble } from './trouble/trouble.ts';
import { ExpiryWatch } from './upkeep/expiry-watch.ts';
import { HeartbeatWriter } from './upkeep/heartbeat.ts';
import { LostJobsWatch } from './upkeep/lost-jobs-watch.ts';
import { Progress } from './upkeep/progress.ts';
import { Sweep } from './upkeep/sweep.ts';

/** What a worker tells while it works, each event with what it says. */
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

const DAY_MS = 86_400_000;
const LEAVE_MS = 500;
/** How long a stop waits for a Redis that says nothing. */
const AWAY_MS = 500;

/**
 * One worker process: a few actors, each with a rhythm of its own, and what the hands on all
 * campaigns share: one connection, one pacer, one sender. The roster among the actors decides which
 * campaigns are served. It handles no signal and ends no process: whoever starts it stops it.
 */
export class Worker extends EventEmitter<WorkerEvents> {
  readonly id = newWorkerId();
  readonly #config: Config;
  readonly #keys: Keys;
  readonly #log: Logger;
  readonly #redis: Redis;
  readonly #fingerprint: string;
  readonly #trouble: Trouble;
  readonly #isShutOut: () => boolean;
  readonly #destination: DestinationWatch;
  readonly #shared: SharedParts;
  readonly #roster: Roster;
  readonly #heartbeat: HeartbeatWriter;
  readonly #valve: ValveWatch;
  readonly #actors: readonly Actor[];
  #stopping: Promise<void> | undefined;

  /** @throws VolleyError `bad_config` without credentials */
  constructor(config: Config, log: Logger) {
    super();
    const { devKey, devSecret, maxCampaigns, retainDays } = config;
    if (!devKey || !devSecret) {
      throw new VolleyError(
        'bad_config',
        'ENGAGELAB_DEV_KEY and ENGAGELAB_DEV_SECRET: expected the key and secret of your EngageLab account, got none',
      );
    }
    this.#config = config;
    this.#log = log;
    this.#keys = createKeys(config.prefix);
    const mine = { ...config, devKey, devSecret };
    // Before there is anything to be closed: it refuses a way that cannot be walked.
    const sender = new Sender(mine);
    this.#redis = connectWorker(config.redisUrl, config.redisTls);
    this.#fingerprint = fingerprintOf(devKey, devSecret);
    this.#trouble = new Trouble(log);
    const onReady = () => this.#trouble.clear();
    this.#isShutOut = watchConnection(this.#redis, whereIs(config.redisUrl), log, onReady);

    const [redis, keys, trouble] = [this.#redis, this.#keys, this.#trouble];
    const clock = new RedisClock();
    const self = { worker: this.id, fingerprint: this.#fingerprint, clock, log };
    this.#destination = new DestinationWatch(redis, keys.fleet, {
      ...{ worker: this.id, account: this.#fingerprint, clock, log },
      origin: originOf(config.baseUrl),
      allowsChange: config.allowOriginChange,
    });
    const destination = this.#destination;
    const parts = { ...self, destination, config: mine, sender };
    this.#shared = createSharedParts(redis, keys, parts);
    this.#roster = this.#createRoster();
    const { pacer } = this.#shared;
    const served = () => this.#roster.served;
    const told = { ...self, destination, maxCampaigns, pacer, trouble, served };
    this.#heartbeat = new HeartbeatWriter(redis, keys.fleet, told);
    const onChange = (locks: readonly Lock[]) => this.emit('valve', locks);
    this.#valve = new ValveWatch(redis, keys.fleet, { ...self, onChange });
    this.#actors = [
      this.#heartbeat,
      this.#destination,
      this.#valve,
      this.#roster,
      new Progress(pacer, () => this.#roster.served.length, log),
      new Sweep(redis, keys, { retainMs: retainDays * DAY_MS, clock, log }),
      new LostJobsWatch(redis, keys, () => this.#roster.idle(), log),
      new ExpiryWatch(redis, keys, () => this.#roster.expiring(), log),
    ];
  }

  /**
   * Resolves when the worker serves what there is to serve; waits for Redis as long as it takes.
   * @throws VolleyError `unavailable` for a Redis that is too old, or does not let it do what it must; `corrupt` where a
   *   newer Volley has written
   */
  async start(): Promise<void> {
    const { fleet } = this.#keys;
    const { redisUrl } = this.#config;
    await refuseOld(this.#redis, redisUrl);
    await refuseNewer(this.#redis, this.#keys, redisUrl);
    await refuseWithoutRights(this.#redis, this.#keys, redisUrl);
    await writeLayout(this.#redis, fleet);
    await offerLimits(this.#redis, fleet, this.#config);
    // The standing campaign has no list to be read to its end: its gate is open from the first worker on.
    await this.#redis.hsetnx(this.#keys.campaign(NOTIFICATIONS).campaign, 'phase', 'released');
    // Credentials may have been mended on EngageLab's side; the first reply tells.
    await openValve(this.#redis, fleet, 'unauthorized', this.#fingerprint);
    this.#log.info(
      {
        worker: this.id,
        ...(await readLimits(this.#redis, fleet)),
        proxy: this.#shared.sender.proxy,
      },
      'worker started',
    );
    // From here on all that has a time is decided, and by Redis's clock.
    await this.#shared.clock.ask(this.#redis);
    await openMootLocks(this.#redis, fleet, this.#shared.clock.now());
    // Once each, in this order: the fleet must know of this worker before it asks for anything. What
    // Redis refuses of them fails the start.
    this.#destination.begin();
    const first = [this.#heartbeat, this.#destination, this.#valve, this.#roster];
    for (const actor of first) await actor.once();
    for (const actor of this.#actors) actor.start();
  }

  /** Takes no new job, puts back what it has not sent, waits for replies under way. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#shared.pacer.stop();
    const stopped = this.#actors.toReversed().map((actor) => actor.stop());
    const quiet = Promise.all(stopped).then(() => this.#shared.sender.close());
    const isQuiet = await Promise.race([
      quiet.then(() => true),
      this.#isUselessToWait(quiet).then(() => false),
    ]);
    // With Redis away there is nobody to tell, and the heartbeat grows old by itself.
    if (isQuiet) await Promise.race([this.#leave(), sleep(LEAVE_MS)]);
    // After a stop that was waited for they have no connections left.
    else this.#roster.disconnect();
    this.#redis.disconnect();
    this.#log.info({ worker: this.id }, 'worker stopped');
    this.emit('stopped');
  }

  /** Resolves when Redis has said nothing for a while, and nothing waits to be written down. A lock that nobody renews puts a job back, too. */
  async #isUselessToWait(quiet: Promise<unknown>): Promise<void> {
    let isQuiet = false;
    void quiet.then(() => {
      isQuiet = true;
    });
    let heardAt = performance.now();
    let isAsked = false;
    const hear = () => {
      heardAt = performance.now();
      isAsked = false;
    };
    for (; !isQuiet; await sleep(50)) {
      if (this.#roster.isSending && !this.#isShutOut()) heardAt = performance.now();
      else if (performance.now() - heardAt > AWAY_MS) return;
      if (isAsked) continue;
      isAsked = true;
      // A refusal is an answer, too, but not one of the login: somebody must mend that.
      this.#redis.ping().then(hear, () => this.#isShutOut() || hear());
    }
  }

  async #leave(): Promise<void> {
    try {
      await this.#heartbeat.leave();
      // It may be stopped before it had begun.
      await this.#shared.clock.ask(this.#redis);
      await openMootLocks(this.#redis, this.#keys.fleet, this.#shared.clock.now());
    } catch (error) {
      // It has put back all that it had; a heartbeat that Redis does not take off grows old.
      this.#log.warn({ error: describeError(error) }, 'heartbeat not taken off');
    }
  }

  #createRoster(): Roster {
    return new Roster(this.#redis, this.#keys, {
      maxCampaigns: this.#config.maxCampaigns,
      concurrency: this.#config.concurrency,
      destination: this.#destination,
      isLockedOut: () => this.#valve.isLockedOut,
      clock: this.#shared.clock,
      log: this.#log,
      openHand: (campaign, isLimited) => this.#openHand(campaign, isLimited),
      onAttached: (campaign) => this.emit('attached', campaign),
      onDetached: (campaign) => this.emit('detached', campaign),
    });
  }

  #openHand(campaign: string, isLimited: boolean): CampaignWorker {
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
          ? this.#trouble.mention(campaign, error)
          : this.#trouble.note(campaign, error, this.#shared.clock.now()),
    };
    return new CampaignWorker(campaign, this.#keys, this.#shared, options, 1);
  }
}
