import { type Job as QueuedJob, UnrecoverableError } from 'bullmq';
import type { Redis } from 'ioredis';
import { HELD_MS } from '../../shared/campaign/canary.ts';
import { admit, giveUp } from '../../shared/campaign/notifications.ts';
import { type Destination, mayServe } from '../../shared/destination.ts';
import { type Job, NOTIFICATIONS, positionOf } from '../../shared/job.ts';
import { BEGUN, BEGUN_FIELD } from '../../shared/ledger/begun.ts';
import type { CampaignKeys } from '../../shared/redis/keys.ts';

/** What is put off in BullMQ is reckoned by two clocks, and may come to a little less: it must stay behind `HELD_MS`. */
const BEYOND_MS = 60_000;

/**
 * Sees to it that what is sent is also counted, and nothing sent that is not to be yet, before a job
 * is run. One that another program laid into a campaign's queue is none of its list, so it is
 * refused; one among the notifications is counted in. One of which nobody knows what was sent is
 * refused, and one that a canary holds back goes back to where it was.
 */
export class CheckIn {
  readonly #redis: Redis;
  readonly #keys: CampaignKeys;
  readonly #campaign: string;
  /** How many jobs the campaign has, as last read; a replay may add some. */
  #jobs = 0;
  /** The jobs that its canary holds back, as last read; it only ever comes to hold none. */
  #held: { from: number; to: number } | undefined;
  #isHeldRead = false;

  constructor(redis: Redis, keys: CampaignKeys, campaign: string) {
    this.#redis = redis;
    this.#keys = keys;
    this.#campaign = campaign;
  }

  /**
   * Whether it is a notification that was sent nowhere yet, while only an older worker with another
   * origin begins those. This one fetches them too, for some were begun at its own origin.
   */
  async isForOthers({ id = '' }: QueuedJob, destination: Destination): Promise<boolean> {
    if (this.#campaign !== NOTIFICATIONS || mayServe(destination, undefined)) return false;
    return (await this.#redis.hexists(this.#keys.ledger(id), 'origin')) === 0;
  }

  /**
   * @returns until when it is to be put off, Unix ms; undefined where it may run
   * @throws UnrecoverableError if it is not to be run
   */
  async check(job: Job, queued: QueuedJob): Promise<number | undefined> {
    const campaign = this.#campaign;
    const id = queued.id ?? '';
    if (job.campaign !== campaign) {
      throw new UnrecoverableError(`bad job: campaign: expected ${campaign}, got ${job.campaign}`);
    }
    if (campaign === NOTIFICATIONS) {
      await this.#checkNotification(job, id, queued);
      return undefined;
    }
    if ((await this.#redis.hexists(this.#keys.gone, id)) === 1) {
      throw new UnrecoverableError(`bad job: ${id} was gone, and its recipients count as lost`);
    }
    const position = positionOf(campaign, id);
    if (position !== undefined && position >= this.#jobs) {
      this.#jobs = Number((await this.#redis.hget(this.#keys.campaign, 'jobs')) ?? 0);
    }
    if (position === undefined || position >= this.#jobs) {
      throw new UnrecoverableError(
        `bad job: ${id} is none of the ${this.#jobs} jobs of its campaign`,
      );
    }
    if (await this.#isUnrecorded(id, queued)) throw await this.refuseUnrecorded(job, queued);
    return (await this.#isHeld(position)) ? HELD_MS + BEYOND_MS + position : undefined;
  }

  async #checkNotification(job: Job, id: string, queued: QueuedJob): Promise<void> {
    const numbers = job.messages.map(([to]) => to.length);
    await admit(this.#redis, this.#keys, id, numbers);
    if (await this.#isUnrecorded(id, queued)) throw await this.refuseUnrecorded(job, queued);
  }

  /**
   * Gives up a job that was begun, and whose ledger is gone. What of a campaign's list was pending in it is found to be
   * lost once the campaign has nothing to run.
   * @returns what it fails with
   */
  async refuseUnrecorded(
    job: Job,
    { id = '', attemptsMade }: QueuedJob,
  ): Promise<UnrecoverableError> {
    // A notification that had ended, and that another program has run again, is counted already.
    if (this.#campaign === NOTIFICATIONS && attemptsMade === 0) {
      const numbers = job.messages.map(([to]) => to.length);
      await giveUp(this.#redis, this.#keys, id, numbers, 'unrecorded');
    }
    const what = 'its ledger is gone, so nobody knows what of it was sent';
    return new UnrecoverableError(`not sent again: ${id} was begun, and ${what}`);
  }

  /** Only of one that was begun there is something to ask. */
  async #isUnrecorded(id: string, { name }: QueuedJob): Promise<boolean> {
    if (name !== BEGUN) return false;
    return (await this.#redis.hexists(this.#keys.ledger(id), BEGUN_FIELD)) === 0;
  }

  /** Another program may have promoted it. The gate knows nothing of canaries. */
  async #isHeld(position: number): Promise<boolean> {
    if (!this.#isHeldRead || this.#isAmongHeld(position)) await this.#readHeld();
    return this.#isAmongHeld(position);
  }

  #isAmongHeld(position: number): boolean {
    return this.#held !== undefined && position >= this.#held.from && position < this.#held.to;
  }

  async #readHeld(): Promise<void> {
    const fields = ['canary', 'held_from', 'held_to'];
    const [canary, from, to] = await this.#redis.hmget(this.#keys.campaign, ...fields);
    this.#held = canary && from && to ? { from: Number(from), to: Number(to) } : undefined;
    this.#isHeldRead = true;
  }
}
