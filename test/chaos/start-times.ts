/** Campaigns that are cancelled and replayed, at moments of chance, before their time: nobody is texted before it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createProducer } from '../../src/producer/producer.ts';
import { numberAt } from '../support/people.ts';
import { sideBySide } from './lanes.ts';
import { replayAtOnce } from './promises.ts';
import { Stage } from './stage.ts';
import { Witness } from './witness.ts';

export interface StartTimesOptions {
  /** For `redis-server`. */
  path: string;
  rounds: number;
  random: () => number;
}

export interface StartTimesReport {
  rounds: number;
  /** Rounds whose replay had come to its end before the campaign's time: the others tell nothing. */
  inTime: number;
  /** Rounds in which somebody was texted before the time. */
  early: number;
  problems: string[];
}

const AT_ONCE = 10;
const RECIPIENTS = 20;
const START_MS = 4000;
/** By then workers look after the campaign; and how long they take to end what was cancelled. */
const CANCEL_MS = 600;
const REPLAY_MS = 700;
const LONGEST_MS = 60_000;

export async function cancelBeforeStart(options: StartTimesOptions): Promise<StartTimesReport> {
  const { path, random } = options;
  const report: StartTimesReport = { rounds: 0, inTime: 0, early: 0, problems: [] };
  const witness = new Witness();
  await using stage = await Stage.open({
    ...{ workers: 2, concurrency: 50, faults: {}, path, logLevel: 'info', witness },
    // Nobody fails here, and a busy machine is not to look like a failure.
    environment: { VOLLEY_LOCK_MS: '30000', VOLLEY_REQUEST_TIMEOUT_MS: '30000' },
    onPoint: () => 'pass',
  });
  await stage.startWorkers();
  await stage.workersUp();
  await using producer = createProducer({ redis: stage.redisUrl, prefix: stage.prefix });
  let next = 0;
  await sideBySide(AT_ONCE, async () => {
    const at = next++;
    if (at >= options.rounds) return false;
    const campaign = `start-${at}`;
    const numbers = Array.from({ length: RECIPIENTS }, (_none, each) =>
      numberAt(at * RECIPIENTS + each),
    );
    const rows = numbers.map((to, each) => ({ to, params: { name: `Ada ${each}` } }));
    const startAt = Date.now() + START_MS;
    await producer.send({ rows }, { campaign, template: 'promo', startAt });
    await sleep(random() * CANCEL_MS);
    await producer.cancel(campaign);
    await sleep(random() * REPLAY_MS);
    await replayAtOnce(() => producer.replay(campaign, { states: ['cancelled'] }));
    if (Date.now() < startAt) report.inTime++;
    const deadline = performance.now() + LONGEST_MS;
    let status = await producer.status(campaign);
    while (status.state !== 'finished' && performance.now() < deadline) {
      await sleep(100);
      status = await producer.status(campaign);
    }
    const mine = new Set(numbers);
    const isEarly = witness.before(startAt).some(({ to }) => mine.has(to));
    if (isEarly) report.early++;
    if (status.accepted !== RECIPIENTS || !status.balanced) {
      report.problems.push(`${campaign}: ${JSON.stringify(status)}`);
    }
    const texts = numbers.map((to) => stage.sandbox.textsTo(to)?.count ?? 0);
    if (texts.some((count) => count !== 1)) report.problems.push(`${campaign}: texted ${texts}`);
    report.rounds++;
    return true;
  });
  return report;
}
