/**
 * The table of what Volley needs of Redis is true: all that Volley does is done by a user who has just that, and each
 * command of it stands in what is done. So whatever is built later, and uses another command, fails here.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { examine } from '../../../src/producer/doctor/examine.ts';
import { createProducer } from '../../../src/producer/producer.ts';
import { SANDBOX_KEY, SANDBOX_SECRET, startSandbox } from '../../../src/sandbox/index.ts';
import { loadConfig } from '../../../src/shared/config.ts';
import { connectWorker } from '../../../src/shared/redis/connection.ts';
import { createKeys } from '../../../src/shared/redis/keys.ts';
import { aclLine, lackIn, tryRights } from '../../../src/shared/redis/rights.ts';
import { NEEDED } from '../../../src/shared/redis/rights-table.ts';
import { Worker } from '../../../src/worker/worker.ts';
import { startOwnRedis } from '../../cli/scene.ts';
import { Log } from '../../support/fleet.ts';
import { FAULTS, live } from '../../support/whole-life.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
/** Who it is, and how it speaks: ioredis and BullMQ do without. Where CONFIG is refused, the doctor says that it does not know. */
const DISPENSABLE = ['hello', 'client|setinfo', 'client|setname', 'config|get'];
const CALL = /\br?call\(\s*['"]([A-Za-z]+)['"]/g;

/** A Redis with a user who has what the line gives that an error offers, and no more. */
async function openNarrow(prefix = 'volley') {
  const redis = await startOwnRedis();
  const keys = createKeys(prefix);
  const user = 'narrow';
  await redis.admin.call('ACL', 'SETUSER', user, 'on', '>geheim');
  const [acl = '', ...line] = aclLine(user, keys).split(' ');
  await redis.admin.call(acl, ...line);
  const url = `redis://${user}:geheim@127.0.0.1:${redis.port}`;
  const change = (...rights: string[]) => redis.admin.call('ACL', 'SETUSER', user, ...rights);
  const connect = () => {
    const client = connectWorker(url);
    onTestFinished(() => client.disconnect());
    return client;
  };
  return { ...redis, keys, url, change, connect };
}

/** What the user was refused. */
async function refusals(admin: Redis): Promise<string[]> {
  const entries = await admin.call('ACL', 'LOG', '1000');
  const objects = (Array.isArray(entries) ? entries : []).map((entry) => {
    const fields: unknown[] = Array.isArray(entry) ? entry : [];
    return String(fields[fields.indexOf('object') + 1]);
  });
  return [...new Set(objects)].filter((object) => !DISPENSABLE.includes(object)).sort();
}

function commandsIn(text: string): string[] {
  return [...text.matchAll(CALL)].map(([, name = '']) => name.toLowerCase());
}

/** Of those scripts of BullMQ's that Redis was sent, every command, whether it was come by or not. */
async function commandsOfBullMq(admin: Redis): Promise<string[]> {
  const folder = join(ROOT, 'node_modules/bullmq/dist/esm/scripts');
  const files = (await readdir(folder)).filter((name) => /-\d+\.js$/.test(name));
  const scripts = await Promise.all(
    files.map(async (name): Promise<string> => {
      const module: unknown = await import(join(folder, name));
      const [script] = Object.values(Object(module));
      return String(Reflect.get(Object(script), 'content'));
    }),
  );
  const hashes = scripts.map((text) => createHash('sha1').update(text).digest('hex'));
  const known = await admin.script('EXISTS', ...hashes);
  const used = scripts.filter((_text, at) => Array.isArray(known) && known[at] === 1);
  expect(used.length).toBeGreaterThan(5);
  return used.flatMap(commandsIn);
}

async function commandsOfOurs(): Promise<string[]> {
  const files = await readdir(join(ROOT, 'src'), { recursive: true });
  const scripts = files.filter((name) => /\.(lua|ts)$/.test(name));
  const texts = await Promise.all(scripts.map((name) => readFile(join(ROOT, 'src', name), 'utf8')));
  return texts.flatMap(commandsIn);
}

/** What has been run since the figures were set back. */
async function commandsRun(admin: Redis): Promise<string[]> {
  const stats = await admin.info('commandstats');
  return [...stats.matchAll(/^cmdstat_(\S+?):/gm)].map(([, name = '']) => name);
}

test('all that Volley does is done under just the rights of the table', {
  timeout: 180_000,
}, async () => {
  const { admin, url, keys, connect } = await openNarrow();
  const sandbox = await startSandbox({ faults: FAULTS });
  onTestFinished(() => sandbox.stop());
  const config = loadConfig({
    REDIS_URL: url,
    ENGAGELAB_BASE_URL: sandbox.url,
    ENGAGELAB_DEV_KEY: SANDBOX_KEY,
    ENGAGELAB_DEV_SECRET: SANDBOX_SECRET,
    VOLLEY_RATE: '1000',
    VOLLEY_ATTEMPTS: '2',
    VOLLEY_BACKOFF_BASE_MS: '20',
    VOLLEY_BACKOFF_CAP_MS: '50',
    VOLLEY_LOCK_MS: '2000',
  });
  const log = new Log();
  const producer = createProducer({ redis: url });
  onTestFinished(() => producer.close());
  const work = async (life: () => Promise<void>) => {
    const worker = new Worker(config, log.logger);
    onTestFinished(() => worker.stop());
    await worker.start();
    await producer.notify({ to: '+6591234567', template: 'otp' });
    // What was only tried, as both began, is none of what is counted as done.
    await admin.config('RESETSTAT');
    await life();
    await worker.stop();
  };
  await live({ producer, keys, log, redis: connect(), admin, work });
  const run = await commandsRun(admin);
  expect(await examine(config)).toContainEqual({ check: 'rights', status: 'ok', lack: undefined });

  expect(await refusals(admin)).toEqual([]);
  const needed = NEEDED.map(({ command }) => command);
  const written = [...(await commandsOfBullMq(admin)), ...(await commandsOfOurs())];
  expect(written.filter((command) => !needed.includes(command))).toEqual([]);
  const used = [...written, ...run];
  expect(needed.filter((command) => !used.includes(command))).toEqual([]);
});

test('each right that is missing is named, and nothing is left behind', async () => {
  const { admin, change, connect, keys, url } = await openNarrow();
  const whole = await tryRights(connect(), keys);
  const none = { commands: [], unknown: [], keys: [] };
  expect(whole).toEqual({ missing: none, unwritable: undefined });
  expect(await admin.keys('*')).toEqual([]);
  for (const { command } of NEEDED) {
    await change(`-${command}`);
    const redis = connect();
    const { missing } = await tryRights(redis, keys);
    redis.disconnect();
    await change(`+${command}`);
    expect(missing).toEqual({ ...none, commands: [command] });
  }
  const lasting = await Promise.all((await admin.keys('*')).map((key) => admin.pttl(key)));
  expect(lasting.every((ms) => ms > 0)).toBe(true);

  await change('-hset', '-memory|usage', 'resetkeys', '~volley:*');
  const { missing } = await tryRights(connect(), keys);
  expect(lackIn(missing, url, keys)).toEqual({
    what: 'its user narrow may not run MEMORY USAGE, HSET, nor touch the keys volley~*',
    mend: `What Volley needs: ${aclLine('narrow', keys)}`,
  });
});

test('the user is named wherever the URL has one, also that of a socket file', () => {
  const keys = createKeys('volley');
  const wordsFor = (url: string) =>
    lackIn({ commands: ['hset'], unknown: [], keys: [] }, url, keys)?.what;
  expect(wordsFor('unix://me%2Fus:p%40w@/run/r.sock')).toBe('its user me/us may not run HSET');
  expect(wordsFor('redis://127.0.0.1:6379')).toBe('its user default may not run HSET');
});

test('a connection is as good as before once rights were tried on it', async () => {
  const { change, connect, keys } = await openNarrow();
  const redis = connect();
  await tryRights(redis, keys);
  await redis.set('volley~{fleet}:x', 'there');
  expect(await redis.get('volley~{fleet}:x')).toBe('there');
  await change('-exec');
  await tryRights(redis, keys);
  await change('+exec');
  expect(await redis.get('volley~{fleet}:x')).toBe('there');
});

test('the line in docs/operations.md is the one that an error offers', () => {
  const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
  const { areas } = createKeys('volley');
  const [, ...rights] = aclLine('volley', { areas }).split(' volley ');
  expect(page).toContain(`ACL SETUSER volley on '>PASSWORD' ${rights}`);
});
