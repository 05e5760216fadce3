// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lockValve } from '../../src/shared/fleet/valve.ts';
import { run, temporaryFolder, writeAll } from '../support/programs.ts';
import { connect } from '../support/redis.ts';
import {
  createScene,
  freePort,
  HEADER,
  listOf,
  patiently,
  type Running,
  type Scene,
  startVolley,
  VOLLEY,
} from './scene.ts';

async function enqueue({ volley }: Scene, rows: number, id: string): Promise<void> {
  const folder = await temporaryFolder();
  await writeAll(folder, { 'list.csv': HEADER + listOf(rows) });
  const args = ['--template', 'promo', '--params', 'name', '--campaign', id];
  expect(await volley('send', join(folder, 'list.csv'), ...args)).toMatchObject({ code: 0 });
}

describe('volley rate', () => {
  const OFFERED = { rate: 40, recipient_rate: 900, set_by: 'environment' };

  async function workerOffering({ env }: Scene, changes: NodeJS.ProcessEnv): Promise<Running> {
    const worker = startVolley(['worker'], { ...env, ...changes });
    await worker.says('worker started');
    return worker;
  }

  test('says what holds where nobody has said anything', async () => {
    const { json, volley } = await createScene();
    expect(await json('rate', '--json')).toEqual({
      rate: 50,
      recipient_rate: null,
      set_by: 'default',
      sending_per_s: 0,
    });
    expect(await volley('rate')).toMatchObject({
      code: 0,
      stderr: '',
      stdout: 'at most 50 requests/s, recipients without limit (nobody has set it); now 0/s\n',
    });
  });

  test('stands above the environment of workers, also of later ones, until it is reset', async () => {
    const scene = await createScene();
    const { json } = scene;
    await workerOffering(scene, { VOLLEY_RATE: '40', VOLLEY_RECIPIENT_RATE: '900' });
    expect(await json('rate', '--json')).toMatchObject(OFFERED);

    const operators = { rate: 80, recipient_rate: 5000, set_by: 'operator' };
    expect(await json('rate', '80', '--recipients', '5000', '--json')).toMatchObject(operators);
    const later = await workerOffering(scene, { VOLLEY_RATE: '60' });
    expect(later.output().stderr).toContain('"setBy":"operator"');
    expect(await json('rate', '--json')).toMatchObject(operators);
    expect(await json('status', '--json')).toMatchObject({ rate: 80, recipient_rate: 5000 });

    const without = { ...operators, recipient_rate: null };
    expect(await json('rate', '--recipients', 'none', '--json')).toMatchObject(without);
    expect(await json('rate', '--reset', '--json')).toMatchObject({ ...OFFERED, rate: 60 });
  });

  test('back to the default where no worker has offered anything', async () => {
    const { json } = await createScene();
    await json('rate', '80', '--recipients', '7', '--json');
    const status = { rate: 50, recipient_rate: null, set_by: 'default' };
    expect(await json('rate', '--reset', '--json')).toMatchObject(status);
  });

  test('acts on workers that are running', async () => {
    const scene = await createScene();
    const { json, sandbox } = scene;
    await json('rate', '1', '--json');
    await workerOffering(scene, {});
    await enqueue(scene, 2000, 'spring');
    await expect.poll(() => sandbox.stats().texts, patiently).toBeGreaterThan(0);
    // At 1/s it would take half an hour.
    await json('rate', '5000', '--json');
    await expect.poll(() => sandbox.stats().texts, patiently).toBe(2000);
  });

  test.for([
    [['0'], 'requests: expected a number above 0, got "0"'],
    [['fast'], 'requests: expected a number above 0, got "fast"'],
    [['-5'], 'requests: expected a number above 0, got "-5"'],
    [['--recipients', '0'], '--recipients: expected a number above 0, got "0"'],
    [['80', '--reset'], '--reset: expected no limits beside it, got "80"'],
  ] as const)('refuses %j, and changes nothing', async ([args, message]) => {
    const { volley, keys } = await createScene();
    const refused = await volley('rate', ...args);
    expect(refused).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
    expect(await connect().exists(keys.fleet.limits)).toBe(0);
  });
});

