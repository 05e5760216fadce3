/** A replay, step by step as `replay.ts` does it: a job is read, and taken later; it may die anywhere. */
import type { Redis } from 'ioredis';
import type { Assessment, ReplayChoice } from '../../src/producer/replay/choice.ts';
import { type Move, Moves, moveOf } from '../../src/producer/replay/moves.ts';
import { assessments, planReplay } from '../../src/producer/replay/plan.ts';
import { readJobs, type StoredJob } from '../../src/producer/report/stored-jobs.ts';
import { CampaignHandle } from '../../src/shared/campaign/handle.ts';
import { VolleyError } from '../../src/shared/errors.ts';
import type { Keys } from '../../src/shared/redis/keys.ts';
import { beginReplay, takeMessages } from '../../src/shared/replay/steps.ts';
import type { People } from './people.ts';

type Chosen = Move & { assessment: Assessment };

export interface World {
  redis: Redis;
  keys: Keys;
  id: string;
  people: People;
}

export class SlowReplay {
  readonly #campaign: CampaignHandle;
  readonly #people: People;
  readonly #choice: ReplayChoice;
  readonly #chapter: number;
  readonly #jobs: string[];
  #chosen: Chosen[] = [];

  constructor(
    { redis, keys, people, id }: World,
    choice: ReplayChoice,
    chapter: number,
    jobs: string[],
  ) {
    this.#people = people;
    this.#campaign = new CampaignHandle(redis, keys, id);
    this.#choice = choice;
    this.#chapter = chapter;
    this.#jobs = jobs;
  }

  static async begin(world: World, choice: ReplayChoice): Promise<SlowReplay | undefined> {
    const plan = await planReplay(world.redis, world.keys, world.id, choice);
    if (plan.messages === 0) return undefined;
    const fingerprint = JSON.stringify(choice);
    const own = world.keys.campaign(world.id);
    const chapter = await beginReplay(world.redis, own, fingerprint, {});
    if (chapter === undefined) return undefined;
    return new SlowReplay(world, choice, chapter, [...plan.chosen.keys()]);
  }

  /** @returns whether there is nothing more to do */
  async goOn(): Promise<boolean> {
    if (this.#chosen.length > 0) {
      const chosen = this.#chosen;
      this.#chosen = [];
      const stay = chosen.filter(({ assessment }) => !assessment.isMove);
      if (stay.length > 0) await this.#take(stay);
      for (const each of chosen) if (each.assessment.isMove) await this.#move(each);
      return this.#jobs.length === 0;
    }
    const job = this.#jobs.shift();
    if (job === undefined) return true;
    const stored = await this.#read(job);
    const { redis, own } = this.#campaign;
    const cancelled = Number((await redis.hget(own.campaign, 'cancelled')) ?? 0);
    if (!stored) return false;
    for (const [index, assessment] of assessments(stored, cancelled, this.#choice, this.#chapter)) {
      if (!assessment.isChosen) continue;
      this.#chosen.push({ ...moveOf(stored, index), assessment });
    }
    return false;
  }

  /** Nothing where the campaign has been forgotten meanwhile: there the command ends, and says so. */
  async #read(job: string): Promise<StoredJob | undefined> {
    try {
      const [stored] = await readJobs(this.#campaign, [job]);
      return stored;
    } catch (error) {
      if (error instanceof VolleyError && error.code === 'not_found') return undefined;
      throw error;
    }
  }

  async #take(stay: readonly Chosen[]): Promise<void> {
    const [first] = stay;
    if (!first) return;
    const { redis, own } = this.#campaign;
    const taken = await takeMessages(redis, own, first.jobId, this.#chapter, 1, stay);
    if (!Array.isArray(taken)) return;
    for (const [at, each] of stay.entries()) if (taken[at]) this.#risk(each);
  }

  async #move(chosen: Chosen): Promise<void> {
    const moves = new Moves(this.#campaign, this.#chapter, this.#choice, Date.now());
    const moved = [...(await moves.add(chosen)), ...(await moves.flush())];
    if (moved.some(({ result }) => result === 'moved')) this.#risk(chosen);
  }

  /** What is labelled safe may be taken without a word, and nobody has taken any risk. */
  #risk({ assessment, job, index }: Chosen): void {
    if (assessment.label === 'may_double') this.#people.risk(job.messages[index]?.[0] ?? []);
  }
}
