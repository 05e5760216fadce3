import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { startEmbeddedRedis } from '../../src/local-redis/embedded-redis.ts';
import { run } from '../support/programs.ts';
import { searchPath } from '../support/redis.ts';
import { VOLLEY } from './scene.ts';

const env = { PATH: searchPath };
const volley = (...args: string[]) => run(VOLLEY, args, { env });

test('prints its version', async () => {
  const { version } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  expect(await volley('--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('every command has help with an example, no wider than a terminal', () => {
  const program = createProgram();
  const commands = [
    program,
    ...program.commands,
    ...program.commands.flatMap((each) => each.commands),
  ];
  for (const command of commands) {
    let help = '';
    command
      .configureOutput({
        writeOut: (text) => {
          help += text;
        },
        getOutHelpWidth: () => 80,
      })
      .outputHelp();
    expect(help).toMatch(new RegExp(`^Usage: (volley .*)?${command.name()} `));
    expect(help, command.name()).toContain('Examples:');
    const lines = help.split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  }
});

test('prints its help on standard output when it is asked for', async () => {
  const { code, stdout, stderr } = await volley('--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const name of [
    'demo',
    'worker',
    'send',
    'campaigns',
    'status',
    'audit',
    'verify',
    'sandbox',
  ])
    expect(stdout).toContain(`  ${name}`);
});

test.for([
  [[], 'Usage: volley'],
  [['xyzzy'], "volley: unknown command 'xyzzy'\nvolley --help lists the commands\n"],
  [['stat'], "volley: unknown command 'stat'\n(Did you mean status?)"],
  [['status', '--jsn'], "volley: unknown option '--jsn'\n(Did you mean --json?)"],
  [['verify'], "volley: missing required argument 'id'\nvolley verify --help lists its options\n"],
  [['status', 'a', 'b'], 'volley: too many arguments'],
  [['sandbox', '--port', 'x'], 'volley: sandbox: --port: expected a port from 0 to 65535'],
] as const)('exits 2 for %j', async ([args, message]) => {
  const ended = await volley(...args);
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
});

test('exits 2 for settings that are wrong, and names each', async () => {
  const wrong = { ...env, VOLLEY_RATE: 'fast', VOLLEY_CONCURRENCY: '0' };
  const { code, stderr } = await run(VOLLEY, ['status'], { env: wrong });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^volley: VOLLEY_RATE: .*\nvolley: VOLLEY_CONCURRENCY: .*\n$/);
});

test('exits 1 with one line where Redis is away', async () => {
  const away = { ...env, REDIS_URL: 'redis://127.0.0.1:1' };
  for (const args of [['status'], ['campaigns'], ['audit', 'a'], ['verify', 'a']]) {
    const { code, stdout, stderr } = await run(VOLLEY, args, { env: away });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^volley: Redis at redis:\/\/127\.0\.0\.1:1: .*ECONNREFUSED.*\n$/);
  }
});

test('says what a Redis wants that does not do as it must', async () => {
  const redis = await startEmbeddedRedis({ path: searchPath, appendfsync: 'everysec' });
  const admin = new Redis(redis.url);
  try {
    const own = { ...env, REDIS_URL: redis.url };
    await admin.replicaof('127.0.0.1', '1');
    const args = ['send', '-', '--campaign', 'a', '--template', 'b'];
    expect(await run(VOLLEY, args, { env: own })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'it is a replica, of 127.0.0.1:1; REDIS_URL must name the primary',
      ),
    });
    await admin.replicaof('NO', 'ONE');
    await admin.config('SET', 'requirepass', 'secret');
    expect(await run(VOLLEY, ['status'], { env: own })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('it wants a password; give it in REDIS_URL'),
    });
  } finally {
    admin.disconnect();
    await redis.stop();
  }
});
