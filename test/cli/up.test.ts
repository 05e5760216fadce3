import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { run, temporaryFolder, writeAll } from '../support/programs.ts';
import {
  createScene,
  freePort,
  HEADER,
  listOf,
  patiently,
  type Scene,
  startOwnRedis,
  startVolley,
  VOLLEY,
} from './scene.ts';

/** A machine of its own: a folder for the data, a port, and a list to send. */
async function openMachine() {
  const scene = await createScene();
  const data = await temporaryFolder();
  const port = await freePort();
  const files = await temporaryFolder();
  await writeAll(files, { 'list.csv': HEADER + listOf(300) });
  const env = {
    ...scene.env,
    REDIS_URL: `redis://127.0.0.1:${port}`,
    VOLLEY_LOCK_MS: '1000',
    // The password of its Redis goes to a folder of this user.
    XDG_RUNTIME_DIR: files,
    XDG_STATE_HOME: files,
  };
  const args = [join(files, 'list.csv'), '--template', 'promo', '--params', 'name'];
  return {
    ...scene,
    env,
    data,
    port,
    claim: join(data, 'up.json'),
    volley: (...args: string[]) => run(VOLLEY, args, { env }),
    send: (id: string, ...more: string[]) =>
      run(VOLLEY, ['send', ...args, '--campaign', id, ...more], { env }),
    async up(changes: NodeJS.ProcessEnv = {}) {
      const up = startVolley(['up', '--data', data, '--port', String(port)], {
        ...env,
        ...changes,
      });
      await up.says('campaign attached');
      return up;
    },
    refusedUp: (folder: string, port: number, changes: NodeJS.ProcessEnv = {}) =>
      run(VOLLEY, ['up', '--data', folder, '--port', String(port)], {
        env: { ...env, ...changes },
      }),
  };
}

async function redisPid(claim: string): Promise<number> {
  return Number(Object(JSON.parse(await readFile(claim, 'utf8'))).redis?.pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const textsIn = ({ sandbox }: Pick<Scene, 'sandbox'>) => sandbox.stats().texts;

test('sends a campaign, stops with no server left, and has the data when started again', async () => {
  const machine = await openMachine();
  const first = await machine.up();
  expect(await machine.send('spring', '--wait')).toMatchObject({ code: 0 });
  expect(machine.sandbox.stats()).toMatchObject({ texts: 300, most_texts: 1 });
  const server = await redisPid(machine.claim);
  expect(isAlive(server)).toBe(true);

  first.child.kill('SIGTERM');

  expect(await first.ended).toBe(0);
  expect(isAlive(server)).toBe(false);
  expect(await readdir(machine.data)).not.toContain('up.json');
  expect(first.output().stdout).toBe(
    `up: Redis at redis://127.0.0.1:${machine.port}, data in ${machine.data}\n`,
  );

  const second = await machine.up();
  expect(await machine.volley('verify', 'spring')).toMatchObject({ code: 0 });
  second.child.kill('SIGINT');
  expect(await second.ended).toBe(0);
});

test('killed with jobs waiting, it delivers them when started again, and texts nobody twice', async () => {
  const machine = await openMachine();
  const killed = await machine.up({ VOLLEY_RATE: '100' });
  expect(await machine.send('spring')).toMatchObject({ code: 0 });
  await expect.poll(() => textsIn(machine), patiently).toBeGreaterThan(5);

  killed.child.kill('SIGKILL');
  await killed.ended;
  expect(textsIn(machine)).toBeLessThan(300);

  const again = await machine.up();
  // 3 where a request was under way: whether it arrived, nobody knows.
  expect([0, 3]).toContain((await machine.send('spring', '--wait')).code);
  const status = await machine.volley('status', 'spring', '--json');
  const { accepted, unconfirmed } = JSON.parse(status.stdout);
  expect(JSON.parse(status.stdout)).toMatchObject({ recipients: 300, pending: 0, balanced: true });
  expect(accepted + unconfirmed).toBe(300);
  expect(textsIn(machine)).toBeGreaterThanOrEqual(accepted);
  expect(machine.sandbox.stats().most_texts).toBe(1);
  expect(await machine.volley('verify', 'spring')).toMatchObject({ code: 0 });
  again.child.kill('SIGTERM');
  expect(await again.ended).toBe(0);
});

test('a second one on the same folder is refused, and the first goes on', async () => {
  const machine = await openMachine();
  const first = await machine.up();

  expect(await machine.refusedUp(machine.data, await freePort())).toEqual({
    pid: expect.any(Number),
    code: 2,
    stdout: '',
    stderr: `volley: ${machine.data}: another volley up (process ${first.child.pid}) uses it; stop that one, or choose another --data\n`,
  });

  expect(await machine.send('spring', '--wait')).toMatchObject({ code: 0 });
  expect(first.child.exitCode).toBe(null);
});

test('one whose Redis is slow still has its folder', async () => {
  const machine = await openMachine();
  const first = await machine.up();
  const server = await redisPid(machine.claim);
  process.kill(server, 'SIGSTOP');
  const refused = await machine.refusedUp(machine.data, await freePort());
  process.kill(server, 'SIGCONT');
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('another volley up') });
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);
});

