import { copyFile, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Ended, run, temporaryFolder, writeAll, writeProgram } from '../support/programs.ts';

const SETUP = new URL('../../scripts/setup.mjs', import.meta.url).pathname;

// as `npm ci` would: notes that it was called, and leaves a Node behind
const NPM = `
echo "$*" >>"$CALLS"
PATH=/usr/bin:/bin
mkdir -p node_modules/node/bin
printf '#!/bin/sh\\necho v24.21.0\\n' >node_modules/node/bin/node
chmod +x node_modules/node/bin/node
`;

/** A clone in an empty folder, on a machine that has only what is in `programs`. */
async function makeClone() {
  const root = await temporaryFolder();
  const programs = await temporaryFolder();
  await mkdir(join(root, 'scripts'));
  await copyFile(SETUP, join(root, 'scripts', 'setup.mjs'));
  await symlink(process.execPath, join(programs, 'node'));
  await symlink('/usr/bin/env', join(programs, 'env'));
  // so that the tests are the same for root and for others
  await writeProgram(join(programs, 'sudo'), 'shift; exec "$@"');
  await writeProgram(join(programs, 'npm'), NPM);
  await writeAll(root, { 'package.json': '{"scripts": {}}', 'package-lock.json': '{}' });

  const calls = join(programs, 'calls');
  return {
    root,
    program: (name: string, script: string) => writeProgram(join(programs, name), script),
    write: (files: Record<string, string>) => writeAll(root, files),
    setUp: (env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
      run(process.execPath, [join(root, 'scripts', 'setup.mjs')], {
        env: { PATH: programs, CALLS: calls, PROGRAMS: programs, ...env },
      }),
    calls: async () => (await readFile(calls, 'utf8')).trim().split('\n'),
  };
}

const SILENT = { code: 0, stdout: '', stderr: '' };
const INSTALLED = { code: 0, stdout: '', stderr: 'setup: installing the packages (npm ci)\n' };

test('installs the packages, and is silent the second time', async () => {
  const clone = await makeClone();
  await clone.program('redis-server', '');

  expect(await clone.setUp()).toMatchObject(INSTALLED);
  expect(await clone.setUp()).toMatchObject(SILENT);
  expect(await clone.calls()).toHaveLength(1);
});

test('installs development packages in production too, for Node is one of them', async () => {
  const clone = await makeClone();
  await clone.setUp({ REDIS_URL: 'redis://127.0.0.1:1', NODE_ENV: 'production' });
  expect(await clone.calls()).toEqual([expect.stringContaining('ci --include=dev')]);
});

test('installs again when the packages changed, and not when a script did', async () => {
  const clone = await makeClone();
  await clone.program('valkey-server', '');
  await clone.setUp();

  await clone.write({ 'package.json': '{"scripts": {"new": "true"}}' });
  expect(await clone.setUp()).toMatchObject(SILENT);
  await clone.write({ 'package-lock.json': '{"packages": {}}' });
  expect(await clone.setUp()).toMatchObject(INSTALLED);
});

test('starts over after it was killed half-way', async () => {
  const clone = await makeClone();
  await clone.program('redis-server', '');
  await clone.program('npm', `${NPM} kill -9 $PPID`);
  expect(await clone.setUp()).toMatchObject({ code: null });

  await clone.program('npm', NPM);
  expect(await clone.setUp()).toMatchObject({ code: 0 });
  expect(await clone.calls()).toHaveLength(2);
  expect(await clone.setUp()).toMatchObject(SILENT);
});

test('fails when npm does, and tries again the next time', async () => {
  const clone = await makeClone();
  await clone.program('redis-server', '');
  await clone.program('npm', 'echo "no network" >&2; exit 7');
  expect(await clone.setUp()).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/no network\nsetup: npm ci failed \(exit code 7\)\n$/),
  });

  await clone.program('npm', NPM);
  expect(await clone.setUp()).toMatchObject(INSTALLED);
});

test('two at once install once', async () => {
  const clone = await makeClone();
  await clone.program('redis-server', '');
  const ended = await Promise.all([clone.setUp(), clone.setUp(), clone.setUp()]);
  expect(ended.map((each) => each.code)).toEqual([0, 0, 0]);
  expect(await clone.calls()).toHaveLength(1);
});

test('installs a Redis where there is none, and refreshes the list of packages when it has to', async () => {
  const clone = await makeClone();
  await clone.program(
    'apt-get',
    `echo "apt-get $1" >>"$CALLS"
    case $1 in
      update) : >"$PROGRAMS/lists" ;;
      install) [ -e "$PROGRAMS/lists" ] && /bin/cp "$PROGRAMS/sudo" "$PROGRAMS/redis-server" ;;
    esac`,
  );
  const first = await clone.setUp();
  expect(first).toMatchObject({ code: 0 });
  expect(first.stderr).toMatch(/^setup: installing redis-server with (sudo -n )?apt-get$/m);
  expect(await clone.calls()).toContain('apt-get update');
  expect(await clone.setUp()).toMatchObject(SILENT);
});

test('says what would help when it cannot install a Redis', async () => {
  const clone = await makeClone();
  await clone.program('apk', 'echo "ERROR: no such package"; exit 1');
  const { code, stderr } = await clone.setUp();
  expect(code).toBe(1);
  expect(stderr).toMatch(/no such package.*apk add redis; or set REDIS_URL/);
});
