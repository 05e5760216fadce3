/** Plays one scenario to its end: a campaign, and what fails at which points of its way. Then judges what came of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { send } from '../../src/producer/send/send.ts';
import { randomFrom } from '../../src/sandbox/chance.ts';
import { CUT_SHORT } from '../../src/sandbox/faults.ts';
import type { FaultSettings } from '../../src/sandbox/index.ts';
import { describeError } from '../../src/shared/errors.ts';
import type { OnUnconfirmed } from '../../src/shared/job.ts';
import { connectWorker } from '../../src/shared/redis/connection.ts';
import { createKeys, type Keys } from '../../src/shared/redis/keys.ts';
import { people } from '../support/people.ts';
import { carryOut, type Deed, isAtRest, replaysOf } from './deeds.ts';
import { takesAway } from './hands.ts';
import { type Finding, judge } from './judge.ts';
import { Lookout } from './lookout.ts';
import { type Point, SENDING } from './points.ts';
import type { Right } from './rights.ts';
import { type Clock, Stage, type Victim } from './stage.ts';
import { type Strike, Striker } from './striker.ts';
import { sendWaiting } from './waiting.ts';
import { Witness } from './witness.ts';

export type { Strike };

export interface Scenario {
  policy: OnUnconfirmed;
  strikes: readonly Strike[];
  recipients: number;
  /** How many of them share one request. Default: 1. */
  group?: number;
  workers: number;
  concurrency: number;
  faults?: FaultSettings;
  /** How long Redis's answers to workers take at least. */
  redisMs?: number | undefined;
  /** So many recipients are sent to at first; a `resume` is then due among the deeds. */
  canary?: number | undefined;
  /** Messages refused in a row that pause it. Default: as `send` has it. */
  haltAfter?: number | 'never';
  /** What somebody does meanwhile, one after the other. */
  deeds?: readonly Deed[];
  /** It is to start so long after it was sent. */
  startInMs?: number;
  /** What is not sent so long after that expires. */
  expiresInMs?: number;
  /** So many canaries wait for a `resume`, and one campaign for its time, before this one is sent. */
  waiting?: number;
  /** A worker with another base URL is there, too: nothing may come to where it sends. */
  hasStranger?: boolean;
  /** Of the workers; see `StageOptions`. */
  environment?: Record<string, string>;
  isDirect?: boolean;
  clock?: Clock;
  /** Where random numbers begin, for deeds that need some. Default: 1. */
  seed?: number;
}

export interface Report extends Finding {
  /** How many of the strikes came about. */
  struck: number;
  /** Requests that were taken and answered with a 5xx that did not come whole, or that says that they were. */
  cutShort: number;
  ms: number;
}

const CAMPAIGN = 'chaos';
/** A campaign that has not finished so long after is lost. */
const LONGEST_MS = 90_000;
/** For everything that somebody does meanwhile. */
const DEED_MS = 60_000;
const LOG_LINES = 30;

/** Where it matters who is texted when. */
function isWitnessed({ deeds = [], startInMs }: Scenario): boolean {
  const isTimed = ({ do: name }: Deed) => /suspend|in turn|canary/.test(name);
  return startInMs !== undefined || deeds.some(isTimed);
}

/** @param path the search path for `redis-server` and for what the command needs */
export async function play(scenario: Scenario, path: string, logLevel = 'info'): Promise<Report> {
  const { workers, concurrency, faults = {}, strikes, redisMs, environment, isDirect } = scenario;
  const { clock, seed = 1, deeds = [] } = scenario;
  const hasUser = deeds.some(({ do: name }) => name === 'take a right');
  const startedAt = performance.now();
  const random = randomFrom(seed);
  const witness = new Witness();
  const striker = new Striker(strikes, random);
  const onPoint = striker.pass.bind(striker);
  await using stage = await Stage.open({
    ...{ workers, concurrency, faults, redisMs, path, logLevel, onPoint },
    ...{
      environment,
      isDirect,
      clock,
      hasUser,
      witness: isWitnessed(scenario) ? witness : undefined,
    },
  });
  const redis = connectWorker(stage.redisUrl);
  redis.on('error', () => {});
  try {
    const playing = { scenario, stage, redis, striker, witness, random, startedAt };
    return await new Playing(playing).play();
  } finally {
    redis.disconnect();
  }
}

interface PlayingParts {
  scenario: Scenario;
  stage: Stage;
  redis: Redis;
  striker: Striker;
  witness: Witness;
  random: () => number;
  /** On the monotonic clock. */
  startedAt: number;
}

/** One scenario on its stage: the campaign is enqueued, things are done to it, and in the end it is judged. */
class Playing {
  readonly #parts: PlayingParts;
  readonly #keys: Keys;
  readonly #problems: string[] = [];

  constructor(parts: PlayingParts) {
    this.#parts = parts;
    this.#keys = createKeys(parts.stage.prefix);
  }

