/**
 * A campaign in a real Redis and a real BullMQ queue, to which steps are done in any order. After each it is asked
 * whether every promise still holds.
 * Longer than 250 lines, because each step is a method of the campaign that it is done to.
 */
import { Job as QueuedJob, Worker as QueueWorker } from 'bullmq';
import type { Redis } from 'ioredis';
import { expect } from 'vitest';
import { control, controlResume } from '../../src/producer/control/control-scripts.ts';
import type { ReplayChoice } from '../../src/producer/replay/choice.ts';
import { endCanary } from '../../src/producer/send/canary.ts';
import { send } from '../../src/producer/send/send.ts';
import { readCounts } from '../../src/shared/campaign/campaign.ts';
import { HELD_SCORE } from '../../src/shared/campaign/canary.ts';
import { beginForgetting, removeJobs } from '../../src/shared/campaign/forget.ts';
import { CampaignHandle } from '../../src/shared/campaign/handle.ts';
import { Requeue } from '../../src/shared/campaign/requeue.ts';
import { Job } from '../../src/shared/job.ts';
import { ALL_ACCEPTED, fold } from '../../src/shared/ledger/fold.ts';
import { canFold, fieldsOf } from '../../src/shared/ledger/result.ts';
import type { Keys } from '../../src/shared/redis/keys.ts';
import { openQueue } from '../../src/shared/redis/queue.ts';
import { checkCampaign } from './check.ts';
import { OtherHands } from './hands.ts';
import { type Answer, People } from './people.ts';
import { SlowReplay, type World } from './replay.ts';
import { Run } from './run.ts';
import { ALL, numberAt, pick, type Rules, type Step } from './steps.ts';

const ID = 'list';
const MOST_RUNS = 4;

export class Campaign {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #own;
  readonly #rules: Rules;
  readonly #world: World;
  readonly #bull: QueueWorker;
  readonly #queue;
  readonly #requeue: Requeue;
  readonly #hands: OtherHands;
  readonly #people = new People();
  readonly #optedOut = new Set<string>();
  readonly #folds: (() => Promise<void>)[] = [];
  #runs: Run[] = [];
  #replays: SlowReplay[] = [];
  #tokens = 0;
  #isForgotten = false;

