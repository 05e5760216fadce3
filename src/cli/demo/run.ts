/**
 * What `volley demo` does: a Redis, a stand-in that fails on purpose and a worker, in this process; one list sent
 * through the same `send` and `Worker` as any other; then what came of it, by Volley's records and by the stand-in's.
 * No setting of the environment reaches it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedRedis } from '../../local-redis/embedded-redis.ts';
import {
  type CampaignStatus,
  openProducer,
  type Producer,
  type SendResult,
  type Verification,
} from '../../producer/producer.ts';
import {
  SANDBOX_KEY,
  SANDBOX_SECRET,
  type Sandbox,
  type Stats,
  startSandbox,
} from '../../sandbox/index.ts';
import { type Config, loadConfig, searchPath } from '../../shared/config.ts';
import { VolleyError } from '../../shared/errors.ts';
import { createLogger } from '../../shared/log.ts';
import { workerOf } from '../../worker/create-worker.ts';
import { claimSignals } from '../process/signals.ts';
import { waitForCampaign } from '../process/wait.ts';
import { LiveLine } from '../terminal/live-line.ts';
import { printJson } from '../terminal/output.ts';
import { statusJson } from '../view/campaign.ts';
import { digestAudit } from './audit.ts';
import { LONE_NUMBER, SHARED_NUMBERS, writeDemoList } from './list.ts';
import { type DemoOutcome, introduction, nextSteps, reportLines } from './report.ts';

const CAMPAIGN = 'spring-sale';
/** It takes some ten seconds; one that does not end at all must not hold up whoever waits for it. */
const LONGEST_MS = 300_000;

/** The share of requests that each fault befalls. */
const RATES = {
  '1000': 0.02,
  '502': 0.01,
  '3002': 0.005,
  '3003': 0.005,
  '4001': 0.005,
  '5001': 0.005,
  'close-after': 0.005,
  'cut-off': 0.005,
};

const FAULTS = {
  rates: RATES,
  // One that fails until its attempts run out, and two that no chance would surely meet: they are few and large.
  on_number: { [LONE_NUMBER]: '1000', [SHARED_NUMBERS[0]]: 'partial', [SHARED_NUMBERS[1]]: '5001' },
};

export async function runDemo(json: boolean): Promise<void> {
  const stopped = claimSignals();
  const late = AbortSignal.timeout(LONGEST_MS);
  const signal = AbortSignal.any([stopped, late]);
  const startedAt = performance.now();
  const checkStopped = () => {
    if (stopped.aborted) throw new VolleyError('interrupted', 'stopped; all that ran is ended');
    if (late.aborted)
      throw new VolleyError('unavailable', `demo: not finished in ${LONGEST_MS} ms`);
  };
  const folder = await mkdtemp(join(tmpdir(), 'volley-demo-'));
  await using _folder = closing(() => rm(folder, { recursive: true, force: true }));
  const list = join(folder, 'customers.csv');
  await writeDemoList(list);
  checkStopped();
  const server = await startEmbeddedRedis({ path: searchPath(), appendfsync: 'everysec' });
  await using _server = closing(() => server.stop());
  await using sandbox = await startSandbox({ faults: FAULTS });
  const config = demoConfig(server.url, sandbox.url);
  if (!json) console.log(introduction(server.port, sandbox.port, RATES).join('\n'));
  await using producer = await openProducer(config);

  // Started before the list is sent, so that nobody waits for a worker.
  const worker = workerOf(config, createLogger(config.logLevel, false));
  await using _worker = closing(() => worker.stop());
  await worker.start();
  checkStopped();
  try {
    const result = await sendList(producer, list, config.batchSize, signal);
    await waitForCampaign(producer, CAMPAIGN, signal);
    // With the worker stopped nothing moves any more: BullMQ's counts are final, too.
    await worker.stop();
    const outcome = await outcomeOf(producer, result, sandbox);
    print({ ...outcome, seconds: (performance.now() - startedAt) / 1000 }, json);
    if (outcome.problems.length > 0) process.exitCode = 1;
  } catch (error) {
    checkStopped();
    throw error;
  }
}

async function sendList(
  producer: Producer,
  list: string,
  batchSize: number,
  signal: AbortSignal,
): Promise<SendResult> {
  using line = new LiveLine();
  return await producer.send(
    { path: list },
    {
      campaign: CAMPAIGN,
      template: 'spring',
      // The list has an `email`, too, which must not leave the house.
      params: ['name', 'code'],
      batchSize,
      signal,
      onProgress: ({ rows }) => line.show(() => `enqueuing  ${rows} rows`),
    },
  );
}

async function outcomeOf(
  producer: Producer,
  result: SendResult,
  sandbox: Sandbox,
): Promise<Omit<DemoOutcome, 'seconds'>> {
  const status = await producer.status(CAMPAIGN);
  const verification = await producer.verify(CAMPAIGN);
  const audit = await digestAudit(producer, CAMPAIGN);
  const stats = sandbox.stats();
  const problems = problemsOf(status, verification, stats);
  return { result, status, verification, audit, stats, problems };
}

/** From a literal environment: nothing of the caller's may turn a demo into a real campaign. */
function demoConfig(redisUrl: string, baseUrl: string): Config {
  return loadConfig({
    REDIS_URL: redisUrl,
    ENGAGELAB_BASE_URL: baseUrl,
    ENGAGELAB_DEV_KEY: SANDBOX_KEY,
    ENGAGELAB_DEV_SECRET: SANDBOX_SECRET,
    VOLLEY_RATE: '2000',
    VOLLEY_BATCH_SIZE: '50',
    VOLLEY_ATTEMPTS: '6',
    VOLLEY_BACKOFF_BASE_MS: '100',
    VOLLEY_BACKOFF_CAP_MS: '500',
    VOLLEY_LOG_LEVEL: 'error',
  });
}

/** What a demo must not come to. Empty where all is well. */
function problemsOf(status: CampaignStatus, verification: Verification, stats: Stats): string[] {
  const problems: string[] = [];
  if (status.state !== 'finished') problems.push(`the campaign is ${status.state}, not finished`);
  if (!status.balanced) problems.push('the rows do not add up');
  if (!verification.verified) problems.push('the recount differs from the counts');
  if (stats.texted_again > 0) problems.push(`texted more than once: ${stats.texted_again} numbers`);
  if (stats.texts < status.accepted) {
    problems.push(`accepted: ${status.accepted}, but the stand-in texted ${stats.texts}`);
  }
  return problems;
}

function print(outcome: DemoOutcome, json: boolean): void {
  const { result, status, verification, audit, stats, seconds, problems } = outcome;
  if (json) {
    printJson({
      send: result,
      status: statusJson(status),
      verify: verification,
      attempts: audit.attempts,
      sandbox: stats,
      seconds: Math.round(seconds * 10) / 10,
      problems,
      ok: problems.length === 0,
    });
    return;
  }
  console.log(reportLines(outcome).join('\n'));
  if (problems.length === 0) console.log(nextSteps());
  for (const problem of problems) console.error(`volley: demo: ${problem}`);
}

function closing(close: () => Promise<void>): AsyncDisposable {
  return { [Symbol.asyncDispose]: close };
}