test('a claim left by a crash does not stand in the way, whoever has its process id now', async () => {
  const machine = await openMachine();
  const foreign = spawn('/bin/sh', ['-c', 'read -r _'], { stdio: ['pipe', 'ignore', 'ignore'] });
  onTestFinished(() => void foreign.kill());
  const redis = { pid: foreign.pid, port: await freePort() };
  const claim = { pid: foreign.pid, since: Date.now(), redis };
  await writeAll(machine.data, { 'up.json': JSON.stringify(claim) });
  const up = await machine.up();
  expect(JSON.parse(await readFile(machine.claim, 'utf8'))).toMatchObject({ pid: up.child.pid });
});

test('a claim cut short by a crash does not stand in the way', async () => {
  const machine = await openMachine();
  await writeAll(machine.data, { 'up.json': '{"pid":' });
  await machine.up();
});

test('of several that find a claim left by a crash at once, one has the folder', async () => {
  const machine = await openMachine();
  const redis = { pid: 2 ** 22 + 2, port: await freePort() };
  const claim = JSON.stringify({ pid: 2 ** 22 + 1, since: 0, redis });
  const path = JSON.stringify(join(import.meta.dirname, '../../src/local-redis/kept-redis.ts'));
  const program = `
    import { startKeptRedis } from ${path};
    const [folder, port, at] = process.argv.slice(1);
    while (Date.now() < Number(at));
    const redis = await startKeptRedis(folder, Number(port), process.env.PATH).catch(() => {});
    console.log(redis ? 'started' : 'refused');
    // The others have looked by then.
    setTimeout(() => void redis?.stop(), 2000);`;
  for (let round = 0; round < 4; round++) {
    await writeAll(machine.data, { 'up.json': claim });
    const at = Date.now() + 3000;
    const start = async (port: number) => {
      const args = ['--input-type=module', '-e', program, machine.data, String(port), String(at)];
      return (await run(process.execPath, args, { env: machine.env })).stdout;
    };
    const ports = [await freePort(), await freePort(), await freePort(), await freePort()];
    const told = (await Promise.all(ports.map(start))).sort();
    expect(told).toEqual(['refused\n', 'refused\n', 'refused\n', 'started\n']);
  }
  expect((await readdir(machine.data)).filter((name) => name.startsWith('up.json'))).toEqual([]);
}, 60_000);

test('a port in use is named', async () => {
  const machine = await openMachine();
  const { port } = await startOwnRedis();
  const refused = await machine.refusedUp(machine.data, port);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(
    new RegExp(`^volley: port ${port} is taken, .* another --port\n$`),
  );
  expect(await readdir(machine.data)).not.toContain('up.json');
});

test('without credentials it makes and starts nothing', async () => {
  const machine = await openMachine();
  const folder = join(machine.data, 'new');
  const refused = await machine.refusedUp(folder, machine.port, { ENGAGELAB_DEV_SECRET: '' });
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toMatch(/^volley: ENGAGELAB_DEV_KEY and ENGAGELAB_DEV_SECRET: .*\n$/);
  expect(await readdir(machine.data)).toEqual([]);
});

test.for([
  ['a file', 'file', '--data: expected a folder, got a file: '],
  ['a folder below a file', 'file/folder', 'ENOTDIR'],
])('wants a folder, not %s', async ([, name = '', words = '']) => {
  const machine = await openMachine();
  await writeAll(machine.data, { file: '' });
  const refused = await machine.refusedUp(join(machine.data, name), machine.port);
  expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(words) });
  expect(refused.stderr.split('\n')).toHaveLength(2);
});

test('ends when its Redis does', async () => {
  const machine = await openMachine();
  const up = await machine.up();
  process.kill(await redisPid(machine.claim), 'SIGKILL');
  expect(await up.ended).toBe(1);
  expect(up.output().stderr).toContain('the embedded Redis ended by itself; stopping');
  expect(await readdir(machine.data)).not.toContain('up.json');
});
