// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { exitCodeOf } from '../../src/cli/process/failure.ts';
import { createProgram } from '../../src/cli/program.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { run, temporaryFolder, writeAll } from '../support/programs.ts';
import { connect, redisUrl } from '../support/redis.ts';
import { createScene, freePort, HEADER, listOf, startOwnRedis, VOLLEY } from './scene.ts';

const FILES = {
  'list.csv': HEADER + listOf(3),
  'empty.csv': '',
  'header.csv': HEADER,
  'binary.csv': `${HEADER}+6590000000,\0\n`,
  'latin1.csv': Buffer.from(`${HEADER}+6590000000,Ada\n+6590000001,José\n`, 'latin1'),
  'names.csv': 'name,email\nAda,ada@example.com\n',
  'twice.csv': `phone,name,name\n+6590000000,Ada,Ada\n`,
  'cells.csv': `${HEADER}${listOf(2)}+6590000002,b,,x\n+6590000003,a,b\n`,
  'quote.csv': `${HEADER}${listOf(1)}+6590000001,"Ada\n`,
  'cell.csv': `${HEADER}${listOf(1)}+6590000001,${'x'.repeat(10 * 1024 * 1024)}\n`,
  'list.ndjson': '{"to":"+6590000000"}\n{"to":\n',
};

const good = ['list.csv', '--template', 'promo', '--params', 'name'];

describe('volley send refuses', () => {
  const WRONG: [string, string[], string][] = [
    ['no file', ['none.csv', ...good.slice(1)], 'none.csv: no such file'],
    ['a directory', ['.', ...good.slice(1)], 'expected a file, got a directory'],
    ['an empty file', ['empty.csv', ...good.slice(1)], 'empty.csv: the list is empty'],
    ['a header alone', ['header.csv', ...good.slice(1)], 'header.csv: expected rows, got none'],
    ['further columns', good.slice(0, 3), 'Add --params name (or those to send)'],
    ['a column that is not there', [...good.slice(0, 4), 'nme'], 'expected a column for the param'],
    ['a bad id', [...good, '--campaign', 'No!'], 'campaign: expected 1 to 64 of a-z'],
    ['the reserved id', [...good, '--campaign', 'notifications'], 'notifications is reserved'],
    ['input without an id', ['-', ...good.slice(1)], 'give --campaign ID'],
    ['an unknown country', [...good, '--country', 'XX'], 'country: expected an ISO 3166 code'],
    ['a past time', [...good, '--start-at', '2020-01-01T00:00Z'], 'expected a time ahead'],
    ['a far time', [...good, '--at', '2099-01-01T00:00:00Z'], 'at most 30 days ahead'],
    ['a local time', [...good, '--start-at', '2030-01-01T09:00:00'], 'expected a time with an off'],
    ['binary data', ['binary.csv', ...good.slice(1)], 'line 2: expected text in UTF-8, got binary'],
    ['Latin-1', ['latin1.csv', ...good.slice(1)], 'line 3: expected UTF-8, got other bytes'],
    [
      'no column of numbers',
      ['names.csv', ...good.slice(1)],
      'expected a column phone, to or mobile',
    ],
    ['a column twice', ['twice.csv', ...good.slice(1)], 'got "name" twice'],
    [
      'rows of another length',
      ['cells.csv', ...good.slice(1)],
      '2 of 4 rows are invalid (2 wrong_cells)',
    ],
    [
      'an open quote',
      ['quote.csv', ...good.slice(1)],
      'line 3: the quote opened here is not closed',
    ],
    ['a cell of 10 MB', ['cell.csv', ...good.slice(1)], 'line 3: expected rows of at most 1 MB'],
    ['bad NDJSON', ['list.ndjson', '--template', 'promo'], '1 of 2 rows are invalid (1 bad_json)'],
    ['rejects in a folder', [...good, '--rejects', '.'], '--rejects: expected a file'],
    ['rejects over the list', [...good, '--rejects', './list.csv'], 'another file than the list'],
  ];
  test.for(WRONG)('%s', async ([, args, message]) => {
    const { env, keys } = await createScene();
    const folder = await temporaryFolder();
    await writeAll(folder, FILES);
    const ended = await run(VOLLEY, ['send', ...args], { env, cwd: folder });
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
    expect(ended.stderr).toMatch(/^volley: /m);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    // Nothing is half done: the list is as it was, and nothing lies beside it.
    expect((await readdir(folder)).sort()).toEqual(Object.keys(FILES).sort());
    expect(await readFile(join(folder, 'list.csv'), 'utf8')).toBe(FILES['list.csv']);
    expect(await connect().keys(`${keys.prefix}*`)).toEqual([]);
  });
});

