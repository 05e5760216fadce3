import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startEmbeddedRedis } from '../../src/local-redis/embedded-redis.ts';
import { temporaryFolder, writeAll } from '../support/programs.ts';
import { searchPath } from '../support/redis.ts';
import { createScene, HEADER, listOf, patiently, startVolley } from './scene.ts';

test.for(['SIGTERM', 'SIGINT'] as const)('exits 0 on %s', async (signal) => {
  const { startWorker, json } = await createScene();
  const worker = await startWorker();
  worker.child.kill(signal);
  expect(await worker.ended).toBe(0);
  expect(worker.output().stdout).toBe('');
  expect(await json('status', '--json')).toMatchObject({ workers: [] });
});

test('waits for replies under way, and puts back what it has not sent', async () => {
  const { env, sandbox, json, volley } = await createScene();
  const folder = await temporaryFolder();
  await writeAll(folder, { 'list.csv': HEADER + listOf(300) });
  const args = ['--template', 'slow-300', '--params', 'name', '--campaign', 'spring'];
  await volley('send', join(folder, 'list.csv'), ...args);
  const worker = startVolley(['worker'], { ...env, VOLLEY_CONCURRENCY: '10' });
  await expect.poll(() => sandbox.stats().in_flight, patiently).toBeGreaterThan(0);

  worker.child.kill('SIGTERM');

  expect(await worker.ended).toBe(0);
  const { texts } = sandbox.stats();
  expect(await json('status', 'spring', '--json')).toMatchObject({
    accepted: texts,
    pending: 300 - texts,
    unconfirmed: 0,
    jobs: { active: 0 },
  });
});

test('exits at once on a second signal', async () => {
  const { startWorker, sandbox, volley } = await createScene();
  const folder = await temporaryFolder();
  await writeAll(folder, { 'list.csv': HEADER + listOf(5) });
  const worker = await startWorker();
  await volley('send', join(folder, 'list.csv'), '--template', 'hang', '--params', 'name');
  await expect.poll(() => sandbox.stats().in_flight, patiently).toBeGreaterThan(0);

  worker.child.kill('SIGTERM');
  await worker.says('stopping');
  worker.child.kill('SIGTERM');

  expect(await worker.ended).toBe(1);
});

test('exits 1 when the stop takes longer than its grace', async () => {
  const { env } = await createScene();
  const redis = await startEmbeddedRedis({ path: searchPath, appendfsync: 'everysec' });
  onTestFinished(() => redis.stop());
  const times = { VOLLEY_SHUTDOWN_GRACE_MS: '300', VOLLEY_REQUEST_TIMEOUT_MS: '300' };
  const worker = startVolley(['worker'], { ...env, ...times, REDIS_URL: redis.url });
  await worker.says('campaign attached');

  // A Redis that answers nothing: the worker cannot put anything back.
  process.kill(redis.pid, 'SIGSTOP');
  worker.child.kill('SIGTERM');
  const code = await worker.ended;
  process.kill(redis.pid, 'SIGCONT');

  expect(code).toBe(1);
  expect(worker.output().stderr).toContain('the stop took longer than VOLLEY_SHUTDOWN_GRACE_MS');
});

test('waits for a Redis that is away, says so, and can be stopped', async () => {
  const { env } = await createScene();
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const address = free.address();
  const port = typeof address === 'object' ? address?.port : 0;
  free.close();
  await once(free, 'close');
  const worker = startVolley(['worker'], { ...env, REDIS_URL: `redis://127.0.0.1:${port}` });
  await worker.says(`Redis at redis://127.0.0.1:${port}: connection lost`);
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
});

test('wants credentials', async () => {
  const { env } = await createScene();
  const worker = startVolley(['worker'], { ...env, ENGAGELAB_DEV_SECRET: '' });
  expect(await worker.ended).toBe(2);
  expect(worker.output().stderr).toContain('volley: ENGAGELAB_DEV_KEY and ENGAGELAB_DEV_SECRET');
});
