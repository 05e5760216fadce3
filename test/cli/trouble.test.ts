/** A worker whose Redis user lacks a right: it is there and says nothing, unless somebody is told. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { run } from '../support/programs.ts';
import { createScene, startOwnRedis, startVolley, VOLLEY } from './scene.ts';

const RIGHTS = ['on', '>geheim', '~*', '&*', '+@all'];

test('a notification that its worker may not fetch is told of everywhere, until it may', async () => {
  const { admin, port } = await startOwnRedis();
  await admin.call('ACL', 'SETUSER', 'narrow', ...RIGHTS);
  const scene = await createScene();
  const env = { ...scene.env, REDIS_URL: `redis://narrow:geheim@127.0.0.1:${port}` };
  const volley = (...args: string[]) => run(VOLLEY, args, { env });
  const json = async (...args: string[]) => JSON.parse((await volley(...args, '--json')).stdout);
  const worker = startVolley(['worker'], env);
  await worker.says('worker started');
  await volley('notify', '--to', '+6591234566', '--template', 'otp');
  await admin.call('ACL', 'SETUSER', 'narrow', '-bzpopmin');
  await volley('notify', '--to', '+6591234567', '--template', 'otp');

  const error = async () => (await json('status')).workers[0]?.trouble?.error;
  await expect.poll(error, { timeout: 30_000 }).toContain('bzpopmin');
  const { code, stderr } = await volley('healthcheck');
  expect(code).toBe(1);
  expect(stderr).toMatch(/cannot fetch or move jobs: .*bzpopmin/);
  expect((await volley('status')).stdout).toMatch(/cannot fetch or move jobs: .*bzpopmin/);
  expect((await volley('doctor')).stdout).toMatch(/^failed {3}workers: 1 running; .*bzpopmin/m);
  // It comes again all the time, and is told of once a minute.
  await sleep(6000);
  expect(worker.output().stderr.match(/jobs cannot be fetched/g)).toHaveLength(1);

  await admin.call('ACL', 'SETUSER', 'narrow', ...RIGHTS);
  const accepted = async () => (await json('status', 'notifications')).accepted;
  await expect.poll(accepted, { timeout: 30_000 }).toBe(1);
  const health = async () => (await volley('healthcheck')).code;
  await expect.poll(health, { timeout: 40_000 }).toBe(0);
});

test('a worker in trouble is told to stop, and stops', async () => {
  const { admin, port } = await startOwnRedis();
  await admin.call('ACL', 'SETUSER', 'narrow', ...RIGHTS);
  const { env } = await createScene();
  const url = `redis://narrow:geheim@127.0.0.1:${port}`;
  const worker = startVolley(['worker'], { ...env, REDIS_URL: url });
  await worker.says('worker started');
  await admin.call('ACL', 'SETUSER', 'narrow', '-bzpopmin');
  await worker.says('jobs cannot be fetched');
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
});
