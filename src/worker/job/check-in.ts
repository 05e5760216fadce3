import { UnrecoverableError } from 'bullmq';
import type { Redis } from 'ioredis';
import { admit } from '../../shared/campaign/notifications.ts';
import { type Job, NOTIFICATIONS, positionOf } from '../../shared/job.ts';
import type { CampaignKeys } from '../../shared/redis/keys.ts';

/**
 * Sees to it that what is sent is also counted, before a job is run. One that another program laid
 * into a campaign's queue is none of its list, so it is refused; one among the notifications is
 * counted in.
 */
export class CheckIn {
  readonly #redis: Redis;
  readonly #keys: CampaignKeys;
  readonly #campaign: string;
  /** How many jobs the campaign has, as last read; a replay may add some. */
  #jobs = 0;

  constructor(redis: Redis, keys: CampaignKeys, campaign: string) {
    this.#redis = redis;
    this.#keys = keys;
    this.#campaign = campaign;
  }

  /** @throws UnrecoverableError if it is not to be run */
  async check(job: Job, id: string): Promise<void> {
    const campaign = this.#campaign;
    if (job.campaign !== campaign) {
      throw new UnrecoverableError(`bad job: campaign: expected ${campaign}, got ${job.campaign}`);
    }
    if (campaign === NOTIFICATIONS) {
      const numbers = job.messages.map(([to]) => to.length);
      await admit(this.#redis, this.#keys, id, numbers);
      return;
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
  }
}
