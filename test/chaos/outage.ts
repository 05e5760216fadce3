/** A campaign under way on a Redis of its own, which can be taken away and given back in many ways. */
import { Redis } from 'ioredis';
import { expect, onTestFinished } from 'vitest';
import { startEmbeddedRedis } from '../../src/local-redis/embedded-redis.ts';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { verify } from '../../src/producer/report/verify.ts';
import { send } from '../../src/producer/send/send.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { createKeys } from '../../src/shared/redis/keys.ts';
import { people } from '../support/people.ts';
import { temporaryFolder } from '../support/programs.ts';
import { searchPath } from '../support/redis.ts';
import { WorkerFleet } from '../support/workers.ts';

export const OUTAGES = ['killed', 'restarted', 'frozen', 'full', 'read-only'] as const;
export type Outage = (typeof OUTAGES)[number];

export const RATE = 100;
const WORKERS = 2;

export type Scene = Awaited<ReturnType<typeof openOutage>>;

export async function openOutage(recipients: number) {
  const dir = await temporaryFolder();
  const startRedis = (port?: number) =>
    startEmbeddedRedis({ path: searchPath, dir, appendfsync: 'always', port });
  let redis = await startRedis();
  onTestFinished(() => redis.stop());
  const admin = new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 100 });
  admin.on('error', () => {});
  onTestFinished(() => admin.disconnect());
  const sandbox = await startSandbox({ recordArrivals: true });
  onTestFinished(() => sandbox.stop());
  const keys = createKeys('outage');
  const logs = Array.from({ length: WORKERS }, () => '');
  const workers = new WorkerFleet({
    redisUrl: redis.url,
    prefix: keys.prefix,
    baseUrl: sandbox.url,
    environment: { VOLLEY_RATE: String(RATE), VOLLEY_LOG_LEVEL: 'info' },
    onLog: (text, place) => {
      logs[place] += text;
    },
  });
  onTestFinished(async () => {
    await workers.endAll('SIGKILL');
  });
  await send(admin, keys, { rows: people(recipients) }, { campaign: 'list', template: 'promo' });
  for (let place = 0; place < WORKERS; place++) workers.start(place);

  /** @returns what gives it back */
  const take: Record<Outage, () => Promise<() => Promise<unknown>>> = {
    async killed() {
      const { port, pid, ended } = redis;
      process.kill(pid, 'SIGKILL');
      await ended;
      return async () => {
        await redis.stop();
        redis = await startRedis(port);
      };
    },
    async restarted() {
      const { port } = redis;
      await redis.stop();
      return async () => {
        redis = await startRedis(port);
      };
    },
    async frozen() {
      process.kill(redis.pid, 'SIGSTOP');
      return async () => process.kill(redis.pid, 'SIGCONT');
    },
    async full() {
      await admin.config('SET', 'maxmemory', '1');
      return () => admin.config('SET', 'maxmemory', '0');
    },
    async 'read-only'() {
      await admin.replicaof('127.0.0.1', '1');
      return () => admin.replicaof('NO', 'ONE');
    },
  };

  return {
    take,
    workers,
    sandbox,
    requests: () => sandbox.stats().requests,
    status: () => campaignStatus(admin, keys, 'list'),
    verify: () => verify(admin, keys, 'list'),
    /** How often each worker logged a line with these words. */
    logged: (words: string) =>
      logs.map((log) => log.split('\n').filter((line) => line.includes(words)).length),
    log: () => logs.join('\n'),
  };
}

/** Waits until so many requests have been made in all. */
export async function untilRequests({ requests }: Scene, count: number): Promise<void> {
  await expect.poll(requests, { timeout: 60_000, interval: 20 }).toBeGreaterThanOrEqual(count);
}