describe('volley hold', () => {
  /** Until every request that had its permit before has ended. */
  async function settled({ json }: Scene, since: number): Promise<void> {
    await expect
      .poll(async () => (await json('status', '--json'))['workers'], patiently)
      .toSatisfy((workers: { seen_at: number; in_flight: number }[]) =>
        workers.every(({ seen_at, in_flight }) => seen_at > since + 1000 && in_flight === 0),
      );
  }

  test('stops a campaign under way until it is released, also over a restart', async () => {
    const scene = await createScene();
    const { json, volley, sandbox, startWorker } = scene;
    const first = await startWorker();
    await json('rate', '200', '--json');
    await enqueue(scene, 1000, 'spring');
    await expect.poll(() => sandbox.stats().texts, patiently).toBeGreaterThan(20);

    const held = await volley('hold', '--detail', 'wrong prices');
    expect(held).toMatchObject({
      code: 0,
      stdout: 'held: nothing further is sent until volley release\n',
    });
    await settled(scene, Date.now());
    const { texts } = sandbox.stats();
    expect(texts).toBeLessThan(1000);

    const lock = {
      reason: 'operator',
      since: expect.any(Number),
      until: null,
      detail: 'wrong prices',
    };
    expect(await json('status', '--json')).toMatchObject({ valve: [lock] });
    expect(await json('status', 'spring', '--json')).toMatchObject({
      valve: [lock],
      pending: 1000 - texts,
    });
    expect((await volley('status')).stdout).toMatch(/operator since .*, until released: wrong/);
    expect((await volley('hold')).stdout).toBe('it was held already\n');
    expect(await json('release', '--reason', 'throttled', '--json')).toEqual({
      released: [],
      valve: [lock],
    });
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    await startWorker();
    await settled(scene, Date.now());
    expect(sandbox.stats().texts).toBe(texts);

    await json('rate', '5000', '--json');
    expect(await json('release', '--json')).toEqual({ released: ['operator'], valve: [] });
    await expect.poll(() => sandbox.stats().texts, patiently).toBe(1000);
    expect(sandbox.stats().most_texts).toBe(1);
    expect((await volley('release')).stdout).toBe('nothing was locked\n');
  });

  test('is released by its reason alone', async () => {
    const { json, volley } = await createScene();
    await volley('hold');
    expect(await volley('release', '--reason', 'operator')).toMatchObject({
      code: 0,
      stdout: 'released: operator\n',
    });
    expect(await json('status', '--json')).toMatchObject({ valve: [] });
    expect(await volley('release', '--reason', 'boredom')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--reason: expected throttled or outage or'),
    });
  });

  test('leaves a wrong far end locked, and says what opens it', async () => {
    const { json, keys, volley } = await createScene();
    const detail = '20 replies in a row that EngageLab cannot have written, the last: HTTP 404';
    const lock = { reason: 'far_end', since: Date.now(), detail } as const;
    await lockValve(connect(), keys.fleet, lock);
    await volley('hold');
    expect((await volley('doctor')).stdout).toContain('volley release --reason far_end');
    const { code, stdout } = await volley('release');
    expect(code).toBe(0);
    expect(stdout).toContain('released: operator\nstill locked: far_end since ');
    expect(stdout).toContain(`${detail}\nThat one is opened by its name: volley release --reason`);
    expect((await volley('release')).stdout).toMatch(
      /^nothing was released\nstill locked: far_end/,
    );
    expect((await volley('status')).stdout).toMatch(/far_end since .*, until released: 20 replies/);
    expect(await json('release', '--reason', 'far_end', '--json')).toEqual({
      ...{ released: ['far_end'], valve: [] },
    });
    expect(await json('status', '--json')).toMatchObject({ valve: [] });
  });
});

describe('volley notify', () => {
  const TO = '+6591234567';
  const args = ['--to', TO, '--template', 'otp', '--param', 'code=4711'];

  test('enqueues one message, once for a key', async () => {
    const { json, volley } = await createScene();
    const command = ['notify', ...args, '--dedupe-key', 'login-1'];
    const first = await json(...command, '--json');
    expect(first).toEqual({ message: expect.stringMatching(/^n-.+\.0$/), deduplicated: false });
    const second = await volley(...command);
    expect(second).toMatchObject({
      code: 0,
      stdout: `${first['message']}: it had been enqueued before, under this key\n`,
      stderr: expect.stringContaining('warning: no worker is running'),
    });
    const notifications = { recipients: 1, pending: 1, balanced: true };
    expect(await json('status', 'notifications', '--json')).toMatchObject(notifications);
  });

  test('waits for its result: 0 where it was accepted, 3 where not', async () => {
    const { sandbox, startWorker, volley } = await createScene({ on_template: { bad: '3003' } });
    await startWorker();
    const accepted = await volley('notify', ...args, '--wait', '--json');
    expect(accepted).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(accepted.stdout)).toMatchObject({
      campaign: 'notifications',
      message: expect.stringMatching(/^n-.+\.0$/),
      deduplicated: false,
      state: 'accepted',
      to: [TO],
      params: { code: '4711' },
      attempts: [{ outcome: 'accepted' }],
      finished_at: expect.any(Number),
    });
    expect(sandbox.textsTo(TO)).toMatchObject({ count: 1, params: { code: '4711' } });

    const rejected = await volley('notify', '--to', TO, '--template', 'bad', '--wait');
    expect(rejected).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/: enqueued\nrejected: .*\n$/),
    });
  });

  test('is left to go on by Ctrl-C', async () => {
    const { start, json } = await createScene();
    const waiting = start('notify', ...args, '--wait');
    await waiting.says('no worker is running');
    waiting.child.kill('SIGINT');
    expect(await waiting.ended).toBe(1);
    const { stderr } = waiting.output();
    expect(stderr).toMatch(/\nvolley: notification n-\S+ goes on without this command\n$/);
    expect(await json('status', 'notifications', '--json')).toMatchObject({ pending: 1 });
  });

  test.for([
    ['a bad number', ['--to', '12', '--template', 'otp'], 'to: expected'],
    ['no number', ['--template', 'otp'], "required option '--to <number>' not specified"],
    ['an end that is over', [...args, '--not-after', '2020-01-01T00:00:00Z'], 'a time ahead'],
    ['an end without an offset', [...args, '--not-after', '2030-01-01T00:00'], 'an offset'],
    ['a param without a value', [...args, '--param', 'x'], '--param: expected NAME=VALUE'],
  ] as const)('refuses %s, and lays nothing', async ([, wrong, message]) => {
    const { volley, keys } = await createScene();
    const refused = await volley('notify', ...wrong);
    expect(refused).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
    expect(refused.stderr).not.toMatch(/^\s+at /m);
    expect(await connect().keys(`${keys.prefix}*`)).toEqual([]);
  });

  test('fails where Redis is away', async () => {
    const { env } = await createScene();
    const url = `redis://127.0.0.1:${await freePort()}`;
    const failed = await run(VOLLEY, ['notify', ...args], { env: { ...env, REDIS_URL: url } });
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toMatch(/^volley: Redis at redis:.*ECONNREFUSED.*\n$/);
  });
});
