/**
 * A Redis that may evict, and does, while campaigns are sent and after: whatever it drops, nobody is texted twice, and
 * what is still known of a campaign that has ended can be read.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startEmbeddedRedis } from '../../src/local-redis/embedded-redis.ts';
import { replay } from '../../src/producer/replay/replay.ts';
import { audit } from '../../src/producer/report/audit.ts';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { verify } from '../../src/producer/report/verify.ts';
import { send } from '../../src/producer/send/send.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { loadConfig } from '../../src/shared/config.ts';
import { VolleyError } from '../../src/shared/errors.ts';
import { createKeys } from '../../src/shared/redis/keys.ts';
import { Worker } from '../../src/worker/worker.ts';
import { Log, numberAt } from '../support/fleet.ts';
import { searchPath } from '../support/redis.ts';

const CAMPAIGNS = 8;
const RECIPIENTS = 600;
const patiently = { timeout: 80_000, interval: 200 };

/** A Redis of its own, of which everything may be evicted. */
async function openEvicting() {
  const server = await startEmbeddedRedis({ path: searchPath, appendfsync: 'everysec' });
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  onTestFinished(async () => {
    redis.disconnect();
    await server.stop();
  });
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const evicted = async () => Number(/evicted_keys:(\d+)/.exec(await redis.info('stats'))?.[1]);
  /** Takes memory away until so many keys more are gone. */
  const evict = async (keys: number) => {
    const before = await evicted();
    while ((await evicted()) < before + keys) {
      const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
      await redis.config('SET', 'maxmemory', String(used - 20_000));
      await redis.ping();
      await redis.set('filler', 'x').catch(() => undefined);
    }
    await redis.config('SET', 'maxmemory', '0');
  };
  return { redis, url: server.url, evict };
}

test('what is evicted while campaigns are sent, and after, has nobody texted twice', async () => {
  // BullMQ's warning of such a Redis, at each of its connections.
  const warnings = vi.spyOn(console, 'warn').mockImplementation(() => {});
  onTestFinished(() => warnings.mockRestore());
  const { redis, url, evict } = await openEvicting();
  const keys = createKeys('evicting');
  const sandbox = await startSandbox({ faults: { latency: 20, rates: { '5001': 0.1 } } });
  const log = new Log();
  const config = loadConfig({
    ...{ REDIS_URL: url, VOLLEY_PREFIX: 'evicting', ENGAGELAB_BASE_URL: sandbox.url },
    ...{ ENGAGELAB_DEV_KEY: 'sandbox', ENGAGELAB_DEV_SECRET: 'sandbox' },
    ...{ VOLLEY_RATE: '800', VOLLEY_LOCK_MS: '1000', VOLLEY_MAX_CAMPAIGNS: `${CAMPAIGNS}` },
  });
  const worker = new Worker(config, log.logger);
  onTestFinished(async () => {
    await worker.stop();
    await sandbox.stop();
  });
  const ids = Array.from({ length: CAMPAIGNS }, (_none, at) => `c${at}`);
  const rowsOf = (at: number) =>
    Array.from({ length: RECIPIENTS }, (_none, person) => ({
      to: numberAt(at * 1000 + person),
      params: { name: `name ${person}` },
    }));
  await Promise.all(
    ids.map((campaign, at) =>
      send(redis, keys, { rows: rowsOf(at) }, { template: 'promo', again: true, campaign }),
    ),
  );
  await worker.start();
  const texts = () => sandbox.stats().texts;
  await expect.poll(texts, patiently).toBeGreaterThan(500);
  await evict(40);
  await expect.poll(texts, patiently).toBeGreaterThan(1200);
  await evict(20);

  const known = async () => {
    const states = ids.map(async (id) => {
      const status = await campaignStatus(redis, keys, id).catch((error: unknown) => {
        if (error instanceof VolleyError && error.code === 'not_found') return undefined;
        throw error;
      });
      return status && { id, ...status };
    });
    return (await Promise.all(states)).filter((each) => each !== undefined);
  };
  /** Nothing is sent any more. */
  const isAtRest = async () => {
    const before = texts();
    await sleep(3000);
    return texts() === before;
  };
  await expect.poll(isAtRest, patiently).toBe(true);
  await evict(20);
  for (const { id, balanced, state } of await known()) {
    if (state !== 'finished') continue;
    expect(balanced, id).toBe(true);
    for await (const _piece of audit(redis, keys, id));
    await verify(redis, keys, id);
    await replay(redis, keys, id, { by: 'test' });
  }
  await expect.poll(isAtRest, patiently).toBe(true);
  expect(sandbox.stats().most_texts).toBeLessThanOrEqual(1);
});
