/** A sandbox, a campaign or two, and workers in this process: what tests of the worker have in common. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { GivenRow } from '../../src/producer/list/options.ts';
import { type AuditLine, audit } from '../../src/producer/report/audit.ts';
import { verify } from '../../src/producer/report/verify.ts';
import { type SendOptions, send } from '../../src/producer/send/send.ts';
import { type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts';
import { readCounts } from '../../src/shared/campaign/campaign.ts';
import { loadConfig } from '../../src/shared/config.ts';
import { Job, jobIdAt } from '../../src/shared/job.ts';
import { createKeys } from '../../src/shared/redis/keys.ts';
import { openQueue } from '../../src/shared/redis/queue.ts';
import { Worker } from '../../src/worker/worker.ts';
import { connect, redisUrl, testPrefix } from './redis.ts';

/** A log whose lines can be waited for. */
export class Log {
  readonly lines: string[] = [];
  readonly logger;
  readonly #waiting = new Set<() => void>();

  constructor() {
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        this.lines.push(String(chunk));
        for (const look of this.#waiting) look();
        done();
      },
    });
    this.logger = pino({ level: 'debug', base: null }, stream);
  }

  /** Resolves once there is a line, as JSON, with these words in it. */
  line(words: string): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.lines.some((line) => line.includes(words))) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** So many recipients, each with a text of its own, from +6591000000 on. */
export function people(count: number): GivenRow[] {
  return Array.from({ length: count }, (_none, at) => ({
    to: numberAt(at),
    params: { name: `name ${at}` },
  }));
}

export function numberAt(position: number): string {
  return `+${6_591_000_000 + position}`;
}

function createWorkerOn(
  baseUrl: string,
  prefix: string,
  log: Log,
  environment: Record<string, string>,
): Worker {
  const config = loadConfig({
    REDIS_URL: redisUrl(),
    VOLLEY_PREFIX: prefix,
    ENGAGELAB_BASE_URL: baseUrl,
    ENGAGELAB_DEV_KEY: 'sandbox',
    ENGAGELAB_DEV_SECRET: 'sandbox',
    VOLLEY_RATE: '5000',
    VOLLEY_BACKOFF_BASE_MS: '1',
    VOLLEY_BACKOFF_CAP_MS: '2',
    ...environment,
  });
  const worker = new Worker(config, log.logger);
  onTestFinished(() => worker.stop());
  return worker;
}

/** Everything is closed and deleted when the test has finished. */
export async function openFleet(options: SandboxOptions = {}) {
  const prefix = testPrefix();
  const redis = connect();
  const keys = createKeys(prefix);
  const log = new Log();
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.stop());

  const queueOf = (campaign: string) => {
    const queue = openQueue(redis, keys, campaign);
    onTestFinished(() => queue.close());
    return queue;
  };
  const jobOf = async (campaign: string, position = 0) => {
    const job = await queueOf(campaign).getJob(jobIdAt(campaign, position));
    if (job === undefined) throw new Error(`no job ${position} of ${campaign}`);
    return job;
  };

  return {
    redis,
    keys,
    log,
    sandbox,
    queueOf,
    jobOf,

    send: (campaign: string, rows: readonly GivenRow[], more: Partial<SendOptions> = {}) =>
      send(redis, keys, { rows }, { template: 'promo', again: true, ...more, campaign }),

    /** Not started yet, so that its events can be waited for. */
    createWorker: (environment: Record<string, string> = {}) =>
      createWorkerOn(sandbox.url, prefix, log, environment),

    /** Changes the stored data of a job that no worker has picked up yet. */
    async rewrite(campaign: string, changes: Record<string, unknown>): Promise<void> {
      const job = await jobOf(campaign);
      await job.updateData({ ...Job.parse(job.data), ...changes });
    },

    /** Read again on every call: its return value and its reason to fail. */
    async ended(campaign: string, position = 0) {
      const job = await jobOf(campaign, position);
      const returned: unknown = job.returnvalue;
      return { state: await job.getState(), returned, reason: job.failedReason };
    },

    async lines(campaign: string): Promise<AuditLine[]> {
      const lines: AuditLine[] = [];
      for await (const piece of audit(redis, keys, campaign)) lines.push(...piece);
      return lines;
    },

    /** The counts of recipients that are not 0. */
    async counts(campaign: string) {
      const { rows, recipients, codes, ...states } = await readCounts(redis, keys, campaign);
      return Object.fromEntries(Object.entries(states).filter(([, count]) => count !== 0));
    },

    verify: (campaign: string) => verify(redis, keys, campaign),
  };
}

export type Fleet = Awaited<ReturnType<typeof openFleet>>;

/** Starts the worker, and waits until it has let go of these campaigns, which are then finished. */
export async function workUntilFinished(worker: Worker, ...campaigns: string[]): Promise<void> {
  const left = new Set(campaigns);
  const finished = new Promise<void>((resolve) => {
    worker.on('detached', (campaign) => {
      left.delete(campaign);
      if (left.size === 0) resolve();
    });
  });
  await worker.start();
  await finished;
}
