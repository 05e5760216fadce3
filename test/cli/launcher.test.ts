import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run, temporaryFolder, writeAll, writeProgram } from '../support/programs.ts';
import { searchPath } from '../support/redis.ts';

const LAUNCHER = new URL('../../bin/volley', import.meta.url).pathname;

const MAIN = `
const { pid, argv } = process;
process.once('SIGTERM', () => process.exit(5));
console.log(JSON.stringify({ pid, file: argv[1], args: argv.slice(2) }));
if (argv[2] === 'wait') setInterval(() => {}, 1000);
`;

/** A folder with the launcher and these files. */
async function makePackage(files: Record<string, string>) {
  const root = await temporaryFolder();
  await writeAll(root, files);
  await mkdir(join(root, 'bin'));
  await copyFile(LAUNCHER, join(root, 'bin', 'volley'));
  await chmod(join(root, 'bin', 'volley'), 0o755);
  return { root, volley: join(root, 'bin', 'volley') };
}

/** Finds a Node of this version first on the PATH; any will do for `--version` alone. */
async function pathWithNode(version: string): Promise<string> {
  const dir = await temporaryFolder();
  await writeProgram(join(dir, 'node'), `echo ${version}`);
  return `${dir}:${searchPath}`;
}

async function makeClone() {
  const clone = await makePackage({
    'package.json': '{"type": "module"}',
    'src/cli/main.ts': `const typed: string = '';${MAIN}`,
    'node_modules/node/bin/readme': '',
  });
  await symlink(process.execPath, join(clone.root, 'node_modules/node/bin/node'));
  return clone;
}

async function makeInstalled() {
  return await makePackage({ 'package.json': '{"type": "module"}', 'dist/cli/main.js': MAIN });
}

const env = { PATH: searchPath };

test('runs the sources of a clone on its own Node, whatever Node is on the PATH', async () => {
  const { root, volley } = await makeClone();
  const ended = await run(volley, ['send', 'a b', ''], {
    env: { PATH: await pathWithNode('v18.0.0') },
  });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(ended.stdout)).toMatchObject({
    file: join(root, 'src/cli/main.ts'),
    args: ['send', 'a b', ''],
  });
});

test('finds its package through links, from any folder', async () => {
  const { root, volley } = await makeClone();
  const elsewhere = await temporaryFolder();
  await mkdir(join(elsewhere, 'bin'));
  await symlink(volley, join(elsewhere, 'bin', 'first'));
  await symlink('bin/first', join(elsewhere, 'second'));

  const ended = await run('./second', [], { cwd: elsewhere, env });
  expect(JSON.parse(ended.stdout)).toMatchObject({ file: join(root, 'src/cli/main.ts') });
});

test('runs what was built where there are no sources', async () => {
  const { root, volley } = await makeInstalled();
  const ended = await run(volley, ['--help'], { env });
  expect(JSON.parse(ended.stdout)).toMatchObject({
    file: join(root, 'dist/cli/main.js'),
    args: ['--help'],
  });
});

test('says which Node it needs and which it found', async () => {
  const { volley } = await makeInstalled();
  for (const version of ['v20.20.2', 'v22.18.9']) {
    const ended = await run(volley, [], { env: { PATH: await pathWithNode(version) } });
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain(`expected Node 22.19 or newer on the PATH, found ${version} (`);
  }
});

test('says what to do in a clone that is not set up', async () => {
  const { root, volley } = await makePackage({ 'src/cli/main.ts': MAIN });
  expect(await run(volley, [], { env })).toMatchObject({
    code: 1,
    stderr: `volley: the packages are not installed. This would help: cd ${root} && npm run setup\n`,
  });
});

test('becomes the command, so that a signal arrives once and its exit code is ours', async () => {
  const { volley } = await makeClone();
  const child = spawn(volley, ['wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  expect(JSON.parse(String(line))).toMatchObject({ pid: child.pid });

  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([5, null]);
});
