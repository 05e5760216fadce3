import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import {
  type EmbeddedRedisOptions,
  startEmbeddedRedis,
} from '../../src/local-redis/embedded-redis.ts';
import { temporaryFolder, writeProgram } from '../support/programs.ts';
import { searchPath } from '../support/redis.ts';

const MODULE = new URL('../../src/local-redis/embedded-redis.ts', import.meta.url).href;

async function start(options: Partial<EmbeddedRedisOptions> = {}) {
  const redis = await startEmbeddedRedis({ path: searchPath, appendfsync: 'always', ...options });
  onTestFinished(() => redis.stop());
  return redis;
}

function connectTo(url: string): Redis {
  const client = new Redis(url);
  onTestFinished(() => client.disconnect());
  return client;
}

async function folderOf(client: Redis): Promise<string> {
  const setting = await client.config('GET', 'dir');
  return Array.isArray(setting) ? String(setting[1]) : '';
}

/** A folder with a `redis-server` that is this shell script. */
async function fakeServer(script: string): Promise<string> {
  const dir = await temporaryFolder();
  await writeProgram(join(dir, 'redis-server'), script);
  return dir;
}

async function refuses(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}

test('keeps its data in the folder it is given', async () => {
  const dir = await temporaryFolder();
  const first = await start({ dir });
  await connectTo(first.url).set('kept', 'yes');
  await first.stop();

  const second = await start({ dir });
  expect(await connectTo(second.url).get('kept')).toBe('yes');
});

test('is set up so that nothing acknowledged is evicted or lost, and nobody outside reaches it', async () => {
  const client = connectTo((await start()).url);
  const setting = (name: string) => client.config('GET', name);

  expect(await setting('appendonly')).toEqual(['appendonly', 'yes']);
  expect(await setting('appendfsync')).toEqual(['appendfsync', 'always']);
  expect(await setting('maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  expect(await setting('bind')).toEqual(['bind', '127.0.0.1']);
  expect(await setting('protected-mode')).toEqual(['protected-mode', 'yes']);
});

test('leaves no server and no folder behind', async () => {
  const redis = await start();
  const dir = await folderOf(connectTo(redis.url));
  expect(await readdir(dir)).not.toEqual([]);

  await redis.stop();
  await redis.stop();

  expect(await refuses(redis.port)).toBe(true);
  await expect(readdir(dir)).rejects.toThrow('ENOENT');
});

test('ends with a process that is killed', async () => {
  const script = `
    import { startEmbeddedRedis } from ${JSON.stringify(MODULE)};
    const redis = await startEmbeddedRedis({ path: process.env.PATH, appendfsync: 'everysec' });
    console.log(redis.url);
    setInterval(() => {}, 1000);
  `;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(owner.stdout, 'data');
  const client = connectTo(String(line).trim());
  const dir = await folderOf(client);
  const disconnected = once(client, 'close');

  owner.kill('SIGKILL');

  await disconnected;
  await expect.poll(() => readdir(dir).catch(() => 'gone')).toBe('gone');
});

test('keeps no process going that has nothing else to do', async () => {
  const script = `
    import { startEmbeddedRedis } from ${JSON.stringify(MODULE)};
    await startEmbeddedRedis({ path: process.env.PATH, appendfsync: 'everysec' });
  `;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  expect(await once(owner, 'exit')).toEqual([0, null]);
});

test('says how to get a Redis where there is none', async () => {
  const path = await temporaryFolder();
  await writeProgram(join(path, 'apt-get'), '');

  await expect(start({ path })).rejects.toMatchObject({
    code: 'unavailable',
    message:
      'expected redis-server or valkey-server on the PATH, found neither. ' +
      'This would help: sudo apt-get install redis-server',
  });
});

test('passes on the last words of a server that ends at once', async () => {
  const path = await fakeServer('echo "1:M 21 Nov 2025 22:12:00.000 # Bad disk, aborting"; exit 1');
  await expect(start({ path: `${path}:${searchPath}` })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(
      /redis-server on port \d+: ended before it answered: Bad disk, aborting$/,
    ),
  });
});

test('does not take the server of another for its own', async () => {
  const other = await start();
  await expect(start({ port: other.port })).rejects.toMatchObject({ code: 'unavailable' });
  expect(await connectTo(other.url).ping()).toBe('PONG');
});

/** A folder with an append-only file of some writes, and the name of that file. */
async function writtenFolder() {
  const dir = await temporaryFolder();
  const redis = await start({ dir });
  const client = connectTo(redis.url);
  for (let at = 0; at < 20; at++) await client.set(`key ${at}`, 'value');
  client.disconnect();
  await redis.stop();
  const file = join(dir, 'appendonlydir', 'appendonly.aof.1.incr.aof');
  return { dir, file, bytes: await readFile(file) };
}

test('where its file is broken it names it, and the command that mends it', async () => {
  const { dir, file, bytes } = await writtenFolder();
  // The middle of it: at its end, Redis cuts off what is not whole.
  const middle = bytes.indexOf('*3\r\n', bytes.length / 2);
  bytes.write('garbage', middle);
  await writeFile(file, bytes);
  const manifest = join(dir, 'appendonlydir', 'appendonly.aof.manifest');
  const starting = startEmbeddedRedis({ path: searchPath, appendfsync: 'always', dir });
  const error = await starting.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'unavailable' });
  expect(String(error)).toContain(`the append-only file is broken: ${file}`);
  expect(String(error)).toContain(`redis-check-aof --fix '${manifest}'`);
  expect(String(error)).toContain('texted again');

  const fixing = spawn('redis-check-aof', ['--fix', manifest], { env: { PATH: searchPath } });
  fixing.stdin.end('y\n');
  fixing.stdout.resume();
  expect((await once(fixing, 'close'))[0]).toBe(0);
  await start({ dir });
});

test('says what it cut off the end of its file', async () => {
  const { dir, file, bytes } = await writtenFolder();
  expect((await start({ dir: await temporaryFolder() })).cut).toBeUndefined();
  await writeFile(file, bytes.subarray(0, -3));
  const { cut } = await start({ dir });
  expect(cut).toContain('cut an unfinished write off');
  expect(cut).toMatch(/offset \d+/);
});

test.each([
  'Write error writing append only file on disk: No space left on device',
  'Short write while writing to the AOF file: (nwritten=12, expected=4071)',
])('on a full disk it says so: %s', async (words) => {
  const path = await fakeServer(`echo "1:M 01 Dec 2026 15:20:36.921 # ${words}"; exit 1`);
  const dir = await temporaryFolder();
  const starting = startEmbeddedRedis({ path, appendfsync: 'always', dir });
  await expect(starting).rejects.toThrow(`no space is left on the disk of ${dir}`);
});
