/** Plays one scenario to its end: a campaign, and what fails at which points of its way. Then judges what came of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { send } from '../../src/producer/send/send.ts';
import { randomFrom } from '../../src/sandbox/chance.ts';
import { CUT_SHORT } from '../../src/sandbox/faults.ts';
import type { FaultSettings } from '../../src/sandbox/index.ts';
import { describeError } from '../../src/shared/errors.ts';
import type { OnUnconfirmed } from '../../src/shared/job.ts';
import { connectWorker } from '../../src/shared/redis/connection.ts';
import { createKeys } from '../../src/shared/redis/keys.ts';
import { people } from '../support/people.ts';
import { carryOut, type Deed, isAtRest, replaysOf } from './deeds.ts';
import { type Finding, judge } from './judge.ts';
import { Lookout } from './lookout.ts';
import { type Fate, type Point, SENDING } from './points.ts';
import { type Clock, type Place, Stage, type Victim } from './stage.ts';
import { sendWaiting } from './waiting.ts';
import { Witness } from './witness.ts';

export interface Strike {
  at: Point;
  /** The how manieth time that this point is passed, by whomever, from 1. */
  nth: number;
  victim: Victim;
}

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
  /** What somebody does meanwhile, one after the other. */
  deeds?: readonly Deed[];
  /** It is to start so long after it was sent. */
  startInMs?: number;
  /** So many canaries wait for a `resume`, and one campaign for its time, before this one is sent. */
  waiting?: number;
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

interface Suspended {
  wake: () => void;
}
interface Trap {
  at: Point;
  /** Let through before. */
  passages: number;
  close: (suspended: Suspended) => void;
}
const MOST_PASSAGES = 8;

/** Where it matters who is texted when. */
function isWitnessed({ deeds = [], startInMs }: Scenario): boolean {
  const isTimed = ({ do: name }: Deed) => /suspend|in turn|canary/.test(name);
  return startInMs !== undefined || deeds.some(isTimed);
}

/** @param path the search path for `redis-server` and for what the command needs */
export async function play(scenario: Scenario, path: string, logLevel = 'info'): Promise<Report> {
  const { policy, recipients, group = 1, workers, concurrency, faults = {}, strikes } = scenario;
  const { canary, deeds = [], redisMs, startInMs, waiting = 0, seed = 1 } = scenario;
  const { environment, isDirect, clock } = scenario;
  const startedAt = performance.now();
  const random = randomFrom(seed);
  const witness = new Witness();
  const passed = new Map<Point, number>();
  let struck = 0;
  let isOver = false;
  let trap: Trap | undefined;
  const onPoint = async (stage: Stage, point: Point, place: Place): Promise<Fate> => {
    if (trap?.at === point && place !== 'producer' && --trap.passages < 0) {
      stage.suspend(place);
      trap.close({ wake: () => stage.wake(place) });
      trap = undefined;
      return 'pass';
    }
    const nth = (passed.get(point) ?? 0) + 1;
    passed.set(point, nth);
    const strike = strikes.find((each) => each.at === point && each.nth === nth);
    if (strike === undefined || isOver) return 'pass';
    struck++;
    return stage.strike(strike.victim, point, place);
  };
  await using stage = await Stage.open({
    ...{ workers, concurrency, faults, redisMs, path, logLevel, onPoint },
    ...{ environment, isDirect, clock, witness: isWitnessed(scenario) ? witness : undefined },
  });
  const keys = createKeys(stage.prefix);
  const redis = connectWorker(stage.redisUrl);
  redis.on('error', () => {});
  try {
    const problems: string[] = [];
    const hasProducer = strikes.some(({ at }) => SENDING.includes(at));
    const isAwaited = startInMs !== undefined || waiting > 0;
    if (isAwaited) {
      await stage.startWorkers();
      await stage.workersUp();
      await sendWaiting(redis, keys, waiting);
    }
    const startAt = startInMs === undefined ? undefined : Date.now() + startInMs;
    if (!hasProducer) {
      const sending = { campaign: CAMPAIGN, template: 'promo', onUnconfirmed: policy };
      const options = { ...sending, canary, startAt };
      await send(redis, keys, { rows: people(recipients, group) }, options);
    }
    if (!isAwaited) await stage.startWorkers();
    const look = () => campaignStatus(redis, keys, CAMPAIGN);
    const lookout = new Lookout(look, startedAt + LONGEST_MS + deeds.length * DEED_MS);
    const around = {
      ...{ campaign: CAMPAIGN, prefix: stage.prefix, recipients, problems, witness, random },
      ...{ until: lookout.until, underWay: workers * concurrency },
      suspendAt: (at: Point) =>
        new Promise<Suspended | undefined>((close) => {
          trap = { at, passages: Math.floor(MOST_PASSAGES * random()), close };
          void lookout.until(isAtRest).then(() => close(undefined));
        }),
      operator: await stage.operator(),
      requests: () => stage.sandbox.stats().requests,
      makeWell: () => stage.sandbox.setFaults({ rates: {} }),
    };
    try {
      if (hasProducer) await stage.send(CAMPAIGN, people(recipients, group), policy, canary);
      for (const deed of deeds) await carryOut(deed, around);
    } catch (error) {
      problems.push(describeError(error));
    }
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
    isOver = true;
    await stage.mended();
    const codes = await stage.stopWorkers();
    if (codes.some((code) => code !== 0)) {
      problems.push(`workers exited ${codes.join(', ')}`, ...stage.lastLogs(LOG_LINES));
    }
    const { active = 0 } = status?.jobs ?? {};
    if (active > 0) problems.push(`${active} jobs left active`);
    const finding = await judge(redis, keys, CAMPAIGN, stage.sandbox, {
      ...{ recipients, replays: replaysOf(deeds) },
      mayDouble: policy === 'resend' || deeds.some((deed) => deed.do === 'replay all'),
      isResent: policy === 'resend',
    });
    const { answers } = stage.sandbox.stats();
    return {
      ...finding,
      problems: [...problems, ...finding.problems],
      struck,
      cutShort: CUT_SHORT.reduce((sum, name) => sum + (answers[name] ?? 0), 0),
      ms: Math.round(performance.now() - startedAt),
    };
  } finally {
    redis.disconnect();
  }
}
