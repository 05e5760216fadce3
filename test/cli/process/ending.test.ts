/**
 * With what each command that only prints ends where its output cannot be written: 1 where the disk is full, for what was
 * asked for is not there; as it would have otherwise where whoever reads it has gone.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aroundAll, describe, expect, test } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';
import { startSandbox } from '../../../src/sandbox/index.ts';
import { writeAll } from '../../support/programs.ts';
import { searchPath, withPrefix } from '../../support/redis.ts';
import { HEADER, listOf, runInto, type Scene, sceneWith, VOLLEY } from '../scene.ts';

let scene: Scene;
let folder: string;

/** One campaign that is done, and a worker that is up. */
aroundAll(async (runTests) => {
  await using sandbox = await startSandbox();
  await withPrefix(async (prefix) => {
    scene = sceneWith(sandbox, prefix);
    folder = await mkdtemp(join(tmpdir(), 'volley-ending-'));
    const worker = spawn(VOLLEY, ['worker'], { env: scene.env, stdio: 'ignore' });
    const ended = once(worker, 'exit');
    try {
      await writeAll(folder, {
        'list.csv': HEADER + listOf(3),
        'other.csv': HEADER + listOf(3, 100),
      });
      const args = ['--template', 'promo', '--params', 'name', '--campaign', 'done', '--wait'];
      const sent = await scene.volley('send', join(folder, 'list.csv'), ...args);
      expect(sent.code, sent.stderr).toBe(0);
      await runTests();
    } finally {
      worker.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    }
  });
});

const DRY_RUN = ['send', 'other.csv', '--template', 'promo', '--params', 'name', '--dry-run'];

/** Each as it is typed; a file stands in the folder. */
const COMMANDS: string[][] = [
  ['status'],
  ['status', 'done', '--json'],
  ['campaigns'],
  ['audit', 'done'],
  ['audit', 'done', '--format', 'csv'],
  ['audit', 'done', '--format', 'list', '--state', 'accepted'],
  ['verify', 'done', '--json'],
  ['rate'],
  ['suppress', 'check', '+6591234567'],
  ['suppress', 'count', '--json'],
  ['replay', 'done', '--dry-run'],
  DRY_RUN,
  [...DRY_RUN, '--json'],
  ['doctor', '--json'],
  ['healthcheck'],
];

/** The same, of those that need no Redis. */
const PRINTED: string[][] = [
  ['--help'],
  ['--version'],
  ['help', 'send'],
  ['suppress', '--help'],
  ['completion', 'bash'],
];

const inFolder = (args: readonly string[]) =>
  args.map((word) => (word.endsWith('.csv') ? join(folder, word) : word));

describe('a full disk is 1, a reader who has gone is none of our business', () => {
  test.each(COMMANDS.map((args) => [args.join(' '), args] as const))('%s', async (_name, args) => {
    const words = inFolder(args);
    const [full, closed] = await Promise.all([
      runInto(scene, words, { stdout: 'full' }),
      runInto(scene, words, { stdout: 'closed' }),
    ]);
    expect(full).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^volley: standard output: not all could be written: ENOSPC: .*\n$/,
      ),
    });
    expect(closed).toMatchObject({ code: 0, stderr: '' });
  });

  test.each(PRINTED.map((args) => [args.join(' '), args] as const))('%s', async (_name, args) => {
    const bare = { env: { PATH: searchPath } };
    const [full, closed] = await Promise.all([
      runInto(bare, args, { stdout: 'full' }),
      runInto(bare, args, { stdout: 'closed' }),
    ]);
    expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining('ENOSPC') });
    expect(closed).toMatchObject({ code: 0, stderr: '' });
  });

  test('a full disk behind standard error stops nobody', async () => {
    const whole = await runInto(scene, ['status', 'done'], { stderr: 'full' });
    expect(whole).toMatchObject({ code: 0, stdout: expect.stringContaining('finished') });
  });

  test('every command is among these, or among those that change something', () => {
    const changing = ['demo', 'up', 'worker', 'sandbox', 'send', 'notify', 'pause', 'resume'];
    changing.push('cancel', 'forget', 'hold', 'release');
    const tried = [...COMMANDS, ...PRINTED].map(([name]) => name);
    for (const command of createProgram().commands) {
      expect([...changing, ...tried], command.name()).toContain(command.name());
    }
  });
});
