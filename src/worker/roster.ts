import type { Redis } from 'ioredis';
import { putBackHeld } from '../shared/campaign/canary.ts';
import { CampaignHandle } from '../shared/campaign/handle.ts';
import { readBrakes } from '../shared/campaign/queue-brakes.ts';
import { goOnWithReplay } from '../shared/campaign/requeue.ts';
import { unserve } from '../shared/campaign/serving.ts';
import { type Destination, mayServe } from '../shared/destination.ts';
import { NOTIFICATIONS } from '../shared/job.ts';
import type { Logger } from '../shared/log.ts';
import type { Keys } from '../shared/redis/keys.ts';
import type { RedisClock } from '../shared/redis/redis-clock.ts';
import { Actor } from './actor/actor.ts';
import type { CampaignWorker } from './campaign-worker.ts';
import { PlaceQueue } from './place-queue.ts';
import { type Registered, readRegistry } from './registry.ts';
import { RosterLog } from './roster-log.ts';

export interface RosterOptions {
  /** How many campaigns have a place at once, the notifications not counted. */
  maxCampaigns: number;
  /** Requests under way at once, over all campaigns. */
  concurrency: number;
  destination: Destination;
  /** Whether EngageLab refuses this worker's credentials. */
  isLockedOut: () => boolean;
  clock: RedisClock;
  log: Logger;
  openHand: (campaign: string, isLimited: boolean) => CampaignWorker;
  onAttached: (campaign: string) => void;
  onDetached: (campaign: string) => void;
}

/** How often the registry is looked at: so soon a release is served, and a pause noticed. */
const LOOK_MS = 500;
/** What is due again so soon keeps its place: to let go and come back costs more than to wait. */
const KEEP_MS = 2000;

/**
 * Decides which campaigns this worker serves, and has a hand on each of them. At each look it reads
 * the registry, takes off it what is over, lets go of what has nothing to send now, gives the free
 * places to those that have waited longest, and shares out how many jobs run at a time. It runs no
 * job and sends nothing: that is the hands'.
 */
export class Roster extends Actor {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #options: RosterOptions;
  readonly #hands = new Map<string, CampaignWorker>();
  /** Let go of, with replies still to come. */
  readonly #leaving = new Set<CampaignWorker>();
  readonly #waiting = new PlaceQueue();
  readonly #told: RosterLog;
  /** What was on the registry at the last look, and is not over. */
  #registered: readonly Registered[] = [];

  constructor(redis: Redis, keys: Keys, options: RosterOptions) {
    super({ everyMs: LOOK_MS }, options.log, 'registry not read');
    this.#redis = redis;
    this.#keys = keys;
    this.#options = options;
    this.#told = new RosterLog(options.log);
  }

