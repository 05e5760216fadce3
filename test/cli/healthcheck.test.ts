import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { hostname } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { beat, FRESH_MS } from '../../src/shared/fleet/heartbeat.ts';
import { run } from '../support/programs.ts';
import { connect } from '../support/redis.ts';
import { createScene, VOLLEY } from './scene.ts';

test('exits 0 beside a worker, and 1 when it has left', async () => {
  const { startWorker, volley } = await createScene();
  const worker = await startWorker();
  const { code, stdout, stderr } = await volley('healthcheck');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^worker [0-9a-f]{8}: heartbeat \d+ ms ago, 0 in flight\n$/);

  worker.child.kill('SIGTERM');
  await worker.ended;
  expect(await volley('healthcheck')).toMatchObject({ code: 1, stdout: '' });
});

test('does not take a silent worker, or one on another host, for its own', async () => {
  const { keys, volley } = await createScene();
  const redis = connect();
  const heartbeat = { pid: 1, in_flight: 0, sent_per_s: 0 };
  const now = Date.now();
  const silentSince = now - FRESH_MS - 1;
  await beat(redis, keys.fleet, {
    ...heartbeat,
    id: 'silent',
    host: hostname(),
    seen_at: silentSince,
  });
  await beat(redis, keys.fleet, { ...heartbeat, id: 'other', host: 'elsewhere', seen_at: now });
  expect(await volley('healthcheck')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `volley: expected a worker on ${hostname()} with a heartbeat of the last 10 s, found none\n`,
  });
});

test('exits 1 with one line where Redis takes the connection and says nothing', async () => {
  const { env } = await createScene();
  const silent = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void silent.close());
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const url = `redis://127.0.0.1:${port}`;
  const { code, stdout, stderr } = await run(VOLLEY, ['healthcheck'], {
    env: { ...env, REDIS_URL: url },
  });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toBe(`volley: Redis at ${url}: no answer in 2000 ms\n`);
});
