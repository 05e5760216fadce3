import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { inspect, promisify } from 'node:util';
import type { Redis } from 'ioredis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startEmbeddedRedis } from '../../../src/local-redis/embedded-redis.ts';
import { loadConfig } from '../../../src/shared/config.ts';
import { connectProducer, connectWorker } from '../../../src/shared/redis/connection.ts';
import { temporaryFolder } from '../../support/programs.ts';
import { searchPath } from '../../support/redis.ts';

const PASSWORD = 'geheim-3f9a7c21';

async function startOwn(password?: string) {
  const redis = await startEmbeddedRedis({ path: searchPath, appendfsync: 'everysec', password });
  onTestFinished(() => redis.stop());
  return redis;
}

function closing(redis: Redis): Redis {
  onTestFinished(() => redis.disconnect());
  return redis;
}

async function thrownBy(work: Promise<unknown>): Promise<Error> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof Error)) throw new Error('it was expected to fail');
  return thrown;
}

/** A folder in which `volley up` of this user would leave its file for that port. */
async function ownFile(port: number, changes: object = {}): Promise<string> {
  const base = await temporaryFolder();
  vi.stubEnv('XDG_RUNTIME_DIR', base);
  vi.stubEnv('XDG_STATE_HOME', base);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const file = join(base, 'volley', `up-${port}.json`);
  await mkdir(join(base, 'volley'));
  const own = { port, password: PASSWORD, host: hostname(), pid: process.pid, ...changes };
  await writeFile(file, JSON.stringify(own), { mode: 0o600 });
  return file;
}

test('a database that does not exist is refused, and nothing is done in another', async () => {
  const { url } = await startOwn();
  const admin = closing(await connectProducer(url));
  const refused = await thrownBy(connectProducer(`${url}/99`));
  expect(refused.message).toBe(
    `Redis at ${url}/99: it has no database 99; REDIS_URL names it behind the host`,
  );

  const worker = closing(connectWorker(`${url}/99`));
  const errors: string[] = [];
  worker.on('error', (error) => errors.push(error.message));
  const copy = closing(worker.duplicate({ maxRetriesPerRequest: null }));
  copy.on('error', (error) => errors.push(error.message));
  for (const redis of [worker, copy]) {
    expect((await thrownBy(redis.set('lost', '1'))).message).toContain('it has no database 99');
  }
  expect(errors).toContain('it has no database 99; REDIS_URL names it behind the host');
  expect(await admin.info('keyspace')).not.toContain('db0');

  const second = closing(await connectProducer(`${url}/2`));
  await second.set('here', '1');
  expect(await admin.info('keyspace')).toMatch(/db2:keys=1/);
});

test('a database that the user may not choose is refused as well', async () => {
  const { url, port } = await startOwn();
  const admin = closing(await connectProducer(url));
  await admin.acl('SETUSER', 'bound', 'on', `>${PASSWORD}`, '~*', '+@all', '-select');
  const refused = await thrownBy(connectProducer(`redis://bound:${PASSWORD}@127.0.0.1:${port}/2`));
  expect(refused.message).toMatch(/it refuses database 2 \(no permission.*REDIS_URL names it/);
});

test('comes by a socket', async () => {
  const { port } = await startOwn();
  const socket = join(await temporaryFolder(), 'r@dis #1.sock');
  const server = createServer((client) => void passOn(client, port)).listen(socket);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const path = encodeURI(socket).replace('#', '%23');
  const redis = closing(await connectProducer(`unix://${path}?db=3`));
  await redis.set('here', '1');
  expect(await redis.info('keyspace')).toContain('db3:keys=1');
});

test('TLS believes whom REDIS_TLS_CA names, and shows a certificate of its own', async ({
  skip,
}) => {
  const folder = await temporaryFolder();
  const at = (name: string) => join(folder, name);
  const args = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=localhost',
  ];
  const more = [
    '-addext',
    'subjectAltName=DNS:localhost',
    '-keyout',
    at('key'),
    '-out',
    at('cert'),
  ];
  const made = await promisify(execFile)('openssl', [...args, ...more]).catch(() => undefined);
  skip(made === undefined, 'without openssl there is no certificate to try it with');
  const { port } = await startOwn();
  const [cert, key] = await Promise.all([readFile(at('cert')), readFile(at('key'))]);
  const strict = { cert, key, ca: cert, requestCert: true, rejectUnauthorized: true };
  const server = createTlsServer(strict, (client) => void passOn(client, port));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const listening = typeof address === 'object' ? address?.port : 0;
  const config = loadConfig({
    REDIS_URL: `rediss://localhost:${listening}`,
    REDIS_TLS_CA: at('cert'),
    REDIS_TLS_CERT: String(cert),
    REDIS_TLS_KEY_FILE: at('key'),
  });
  const redis = closing(await connectProducer(config.redisUrl, { tls: config.redisTls }));
  expect(await redis.ping()).toBe('PONG');
  const { message } = await thrownBy(connectProducer(config.redisUrl));
  expect(message).toContain('self-signed certificate');
});

