/** Plays one scenario to its end: a campaign, and what fails at which points of its way. Then judges what came of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { send } from '../../src/producer/send.ts';
import { type CampaignStatus, campaignStatus } from '../../src/producer/status.ts';
import type { FaultSettings } from '../../src/sandbox/index.ts';
import { describeError, VolleyError } from '../../src/shared/errors.ts';
import type { OnUnconfirmed } from '../../src/shared/job.ts';
import { createKeys } from '../../src/shared/keys.ts';
import { connectWorker } from '../../src/shared/redis.ts';
import { people } from '../support/people.ts';
import { type Finding, judge } from './judge.ts';
import { type Fate, isSending, type Point } from './points.ts';
import { type Place, Stage, type Victim } from './stage.ts';

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
}

export interface Report extends Finding {
  /** How many of the strikes came about. */
  struck: number;
  ms: number;
}

const CAMPAIGN = 'chaos';
/** A campaign that has not finished so long after is lost. */
const LONGEST_MS = 90_000;
const LOG_LINES = 30;

/** @param path the search path for `redis-server` and for what the command needs */
export async function play(scenario: Scenario, path: string, logLevel = 'info'): Promise<Report> {
  const { policy, recipients, group = 1, workers, concurrency, faults = {}, strikes } = scenario;
  const startedAt = performance.now();
  const passed = new Map<Point, number>();
  let struck = 0;
  let isOver = false;
  const onPoint = async (stage: Stage, point: Point, place: Place): Promise<Fate> => {
    const nth = (passed.get(point) ?? 0) + 1;
    passed.set(point, nth);
    const strike = strikes.find((each) => each.at === point && each.nth === nth);
    if (strike === undefined || isOver) return 'pass';
    struck++;
    return stage.strike(strike.victim, point, place);
  };
  await using stage = await Stage.open({
    ...{ workers, concurrency, faults, path, logLevel, onPoint },
  });
  const keys = createKeys(stage.prefix);
  const redis = connectWorker(stage.redisUrl);
  redis.on('error', () => {});
  try {
    const problems: string[] = [];
    const hasProducer = strikes.some(({ at }) => isSending(at));
    if (!hasProducer) {
      const sending = { campaign: CAMPAIGN, template: 'promo', onUnconfirmed: policy };
      await send(redis, keys, { rows: people(recipients, group) }, sending);
    }
    await stage.startWorkers();
    const sending = hasProducer
      ? stage.send(CAMPAIGN, people(recipients, group), policy).catch((error: unknown) => {
          problems.push(describeError(error));
        })
      : Promise.resolve();
    const look = () => campaignStatus(redis, keys, CAMPAIGN);
    const status = await waitForEnd(look, startedAt + LONGEST_MS, problems);
    if (problems.length > 0) problems.push(...stage.lastLogs(LOG_LINES));
    await sending;
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
    const finding = await judge(redis, keys, CAMPAIGN, stage.sandbox, { policy, recipients });
    return {
      ...finding,
      problems: [...problems, ...finding.problems],
      struck,
      ms: Math.round(performance.now() - startedAt),
    };
  } finally {
    redis.disconnect();
  }
}

/** The status of the campaign once it has finished and BullMQ has put its jobs away; undefined if that never comes. */
async function waitForEnd(
  look: () => Promise<CampaignStatus>,
  deadline: number,
  problems: string[],
): Promise<CampaignStatus | undefined> {
  let unbalanced = 0;
  let last: CampaignStatus | undefined;
  while (performance.now() < deadline) {
    await sleep(40);
    try {
      last = await look();
    } catch (error) {
      // Not begun yet, or withdrawn.
      if (error instanceof VolleyError && error.code === 'not_found') continue;
      throw error;
    }
    if (!last.balanced) unbalanced++;
    const { waiting, active, delayed } = last.jobs;
    if (last.state === 'finished' && waiting + active + delayed === 0) break;
  }
  if (unbalanced > 0) problems.push(`${unbalanced} times the counts did not add up`);
  if (performance.now() >= deadline) problems.push(`not finished: ${JSON.stringify(last)}`);
  return last;
}
