/** What BullMQ's worker does, and is told of, where Redis refuses it, is away, or gave its jobs to another. */
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { startEmbeddedRedis } from '../../../src/local-redis/embedded-redis.ts';
import { readWorkers } from '../../../src/shared/fleet/heartbeat.ts';
import { createKeys } from '../../../src/shared/redis/keys.ts';
import { numberAt, openFleet } from '../../support/fleet.ts';
import { notifierOn } from '../../support/notifier.ts';
import { redisUrl, searchPath } from '../../support/redis.ts';
import { startRedisProxy } from '../../support/redis-proxy.ts';

const patiently = { timeout: 30_000 };

test('a fetch that Redis refuses is not tried again without a rest, and the worker stops', async () => {
  const { url, port, stop } = await startEmbeddedRedis({
    path: searchPath,
    appendfsync: 'everysec',
  });
  onTestFinished(() => stop());
  const admin = new Redis(url);
  onTestFinished(() => admin.disconnect());
  const rights = ['on', '>geheim', '~*', '&*', '+@all'];
  await admin.call('ACL', 'SETUSER', 'narrow', ...rights);
  const fleet = await openFleet();
  const keys = createKeys('volley');
  const worker = fleet.createWorker({
    REDIS_URL: `redis://narrow:geheim@127.0.0.1:${port}`,
    VOLLEY_PREFIX: 'volley',
  });
  await worker.start();
  await admin.call('ACL', 'SETUSER', 'narrow', '-rpoplpush');
  const notifier = notifierOn(admin, keys);
  onTestFinished(() => notifier.close());
  await notifier.notify({ to: '+6591234567', template: 'otp' });

  const heartbeat = async () => (await readWorkers(admin, keys.fleet, Date.now()))[0];
  const count = async () => (await heartbeat())?.trouble?.count ?? 0;
  await expect.poll(count, patiently).toBeGreaterThan(2);
  const { seen_at: seenAt = 0, trouble } = (await heartbeat()) ?? {};
  // Each but the first came after a rest of half a second.
  const rested = 450 * ((trouble?.count ?? Infinity) - 1);
  expect(seenAt - (trouble?.since ?? 0)).toBeGreaterThanOrEqual(rested);
  await worker.stop();
});

test('a Redis that was away and is back leaves no trouble behind', async () => {
  const proxy = await startRedisProxy(redisUrl());
  const fleet = await openFleet();
  const worker = fleet.createWorker({ REDIS_URL: proxy.url });
  await worker.start();
  const port = Number(new URL(proxy.url).port);
  await proxy.close();
  // The one that every part of BullMQ's worker has to say.
  await fleet.log.line('connect ECONNREFUSED');
  await fleet.log.line('connection lost');
  await proxy.listen(port);
  await fleet.log.line('connection is back');
  const back = Date.now();
  const heartbeat = async () => (await readWorkers(fleet.redis, fleet.keys.fleet, Date.now()))[0];
  await expect.poll(async () => (await heartbeat())?.seen_at ?? 0, patiently).toBeGreaterThan(back);
  expect((await heartbeat())?.trouble).toBeUndefined();
  expect(fleet.log.lines.join('')).not.toContain('jobs cannot be fetched');
});

test('jobs whose locks are gone are told of once, and the worker is not in trouble', async () => {
  const fleet = await openFleet({ faults: { latency: 600 } });
  const worker = fleet.createWorker({ VOLLEY_LOCK_MS: '1000' });
  let ended = 0;
  const allEnded = new Promise<void>((resolve) => {
    worker.on('job', () => ++ended === 3 && resolve());
  });
  await worker.start();
  const notifier = notifierOn(fleet.redis, fleet.keys);
  onTestFinished(() => notifier.close());
  const jobs: string[] = [];
  for (const at of [0, 1, 2]) {
    const { message } = await notifier.notify({ to: numberAt(at), template: 'otp' });
    jobs.push(message.replace(/\.0$/, ''));
  }
  const locks = jobs.map((job) => fleet.keys.campaign('notifications').lock(job));
  // Before its request a run that lost its lock ends by itself; after it BullMQ says so.
  const requests = () => fleet.sandbox.stats().requests;
  await expect.poll(requests, { ...patiently, interval: 5 }).toBe(3);
  await fleet.redis.del(...locks);
  // Another run ends them, by the ledger.
  await allEnded;
  const [heartbeat] = await readWorkers(fleet.redis, fleet.keys.fleet, Date.now());
  expect(heartbeat).not.toHaveProperty('trouble');
  const told = fleet.log.lines.filter((line) => line.includes('hold of a job lost'));
  const kinds = told.map((line) => JSON.parse(line).error);
  expect(kinds.length).toBeGreaterThan(0);
  expect(kinds).toEqual([...new Set(kinds)]);
  expect(fleet.log.lines.join('')).not.toContain('jobs cannot be fetched');
});
