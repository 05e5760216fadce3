/** What other hands take from the model's campaign, and a worker's look for what is gone. */
import type { Redis } from 'ioredis';
import { readCampaign } from '../../src/shared/campaign/campaign.ts';
import { jobIdAt } from '../../src/shared/job.ts';
import { LostJobs } from '../../src/worker/upkeep/lost-jobs.ts';
import { Log } from '../support/fleet.ts';
import type { World } from './replay.ts';
import { pick } from './steps.ts';

export class OtherHands {
  readonly #redis: Redis;
  readonly #world: World;
  readonly #own;
  readonly #lostJobs: LostJobs;

  constructor(world: World) {
    this.#world = world;
    this.#redis = world.redis;
    this.#own = world.keys.campaign(world.id);
    this.#lostJobs = new LostJobs(world.redis, world.keys, new Log().logger);
  }

  /** A job's data, its place in BullMQ's lists, and its lock: all of it, or some. */
  async vanish(which: number): Promise<void> {
    const job = pick(await this.#jobs(), which >> 2);
    if (job === undefined) return;
    await this.#redis.del(this.#own.job(job));
    if (which % 2 === 0) {
      for (const list of ['wait', 'active']) await this.#redis.lrem(this.#own.job(list), 0, job);
      for (const set of ['delayed', 'completed', 'failed'])
        await this.#redis.zrem(this.#own.job(set), job);
    }
    if (which % 4 === 0) await this.#redis.del(this.#own.lock(job));
  }

  /** BullMQ's lists, not the jobs in them. */
  async scatter(which: number): Promise<void> {
    const lists = ['wait', 'active', 'failed', 'completed', 'delayed'];
    await this.#redis.del(this.#own.job(pick(lists, which) ?? ''));
  }

  async look(): Promise<void> {
    await this.#lostJobs.lookFor(this.#world.id);
    await this.#redis.del(this.#own.goneLook);
  }

  /** Whoever held a job is gone by now. */
  async unlock(): Promise<void> {
    for (const job of await this.#jobs()) await this.#redis.del(this.#own.lock(job));
  }

  async #jobs(): Promise<string[]> {
    const { keys, id } = this.#world;
    const { jobs = 0 } = (await readCampaign(this.#redis, keys, id)) ?? {};
    return Array.from({ length: jobs }, (_none, at) => jobIdAt(id, at));
  }
}
