/** A Redis that does not let us do what is needed, and a worker that is told to stop in whatever state it is. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createProducer } from '../../src/producer/producer.ts';
import { run } from '../support/programs.ts';
import {
  createScene,
  fileWith,
  HEADER,
  listOf,
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

/** Long before the grace of a stop, and not asserted to be so: a worker that is deaf ends with 1 after it. */
const GRACE = { VOLLEY_SHUTDOWN_GRACE_MS: '15000', VOLLEY_REQUEST_TIMEOUT_MS: '5000' };

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
    worker.child.kill('SIGTERM');
    return [state, await worker.ended];
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
  running.child.kill('SIGTERM');
  const codes = [await running.ended];
  const starting = start();
  await sleep(2000);
  starting.child.kill('SIGTERM');
  codes.push(await starting.ended);
  process.kill(pid, 'SIGCONT');
  expect(codes).toEqual([0, 0]);
});