describe('volley send refuses, before it does anything,', () => {
  const WRONG: [string, string[], string][] = [
    ['no template', ['list.csv'], "required option '--template <id>' not specified"],
    ['an unknown option', [...good, '--tempo'], "unknown option '--tempo'"],
    ['a batch of none', [...good, '--batch-size', '0'], '--batch-size: expected a whole number'],
    ['an unclear share', [...good, '--max-invalid', '10'], 'expected a share such as 10% or 0.1'],
    ['an unknown format', [...good, '--format', 'xml'], '--format: expected csv or ndjson'],
    ['an unknown policy', [...good, '--on-unconfirmed', 'x'], 'expected park or resend, got "x"'],
    ['a param of no name', [...good, '--param', '=x'], '--param: expected NAME=VALUE, got "=x"'],
    ['a param twice', [...good, '--param', 'a=1', '--param', 'a=2'], '--param: expected each name'],
    ['a local time', [...good, '--at', '2030-01-01T09:00:00'], '--at: expected a time with an off'],
  ];
  test.for(WRONG)('%s', async ([, args, message]) => {
    let told = '';
    const program = createProgram();
    for (const command of program.commands) {
      command.configureOutput({
        writeErr: (text) => {
          told += text;
        },
      });
    }
    const error = await program.parseAsync(['send', ...args], { from: 'user' }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(exitCodeOf(error)).toBe(2);
    expect(`${told}${error}`).toContain(message);
  });
});

describe('with a Redis that', () => {
  /** Runs these with that Redis, and expects of each one line and exit code 1. */
  async function expectOneLine(url: string, words: string): Promise<void> {
    const { env, keys } = await createScene();
    const folder = await temporaryFolder();
    await writeAll(folder, { 'list.csv': HEADER + listOf(3) });
    const commands = [
      ['send', ...good, '--campaign', 'spring'],
      ['notify', '--to', '+6591234567', '--template', 'otp'],
      ['rate', '80'],
      ['hold'],
    ];
    const all = commands.map((args) =>
      run(VOLLEY, args, { env: { ...env, REDIS_URL: url }, cwd: folder }),
    );
    for (const { code, stdout, stderr } of await Promise.all(all)) {
      expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(words);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
    expect(await connect().keys(`${keys.prefix}*`)).toEqual([]);
  }

  test('is away, every command fails with one line', async () => {
    await expectOneLine(`redis://127.0.0.1:${await freePort()}`, 'ECONNREFUSED');
  });

  test('wants a password, every command fails with one line', async () => {
    const { url, admin } = await startOwnRedis();
    await admin.config('SET', 'requirepass', 'geheim');
    await expectOneLine(url, 'it wants a password; give it in REDIS_URL');
  });

  test('is too old, every command fails with one line, and a worker does not start', async () => {
    const old = await startOldRedis();
    const words = `Redis at ${old}: expected Redis 6.2 or newer, got 5.0.0`;
    await expectOneLine(old, words);
    const { env } = await createScene();
    const worker = await run(VOLLEY, ['worker'], { env: { ...env, REDIS_URL: old } });
    expect(worker).toMatchObject({ code: 1, stderr: `volley: ${words}\n` });
  });

  test('a newer Volley has written to, every command fails with one line, and changes nothing', async () => {
    const { env, keys, volley } = await createScene();
    const redis = connect();
    await redis.set(keys.fleet.layout, '3');
    const cwd = await temporaryFolder();
    await writeAll(cwd, { 'list.csv': HEADER + listOf(3) });
    const where = `Redis at ${redisUrl()}, prefix ${keys.prefix}`;
    const words = `${where}: expected layout 1 or older, got 3: a newer Volley has written here; upgrade this one`;
    for (const args of [
      ['send', ...good, '--campaign', 'spring'],
      ['send', ...good, '--dry-run'],
      ['notify', '--to', '+6591234567', '--template', 'otp'],
      ['status'],
      ['audit', 'spring'],
      ['verify', 'spring'],
      ['hold'],
      ['worker'],
    ]) {
      const ended = await run(VOLLEY, args, { env, cwd });
      expect(ended, args[0]).toMatchObject({ code: 1, stdout: '', stderr: `volley: ${words}\n` });
    }
    const { code, stdout } = await volley('doctor');
    expect({ code, stdout }).toMatchObject({ code: 1, stdout: expect.stringContaining(words) });
    expect(stdout).toContain('Upgrade this Volley');
    expect(await redis.keys(`${keys.prefix}*`)).toEqual([keys.fleet.layout]);
  });

  test('is a replica, every command fails with one line, and nothing is laid', async () => {
    const { url, admin } = await startOwnRedis();
    await admin.replicaof('127.0.0.1', '1');
    await expectOneLine(url, 'REDIS_URL must name the primary');
    expect(await admin.dbsize()).toBe(0);
  });

  test('is full, every command fails with one line, and nothing is laid', async () => {
    const { url, admin } = await startOwnRedis();
    await admin.config('SET', 'maxmemory', '1');
    await expectOneLine(url, 'its memory is full; raise its maxmemory');
    expect(await admin.dbsize()).toBe(0);
  });

  test('is full, what was sent can still be looked at', async () => {
    const { url, admin } = await startOwnRedis();
    const { env } = await createScene();
    const folder = await temporaryFolder();
    await writeAll(folder, { 'list.csv': HEADER + listOf(3) });
    const volley = (...args: string[]) =>
      run(VOLLEY, args, { env: { ...env, REDIS_URL: url }, cwd: folder });
    expect(await volley('send', ...good, '--campaign', 'spring')).toMatchObject({ code: 0 });
    await admin.config('SET', 'maxmemory', '1');
    const shown: [string[], string][] = [
      [['status', 'spring'], 'pending'],
      [['campaigns'], 'spring'],
      [['audit', 'spring'], '"to":["+6590000002"]'],
      [['verify', 'spring'], 'spring  verified: 3 recipients'],
      [['replay', 'spring', '--dry-run'], 'spring'],
    ];
    for (const [args, words] of shown) {
      const { code, stdout, stderr } = await volley(...args);
      expect(code, stderr).toBe(0);
      expect(stdout).toContain(words);
    }
  });

  test('is full in the middle of a list, nothing is released, and the same command later lays all', async () => {
    const { url, admin } = await startOwnRedis();
    const { env } = await createScene();
    const folder = await temporaryFolder();
    await writeAll(folder, { 'list.csv': HEADER + listOf(60_000) });
    const used = Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1]);
    await admin.config('SET', 'maxmemory', String(used + 1024 * 1024));
    const args = ['send', ...good, '--campaign', 'spring'];
    const failed = await run(VOLLEY, args, { env: { ...env, REDIS_URL: url }, cwd: folder });
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toMatch(/^volley: .*memory.*\n$/);

    await admin.config('SET', 'maxmemory', '0');
    const again = await run(VOLLEY, [...args, '--json'], {
      env: { ...env, REDIS_URL: url },
      cwd: folder,
    });
    expect(again.code, again.stderr).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ recipients: 60_000, released: true });
  });
});

test('a sandbox whose port is in use says so', async () => {
  const { env } = await createScene();
  const other = await startSandbox();
  onTestFinished(() => other.stop());
  const refused = await run(VOLLEY, ['sandbox', '--port', String(other.port)], { env });
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(new RegExp(`^volley: .*${other.port}.*\n$`));
});

/** Speaks as much of Redis's protocol as it takes to be asked for its version. */
async function startOldRedis(): Promise<string> {
  const info = '# Server\r\nredis_version:5.0.0\r\nloading:0\r\n';
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      for (const command of bytes.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)) {
        const isInfo = command[1]?.toLowerCase() === 'info';
        socket.write(isInfo ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n');
      }
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