  async play(): Promise<Report> {
    const { scenario, redis, startedAt } = this.#parts;
    const startAt = await this.#begin();
    const look = () => campaignStatus(redis, this.#keys, CAMPAIGN);
    const deeds = scenario.deeds?.length ?? 0;
    const lookout = new Lookout(look, startedAt + LONGEST_MS + deeds * DEED_MS);
    await this.#act(lookout);
    await this.#end(lookout, startAt);
    return this.#report();
  }

  get #hasProducer(): boolean {
    return this.#parts.scenario.strikes.some(({ at }) => SENDING.includes(at));
  }

  /** Workers, and the campaign, but for one that is to fail while it is sent. @returns its start, Unix ms */
  async #begin(): Promise<number | undefined> {
    const { scenario, stage, redis } = this.#parts;
    const { policy, recipients, group = 1, canary, haltAfter, startInMs, waiting = 0 } = scenario;
    const { expiresInMs, hasStranger = false } = scenario;
    const isAwaited = startInMs !== undefined || waiting > 0 || hasStranger;
    if (isAwaited) {
      await stage.startWorkers();
      await stage.workersUp();
      if (hasStranger) await stage.startStranger();
      await sendWaiting(redis, this.#keys, waiting);
    }
    const startAt = startInMs === undefined ? undefined : Date.now() + startInMs;
    if (!this.#hasProducer) {
      const sending = { campaign: CAMPAIGN, template: 'promo', onUnconfirmed: policy };
      const notAfter = startAt && expiresInMs && startAt + expiresInMs;
      const options = { ...sending, canary, haltAfter, startAt, notAfter };
      await send(redis, this.#keys, { rows: people(recipients, group) }, options);
    }
    if (!isAwaited) await stage.startWorkers();
    return startAt;
  }

  /** What somebody does meanwhile. */
  async #act(lookout: Lookout): Promise<void> {
    const { scenario, stage, striker, witness, random } = this.#parts;
    const { policy, recipients, group = 1, canary, workers, concurrency, deeds = [] } = scenario;
    const around = {
      ...{ campaign: CAMPAIGN, prefix: stage.prefix, recipients, witness, random },
      ...{ problems: this.#problems, until: lookout.until, underWay: workers * concurrency },
      suspendAt: (at: Point) => striker.suspendAt(at, lookout.until(isAtRest)),
      operator: await stage.operator(),
      redisUrl: stage.redisUrl,
      takeRight: (right: Right | undefined) => stage.takeRight(right),
      strike: (victim: Victim) => stage.strike(victim, 'before the close', 0),
      requests: () => stage.sandbox.stats().requests,
      makeWell: () => stage.sandbox.setFaults({ rates: {} }),
    };
    try {
      if (this.#hasProducer) await stage.send(CAMPAIGN, people(recipients, group), policy, canary);
      for (const deed of deeds) await carryOut(deed, around);
    } catch (error) {
      this.#problems.push(describeError(error));
    }
  }

  /** Waits until the campaign is at rest, and stops the workers. */
  async #end(lookout: Lookout, startAt: number | undefined): Promise<void> {
    const { stage, striker, witness } = this.#parts;
    const problems = this.#problems;
    const isFinished = await lookout.until(isAtRest);
    await lookout.stop();
    const { last: status, unbalanced } = lookout;
    const early = startAt === undefined ? 0 : witness.before(startAt).length;
    if (early > 0) problems.push(`${early} texted before its time`);
    if (!isFinished) problems.push(`not finished: ${JSON.stringify(status)}`);
    if (unbalanced > 0) problems.push(`${unbalanced} times the counts did not add up`);
    if (problems.length > 0) problems.push(...stage.lastLogs(LOG_LINES));
    // The last of its replies may be on their way.
    await sleep(200);
    striker.isOver = true;
    await stage.mended();
    const codes = await stage.stopWorkers();
    if (codes.some((code) => code !== 0)) {
      problems.push(`workers exited ${codes.join(', ')}`, ...stage.lastLogs(LOG_LINES));
    }
    const { active = 0 } = status?.jobs ?? {};
    if (active > 0) problems.push(`${active} jobs left active`);
  }

  async #report(): Promise<Report> {
    const { scenario, stage, redis, striker, startedAt } = this.#parts;
    const { policy, recipients, deeds = [] } = scenario;
    const finding = await judge(redis, this.#keys, CAMPAIGN, stage.sandbox, {
      ...{ recipients, replays: replaysOf(deeds) },
      mayDouble: policy === 'resend' || deeds.some((deed) => deed.do === 'replay all'),
      isResent: policy === 'resend',
      isTakenAway: deeds.some(({ do: name }) => takesAway(name)),
    });
    const { answers } = stage.sandbox.stats();
    if (stage.strayed > 0) this.#problems.push(`${stage.strayed} requests went elsewhere`);
    return {
      ...finding,
      problems: [...this.#problems, ...finding.problems],
      struck: striker.struck,
      cutShort: CUT_SHORT.reduce((sum, name) => sum + (answers[name] ?? 0), 0),
      ms: Math.round(performance.now() - startedAt),
    };
  }
}