test('no error of a refused login has the password in it, however it is looked at', async () => {
  const { url, port } = await startOwn(PASSWORD);
  const wrong = `wrong-${PASSWORD}`;
  const thrown = [
    await thrownBy(connectProducer(`redis://:${wrong}@127.0.0.1:${port}`)),
    await thrownBy(connectProducer(`redis://${wrong}:${wrong}@127.0.0.1:${port}/1`)),
    await thrownBy(connectProducer(url)),
  ];
  const worker = closing(connectWorker(`redis://:${wrong}@127.0.0.1:${port}`));
  worker.on('error', (error) => thrown.push(error));
  thrown.push(await thrownBy(worker.ping()));
  for (const error of thrown) {
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(PASSWORD);
  }
  expect(thrown[0]?.message).toContain('WRONGPASS');
});

test('a Redis on the loopback that wants a password is told the one of volley up', async () => {
  const { url, port } = await startOwn(PASSWORD);
  await ownFile(port);
  const redis = closing(await connectProducer(`${url}/2`));
  await redis.set('here', '1');
  const worker = closing(connectWorker(`redis://localhost:${port}/2`));
  const errors: Error[] = [];
  worker.on('error', (error) => errors.push(error));
  expect(await worker.get('here')).toBe('1');
  const copy = closing(worker.duplicate());
  expect(await copy.get('here')).toBe('1');
  expect(errors).toEqual([]);
});

test.for([
  [
    'others may read',
    {},
    (file: string) => chmod(file, 0o640),
    'others may read or write it (mode 640',
  ],
  ['is a link', {}, relink, 'it is a link'],
  ['is something else', { port: 'x' }, nothing, 'volley up did not write it'],
  ['a killed one left', { pid: 2 ** 22 + 1 }, nothing, 'where another user runs volley up'],
  ['another machine left', { host: 'elsewhere' }, nothing, 'where another user runs volley up'],
  [
    'has an older password',
    { password: 'older' },
    nothing,
    'it refuses the one that a volley up left',
  ],
] as const)('a file that %s is not used', async ([, changes, spoil, words]) => {
  const { url, port } = await startOwn(PASSWORD);
  await spoil(await ownFile(port, changes));
  const { message } = await thrownBy(connectProducer(url));
  expect(message).toContain(`give it in REDIS_URL, as in redis://:PASSWORD@127.0.0.1:${port}`);
  expect(message).toContain(words);
});

async function passOn(client: Socket, port: number): Promise<void> {
  const redis = connect(port, '127.0.0.1');
  for (const socket of [client, redis]) {
    socket.on('error', () => {});
    socket.on('close', () => {
      client.destroy();
      redis.destroy();
    });
  }
  client.pipe(redis).pipe(client);
}

async function nothing(): Promise<void> {}

async function relink(file: string): Promise<void> {
  await writeFile(`${file}.real`, await readFile(file), { mode: 0o600 });
  await promisify(execFile)('rm', [file]);
  await symlink(`${file}.real`, file);
}
