/** A Redis that does not let us do what is needed, and a worker that is told to stop in whatever state it is. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { serverProgram } from '../../src/local-redis/server-program.ts';
import { createProducer } from '../../src/producer/producer.ts';
import { run, temporaryFolder } from '../support/programs.ts';
import { searchPath } from '../support/redis.ts';
import {
  createScene,
  fileWith,
  HEADER,
  listOf,
  type Running,
  startOwnRedis,
  startVolley,
  VOLLEY,
} from './scene.ts';

const SEND = ['--template', 'promo', '--params', 'name', '--campaign', 'spring', '--yes'];

/** A Redis with a user who may do all but what the test takes away, and a producer whom nothing is taken from. */
async function openNarrow() {
  const redis = await startOwnRedis();
  const scene = await createScene();
  const change = (...rights: string[]) => redis.admin.call('ACL', 'SETUSER', 'narrow', ...rights);
  await change('on', '>geheim', '~*', '&*', '+@all');
  const env = { ...scene.env, REDIS_URL: `redis://narrow:geheim@127.0.0.1:${redis.port}` };
  const volley = (...args: string[]) => run(VOLLEY, args, { env });
  const { prefix } = scene.keys;
  const producer = createProducer({ redis: redis.url, prefix });
  onTestFinished(() => producer.close());
  return { ...redis, change, env, prefix, producer, volley };
}

test('whoever begins without a right names all that is missing, offers the line, and ends with 1', async () => {
  const { change, prefix, volley } = await openNarrow();
  const list = await fileWith(HEADER + listOf(3));
  await change('-hset', '-memory|usage', 'resetkeys', `~${prefix}:*`);
  const what = `its user narrow may not run MEMORY USAGE, HSET, nor touch the keys ${prefix}~*`;
  const line = `What Volley needs: ACL SETUSER narrow ~${prefix}:* ~${prefix}~* +bzpopmin `;
  const [doctor, ...refused] = await Promise.all([
    volley('doctor'),
    volley('worker'),
    volley('send', list, ...SEND),
    volley('notify', '--to', '+6591234567', '--template', 'otp'),
  ]);
  for (const { code, stderr } of refused) {
    expect(code, stderr).toBe(1);
    expect(stderr).toContain(what);
    expect(stderr).toContain(line);
  }
  expect(doctor.code).toBe(1);
  expect(doctor.stdout).toContain(`failed   rights: ${what}\n         ${line}`);
});

test('a replica is named by worker, send and doctor', async () => {
  const { admin, volley } = await openNarrow();
  const list = await fileWith(HEADER + listOf(3));
  await admin.replicaof('127.0.0.1', '1');
  const words = 'it is a replica, of 127.0.0.1:1; REDIS_URL must name the primary';
  const [doctor, ...refused] = await Promise.all([
    volley('doctor'),
    volley('worker'),
    volley('send', list, ...SEND),
  ]);
  for (const { code, stderr } of refused) {
    expect([code, stderr]).toEqual([1, expect.stringContaining(words)]);
  }
  expect(doctor.stdout).toContain('it is a replica, of 127.0.0.1:1');
  // One that takes writes would lose them.
  await admin.config('SET', 'replica-read-only', 'no');
  expect((await volley('worker')).stderr).toContain(words);
});

/** A worker that is deaf ends with 1 after it. */
const GRACE = { VOLLEY_SHUTDOWN_GRACE_MS: '15000', VOLLEY_REQUEST_TIMEOUT_MS: '5000' };

/** A second on a machine with little else to do. */
const SOON_MS = 8000;

/** @returns its exit code */
async function stop({ child, ended }: Running): Promise<number | null> {
  const told = performance.now();
  child.kill('SIGTERM');
  const code = await ended;
  expect(performance.now() - told).toBeLessThan(SOON_MS);
  return code;
}

const STATES: [string, (own: Awaited<ReturnType<typeof openNarrow>>) => Promise<unknown>][] = [
  ['without rights', ({ change }) => change('-@all')],
  ['without its user', ({ admin }) => admin.call('ACL', 'DELUSER', 'narrow')],
  ['with a Redis that has become a replica', ({ admin }) => admin.replicaof('127.0.0.1', '1')],
  ['with the valve locked', ({ producer }) => producer.hold()],
  ['with its campaign paused', ({ producer }) => producer.pause('spring')],
];

/** Five workers start at once. */
const SLOW = 240_000;

test('whatever state it is in, a worker that is told to stop stops', {
  timeout: SLOW,
}, async () => {
  const stopIn = async ([state, bring]: (typeof STATES)[number]) => {
    const own = await openNarrow();
    await own.producer.send(
      { rows: [{ to: '+6591234567' }] },
      { campaign: 'spring', template: 'promo', startAt: Date.now() + 3_600_000 },
    );
    const worker = startVolley(['worker'], { ...own.env, ...GRACE });
    await worker.says('campaign attached');
    await bring(own);
    await sleep(1000);
    return [state, await stop(worker)];
  };
  const ended = await Promise.all(STATES.map(stopIn));
  expect(ended).toEqual(STATES.map(([state]) => [state, 0]));
});

test('a worker whose Redis says nothing is told to stop, and stops: one that runs, and one that starts', async () => {
  const { env, pid } = await openNarrow();
  const start = () => startVolley(['worker'], { ...env, ...GRACE });
  const running = start();
  await running.says('campaign attached');
  process.kill(pid, 'SIGSTOP');
  const codes = [await stop(running)];
  const starting = start();
  await sleep(2000);
  codes.push(await stop(starting));
  process.kill(pid, 'SIGCONT');
  expect(codes).toEqual([0, 0]);
});

test('a worker that starts without a Redis is told to stop, and stops', async () => {
  const { env, pid } = await openNarrow();
  process.kill(pid, 'SIGKILL');
  const worker = startVolley(['worker'], { ...env, ...GRACE });
  await worker.says('connection lost');
  expect(await stop(worker)).toBe(0);
});

test('a command that is renamed is named', async () => {
  const server = serverProgram(searchPath);
  const { env } = await createScene();
  const startOn = async (command: string) => {
    const socket = join(await temporaryFolder(), 'redis.sock');
    const args = [
      '--port',
      '0',
      '--unixsocket',
      socket,
      '--save',
      '',
      '--rename-command',
      command,
      '',
    ];
    const redis = spawn(server, args, { stdio: 'ignore' });
    onTestFinished(() => void redis.kill('SIGKILL'));
    // It waits for Redis.
    return run(VOLLEY, ['worker'], { env: { ...env, REDIS_URL: `unix://${socket}` } });
  };
  for (const command of ['EVALSHA', 'INFO']) {
    const { code, stderr } = await startOn(command);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`it does not know ${command}`)]);
  }
});