  /** The campaigns that have a place. The notifications need none. */
  get served(): string[] {
    return [...this.#hands.keys()].filter((id) => id !== NOTIFICATIONS);
  }

  /** Whether messages of any campaign are being sent here, or replies written down. */
  get isSending(): boolean {
    return [...this.#hands.values()].some((hand) => hand.isSending);
  }

  /** The campaigns of which nothing is to be run now, and nothing runs here. */
  idle(): Registered[] {
    const now = this.#options.clock.now();
    return this.#registered.filter(({ id, dueAt }) => dueAt > now && !this.#hands.get(id)?.isBusy);
  }

  /** Campaigns of which nobody runs all jobs, and of which some may have expired. */
  expiring(): string[] {
    const { destination } = this.#options;
    const isOut = this.#options.isLockedOut();
    const isRun = ({ isKept, origin }: Registered) =>
      !isKept && !isOut && mayServe(destination, origin);
    return this.#registered.filter((each) => each.mayExpire && !isRun(each)).map(({ id }) => id);
  }

  async once(): Promise<void> {
    const now = this.#options.clock.now();
    const registered = await readRegistry(this.#redis, this.#keys, now);
    this.#control(registered);
    this.#told.halts(registered);
    await this.#tellBrakes(registered);
    for (const { id, hasHeld, isBrokenOff } of registered) {
      // A piece each time, in case that whoever began it was killed.
      if (hasHeld) await putBackHeld(this.#redis, this.#keys.campaign(id));
      if (isBrokenOff) await this.#goOnWithReplay(id);
    }
    const left = await this.#takeOff(registered);
    const ours = this.#ours(left);
    await this.#letGo(ours, now);
    const placeless = ours.filter((each) => each.dueAt <= now && !this.#hands.has(each.id));
    const open = this.#waiting.inTurn(placeless, now);
    // A hand taken now would never be let go.
    if (this.isStopped) return;
    if (!this.#hands.has(NOTIFICATIONS)) this.#attach(NOTIFICATIONS, false);
    const room = this.#options.maxCampaigns - this.served.length;
    for (const each of open.slice(0, Math.max(0, room))) this.#attach(each.id, each.isLimited);
    this.#control(open);
    this.#shareJobs(left);
    this.#registered = left;
  }

  async #tellBrakes(registered: readonly Registered[]): Promise<void> {
    // The notifications are on no registry.
    const brakes = await readBrakes(this.#redis, this.#keys.campaign(NOTIFICATIONS));
    this.#told.brakes([{ id: NOTIFICATIONS, brakes }, ...registered]);
  }

  /** Waits until each hand has put back what it has not sent, and its replies are in. */
  override async stop(): Promise<void> {
    await super.stop();
    await Promise.all([...this.#hands.values()].map((hand) => hand.stop()));
  }

  /** Cuts the connections of all hands, where a stop could not be waited for. */
  disconnect(): void {
    for (const hand of [...this.#hands.values(), ...this.#leaving]) hand.disconnect();
  }

  async #goOnWithReplay(id: string): Promise<void> {
    const jobs = await goOnWithReplay(new CampaignHandle(this.#redis, this.#keys, id));
    if (jobs > 0) this.#told.replayGoneOnWith(id, jobs);
  }

  /** Has the hands do at once what the gate would otherwise tell each job when its turn comes. */
  #control(registered: readonly Registered[]): void {
    // What it holds is for workers whose credentials EngageLab takes.
    const isOut = this.#options.isLockedOut();
    for (const { id, isPaused, isCancelled } of registered) {
      const hand = this.#hands.get(id);
      if (isPaused || (isOut && !isCancelled)) hand?.pause();
      else hand?.resume();
      if (isCancelled) hand?.cancel();
    }
    const notifications = this.#hands.get(NOTIFICATIONS);
    if (isOut) notifications?.pause();
    else notifications?.resume();
  }

  /**
   * Takes off the registry what has nothing pending and nothing left in BullMQ.
   * @returns what is left on it
   */
  async #takeOff(registered: readonly Registered[]): Promise<Registered[]> {
    const left: Registered[] = [];
    const { fleet } = this.#keys;
    const { clock } = this.#options;
    for (const each of registered) {
      // Put back into by a replay at this very moment, it stays.
      const isRemoved =
        each.isOver && (await unserve(this.#redis, fleet, each.id, each.generation, clock.now()));
      if (!isRemoved) left.push(each);
    }
    return left;
  }

  /**
   * What this worker may send where it sends, and what of others has only to be ended: it was cancelled, or nothing of
   * it is pending, as where it expired. What it leaves to others it says once.
   */
  #ours(registered: readonly Registered[]): Registered[] {
    const { destination } = this.#options;
    this.#told.forgetOthersThan(registered);
    return registered.filter((each) => {
      const isToEnd = each.isCancelled || each.pending <= 0;
      const isOurs = isToEnd || mayServe(destination, each.origin);
      if (isOurs) this.#told.ours(each);
      else this.#told.leftToOthers(each, destination.origin);
      return isOurs;
    });
  }

  /** Lets go of what needs no place, and of what is on the registry no more. */
  async #letGo(left: readonly Registered[], now: number): Promise<void> {
    const kept = left.filter((each) => this.#keepsPlace(each, now)).map(({ id }) => id);
    for (const [id, hand] of this.#hands) {
      if (id === NOTIFICATIONS || kept.includes(id)) continue;
      await this.#detach(id, hand);
    }
  }

  /**
   * Whether a campaign keeps its place. One that is paused, or has nothing to run for a while (a
   * canary that waits, messages that all wait for their next attempt), leaves it to another once
   * its replies are in. It stays on the registry: a later look tells when it is to be served again.
   */
  #keepsPlace({ id, dueAt }: Registered, now: number): boolean {
    return dueAt <= now + KEEP_MS || this.#hands.get(id)?.isBusy === true;
  }

  #attach(id: string, isLimited: boolean): void {
    const { log, openHand, onAttached } = this.#options;
    this.#hands.set(id, openHand(id, isLimited));
    log.info({ campaign: id }, 'campaign attached');
    onAttached(id);
  }

  async #detach(id: string, hand: CampaignWorker): Promise<void> {
    const { log, onDetached } = this.#options;
    this.#hands.delete(id);
    this.#leaving.add(hand);
    await hand.detach();
    this.#leaving.delete(hand);
    log.info({ campaign: id }, 'campaign detached');
    onDetached(id);
  }

  /** Jobs at a time: two turns' worth of messages over all campaigns, and at least one for each. */
  #shareJobs(registered: readonly Registered[]): void {
    const { concurrency } = this.#options;
    const messages = (2 * concurrency) / Math.max(1, this.served.length);
    for (const { id, messagesPerJob } of registered) {
      const hand = this.#hands.get(id);
      if (hand) hand.concurrency = Math.max(1, Math.ceil(messages / messagesPerJob));
    }
    const notifications = this.#hands.get(NOTIFICATIONS);
    if (notifications) notifications.concurrency = 2 * concurrency;
  }
}