  constructor(redis: Redis, keys: Keys, rules: Rules) {
    this.#redis = redis;
    this.#keys = keys;
    this.#own = keys.campaign(ID);
    this.#rules = rules;
    this.#world = { redis, keys, people: this.#people, id: ID };
    this.#hands = new OtherHands(this.#world);
    this.#queue = openQueue(redis, keys, ID);
    this.#requeue = new Requeue(new CampaignHandle(redis, keys, ID));
    // It only hands out jobs: locks are never renewed, and lapse when a step says so.
    const options = { skipLockRenewal: true, skipStalledCheck: true, lockDuration: 3_600_000 };
    this.#bull = new QueueWorker(this.#own.queue, null, {
      ...{ connection: redis, prefix: keys.prefix, autorun: false, ...options },
    });
    this.#bull.on('error', () => {});
  }

  /** Messages of one, three, two and one. */
  async begin(): Promise<void> {
    const texts = ['a', 'b', 'b', 'b', 'c', 'c', 'd'];
    const rows = texts.map((name, at) => ({ to: numberAt(at), params: { name } }));
    const { park, canary, haltAfter } = this.#rules;
    const onUnconfirmed = park ? 'park' : 'resend';
    const options = {
      campaign: ID,
      template: 'promo',
      again: true,
      canary,
      haltAfter,
      onUnconfirmed,
    } as const;
    await send(this.#redis, this.#keys, { rows }, options);
  }

  async close(): Promise<void> {
    await Promise.all([this.#bull.close(true), this.#queue.close(), this.#requeue.close()]);
  }

  async take(step: Step): Promise<void> {
    await this.#do(step);
    await this.check();
  }

  async #do(step: Step): Promise<void> {
    switch (step.do) {
      case 'pick':
        return this.#pick();
      case 'send': {
        const run = pick(this.#runs, step.which);
        return run?.send(step.message, step.answer, this.#optedOut, step.isExpired);
      }
      case 'hear':
        return pick(this.#runs, step.which)?.hear(step.which);
      case 'end':
        return this.#end(pick(this.#runs, step.which));
      case 'crash':
        this.#runs = this.#runs.filter((run) => run !== pick(this.#runs, step.which));
        return;
      case 'lapse':
        return this.#lapse(step.which);
      case 'fold':
        return this.#folds.splice(step.which % Math.max(1, this.#folds.length), 1)[0]?.();
      case 'due':
        return this.#due();
      case 'pause':
      case 'cancel':
        // Killed right after its step: what was held back is put back by whoever comes next.
        await control(this.#redis, this.#own, step.do);
        return;
      case 'resume':
        return this.#resume();
      case 'opt':
        if (step.isOut) this.#optedOut.add(numberAt(step.which));
        else this.#optedOut.delete(numberAt(step.which));
        return;
      case 'work':
        return this.#work(step.answers, step.most);
      case 'replay':
        return this.#replay(step.choice, step.most);
      case 'go on': {
        const replay = pick(this.#replays, step.which);
        if (await replay?.goOn()) this.#replays = this.#replays.filter((each) => each !== replay);
        return;
      }
      case 'die':
        this.#replays = this.#replays.filter((each) => each !== pick(this.#replays, step.which));
        return;
      case 'queue':
        if (!this.#isForgotten) await this.#requeue.run();
        return;
      case 'retry':
        return this.#retryElsewhere(step.which);
      case 'forget':
        return this.#forget();
      case 'vanish':
        return this.#isForgotten ? undefined : this.#hands.vanish(step.which);
      case 'scatter':
        return this.#isForgotten ? undefined : this.#hands.scatter(step.which);
      case 'look':
        return this.#hands.look();
    }
  }

  async #pick(): Promise<void> {
    if (this.#runs.length >= MOST_RUNS) return;
    const token = `${String(this.#tokens++).padStart(4, '0')}:token`;
    const queued = await this.#bull.getNextJob(token, { block: false });
    if (!queued) return;
    // As the processor refuses them.
    const isGone = (await this.#redis.hexists(this.#own.gone, queued.id ?? '')) === 1;
    if (queued.name === ALL_ACCEPTED || isGone || !Job.safeParse(queued.data).success) {
      await queued.moveToFailed(new Error('not sent'), token, false);
      return;
    }
    const parts = { redis: this.#redis, keys: this.#own, people: this.#people };
    const run = new Run(parts, queued, token, this.#rules.attempts);
    this.#runs.push(run);
  }

  async #end(run: Run | undefined): Promise<void> {
    if (!run || !(await run.end())) return;
    this.#runs = this.#runs.filter((each) => each !== run);
    const { queued } = run;
    const { id = '', returnvalue } = queued;
    // As the processor folds, some time later.
    const fields = fieldsOf(returnvalue);
    if (fields && canFold(fields)) this.#folds.push(() => fold(this.#redis, this.#own, id, fields));
  }

  /** A lock runs out; another time, BullMQ notices. */
  async #lapse(which: number): Promise<void> {
    const job = pick(await this.#redis.lrange(this.#own.job('active'), 0, -1), which);
    if (job === undefined) return;
    if ((await this.#redis.del(this.#own.lock(job))) === 1) return;
    await this.#redis.lrem(this.#own.job('active'), 0, job);
    await this.#redis.lpush(this.#own.job('wait'), job);
  }

  async #resume(): Promise<void> {
    const { found } = await controlResume(this.#redis, this.#own, 'look');
    if (found !== 'unpause' && found !== 'rest') return;
    await controlResume(this.#redis, this.#own, found);
    // A client may send a script again: then it does nothing more.
    await controlResume(this.#redis, this.#own, found);
  }

  /** Whatever waits for its next attempt need wait no longer; what a canary holds back does. */
  async #due(): Promise<void> {
    await endCanary(this.#redis, this.#own);
    const waiting = await this.#redis.zrangebyscore(
      this.#own.job('delayed'),
      '-inf',
      `(${HELD_SCORE}`,
    );
    for (const id of waiting) await new QueuedJob(this.#queue, 'send', {}, {}, id).promote();
  }

  /** A job from its beginning to its end, or so many steps of that. */
  async #work(answers: readonly Answer[], most: number): Promise<void> {
    const before = this.#runs.at(-1);
    await this.#pick();
    const run = this.#runs.at(-1);
    if (!run || run === before) return;
    const steps = answers.flatMap((answer, message) => [
      () => run.send(message, answer, this.#optedOut, false),
      () => run.hear(0),
    ]);
    const end = () => this.#end(run);
    const all = [...steps, end, end, async () => this.#folds.pop()?.()];
    for (const step of all.slice(0, most)) await step();
  }

  async #replay(choice: ReplayChoice, most: number): Promise<void> {
    if (this.#isForgotten || this.#replays.length >= 2) return;
    const replay = await SlowReplay.begin(this.#world, choice);
    for (let steps = 0; replay && steps < most; steps++) {
      if (!(await replay.goOn())) continue;
      await this.#requeue.run();
      return;
    }
    if (replay) {
      this.#replays.push(replay);
    }
  }

  /** What a dashboard's button does. */
  async #retryElsewhere(which: number): Promise<void> {
    const state = which % 2 === 0 ? 'completed' : 'failed';
    const id = pick(await this.#redis.zrange(this.#own.job(state), '0', '-1'), which >> 1);
    if (id === undefined || this.#isForgotten) return;
    const retrying = new QueuedJob(this.#queue, 'send', {}, {}, id).retry(state);
    await retrying.catch((error: unknown) => expect(String(error)).toMatch(/missing key/i));
  }

  async #forget(): Promise<void> {
    if ((await beginForgetting(this.#redis, this.#keys, ID, 1)) !== 'begun') return;
    this.#isForgotten = true;
    await removeJobs(this.#redis, this.#keys, ID, 1000);
  }

  async check(): Promise<void> {
    await checkCampaign(this.#world, this.#isForgotten);
  }

  /** Whatever has happened, workers that live on bring it to an end: nobody is lost. */
  async finish(): Promise<void> {
    if (this.#isForgotten) return;
    this.#runs = [];
    this.#replays = [];
    for (let round = 0; round < 100; round++) {
      const { pending } = await readCounts(this.#redis, this.#keys, ID);
      if (pending === 0) break;
      for (const each of ['resume', 'queue', 'due'] as const) await this.#do({ do: each });
      await this.#lapse(0);
      await this.#lapse(0);
      await this.#hands.unlock();
      await this.#hands.look();
      await this.#pick();
      const [run] = this.#runs;
      if (!run) continue;
      for (let message = 0; message < 8; message++) {
        // Twice: the first may settle what was found open.
        for (let times = 0; times < 2; times++) {
          await run.send(message, ALL, this.#optedOut, false);
          await run.hear(0);
        }
      }
      for (let times = 0; times < 3; times++) await this.#end(this.#runs[0]);
      this.#runs = [];
    }
    await this.check();
    expect(await readCounts(this.#redis, this.#keys, ID)).toMatchObject({ pending: 0 });
  }
}
