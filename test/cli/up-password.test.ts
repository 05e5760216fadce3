import { spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { run, temporaryFolder } from '../support/programs.ts';
import { createScene, freePort, startVolley, VOLLEY } from './scene.ts';

const NOBODY = 65_534;

/** A user of a machine: a folder of theirs for such files, and a `volley up` on a port of its own. */
async function openUser() {
  const { env } = await createScene();
  const base = await temporaryFolder();
  const [runtime, state] = [join(base, 'run'), join(base, 'state')];
  await mkdir(runtime);
  const own = {
    ...env,
    XDG_RUNTIME_DIR: runtime,
    XDG_STATE_HOME: state,
    VOLLEY_LOG_LEVEL: 'debug',
  };
  const at = (port: number) => ({ ...own, REDIS_URL: `redis://127.0.0.1:${port}` });
  return {
    at,
    base,
    fileOf: (port: number) => join(runtime, 'volley', `up-${port}.json`),
    files: async () => [
      ...(await readdir(join(runtime, 'volley'))),
      ...(await readdir(join(state, 'volley'))),
    ],
    volley: (port: number, ...args: string[]) => run(VOLLEY, args, { env: at(port) }),
    async up(data: string, port: number) {
      const up = startVolley(['up', '--data', data, '--port', String(port)], own);
      await up.says('other commands of this user find');
      return up;
    },
  };
}

async function passwordIn(file: string): Promise<string> {
  return String(Object(JSON.parse(await readFile(file, 'utf8'))).password);
}

test("its user's commands find the password, nobody is shown it, and it goes with a stop", async () => {
  const { up, volley, fileOf, files } = await openUser();
  const data = await temporaryFolder();
  const port = await freePort();
  const first = await up(data, port);
  const password = await passwordIn(fileOf(port));

  expect((await stat(fileOf(port))).mode & 0o777).toBe(0o600);
  expect((await stat(join(data, 'up.conf'))).mode & 0o777).toBe(0o600);
  const looks = [['status'], ['doctor'], ['doctor', '--json'], ['hold'], ['healthcheck']];
  const printed = await Promise.all(looks.map((args) => volley(port, ...args)));
  for (const { code, stderr } of printed) expect([code, stderr]).toEqual([0, '']);
  const ps = await run('/bin/ps', ['-ewwo', 'args'], { env: {} });
  expect(ps.stdout).toContain(join(data, 'up.conf'));

  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);
  const told = [first.output(), ps, ...printed].map(({ stdout, stderr }) => stdout + stderr);
  expect(told.filter((each) => each.includes(password))).toEqual([]);
  expect(await files()).toEqual([]);

  // A worker beside it, or a URL that it was put into, comes back to a restarted one.
  const second = await up(data, port);
  expect(await passwordIn(fileOf(port))).toBe(password);
  second.child.kill('SIGTERM');
  await second.ended;
});

test('several side by side are told apart, and what a killed one left misleads nobody', {
  timeout: 240_000,
}, async () => {
  const { up, volley, at, fileOf, files } = await openUser();
  const folders = await Promise.all([temporaryFolder(), temporaryFolder(), temporaryFolder()]);
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const [one = 0, two = 0, three = 0] = ports;
  const [killed, other] = await Promise.all([
    up(String(folders[0]), one),
    up(String(folders[1]), two),
  ]);
  expect(await passwordIn(fileOf(one))).not.toBe(await passwordIn(fileOf(two)));
  const found = await Promise.all([one, two].map((port) => volley(port, 'status')));
  expect(found.map(({ code }) => code)).toEqual([0, 0]);

  killed.child.kill('SIGKILL');
  await killed.ended;
  expect(await files()).toContain(`up-${one}.json`);
  const away = await volley(one, 'status');
  expect(away.code).toBe(1);
  expect(away.stderr).toMatch(/ECONNREFUSED|Connection is closed|no answer/);
  const third = await up(String(folders[2]), three);
  expect((await files()).sort()).toEqual(
    [two, two, three, three].map((port) => `up-${port}.json`).sort(),
  );
  const worker = startVolley(['worker'], at(three));
  await worker.says('worker started');
  const running = [worker, other, third];
  for (const { child } of running) child.kill('SIGTERM');
  expect(await Promise.all(running.map(({ ended }) => ended))).toEqual([0, 0, 0]);
});

test('another user is told what to set', async ({ skip }) => {
  skip(process.getuid?.() !== 0, 'only root may be somebody else for a moment');
  const { up, at, base, fileOf } = await openUser();
  const asNobody = async (...args: string[]) => {
    const env = { ...at(port), HOME: '/nonexistent' };
    const options = { env, uid: NOBODY, gid: NOBODY, cwd: '/' } as const;
    const child = spawn(VOLLEY, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    return await Promise.all([text(child.stdout), text(child.stderr)]).catch(() => ['', '']);
  };
  const port = await freePort();
  const [version = ''] = await asNobody('--version');
  skip(version === '', 'another user may not read this tree');
  const running = await up(await temporaryFolder(), port);
  const words = `it wants a password; give it in REDIS_URL, as in redis://:PASSWORD@127.0.0.1:${port}`;

  // Though the way to the file is open.
  for (const folder of [base, join(base, 'run'), join(base, 'run', 'volley')]) {
    await chmod(folder, 0o755);
  }
  const [, refused] = await asNobody('status');
  expect(refused).toContain(words);
  expect(refused).toContain(`${fileOf(port)} is not used: this user may not read it`);
  await chmod(fileOf(port), 0o644);
  expect((await asNobody('status'))[1]).toContain('it belongs to another user');
  running.child.kill('SIGTERM');
  await running.ended;
});
