import { readFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { pause } from '../../../src/producer/control/control.ts';
import { createProducer } from '../../../src/producer/producer.ts';
import { FIRST_BYTE_MS } from '../../../src/shared/fleet/first-byte.ts';
import { holdFleet, openValve } from '../../../src/shared/fleet/valve.ts';
import { type Fleet, numberAt, openFleet, people, workUntilFinished } from '../../support/fleet.ts';
import { redisUrl } from '../../support/redis.ts';
import { startRedisProxy } from '../../support/redis-proxy.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url));
const TLS = { key: fixture('key.pem'), cert: fixture('certificate.pem') };
const REPLY = '{"plan_id":"1","total_count":1,"accepted_count":1}';

/** EngageLab at the end of a line so bad that a handshake takes longer than the gate's word holds. */
async function startFarAway(onRequest: () => Promise<void> = async () => {}) {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, TLS.cert.toString()]);
  onTestFinished(() => setDefaultCACertificates(before));
  const connected = Promise.withResolvers<void>();
  let requests = 0;
  let until = 0;
  const web = createHttpsServer(TLS, (_request, response) => {
    requests++;
    void onRequest().then(() => response.end(REPLY));
  });
  const line = createServer((socket) => {
    connected.resolve();
    socket.on('error', () => {});
    const wait = Math.max(FIRST_BYTE_MS + 500, until - Date.now());
    void sleep(wait).then(() => web.emit('connection', socket));
  });
  onTestFinished(() => {
    line.close();
    web.closeAllConnections();
  });
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
  const address = line.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    url: `https://localhost:${port}`,
    connected: connected.promise,
    requests: () => requests,
    /** Unix ms before which no handshake is answered. */
    holdUntil: (ms: number) => {
      until = ms;
    },
  };
}

function createProducerAt(fleet: Fleet) {
  const producer = createProducer({ redis: redisUrl(), prefix: fleet.keys.prefix });
  onTestFinished(() => producer.close());
  return producer;
}

/** Makes the calls in these bytes of Redis's protocol once more. */
async function repeat(redis: Redis, bytes: string): Promise<void> {
  const parts = bytes.split('\r\n');
  while (parts.length > 1) {
    const count = Number(parts.shift()?.slice(1));
    const [name = '', ...values] = parts.splice(0, 2 * count).filter((_part, at) => at % 2 === 1);
    await redis.call(name, ...values);
  }
}

// At that rate the next permit comes when the connection is long closed again: there it would start anew for ever.
test('a connection that takes longer than the gate holds is used all the same', async () => {
  const fleet = await openFleet();
  const far = await startFarAway();
  await fleet.send('far', people(1));
  const worker = fleet.createWorker({ ENGAGELAB_BASE_URL: far.url, VOLLEY_RATE: '0.2' });
  await workUntilFinished(worker, 'far');
  expect(far.requests()).toBe(1);
  const [line] = await fleet.lines('far');
  expect(line).toMatchObject({ state: 'accepted', attempts: [{ outcome: 'accepted' }] });
});

test('a copy of the close that nothing was written does not take back the attempt that follows', async () => {
  const fleet = await openFleet();
  const ledger = fleet.keys.campaign('far').ledger('far-0000000');
  const calls: string[] = [];
  const proxy = await startRedisProxy(redisUrl());
  proxy.fate = (bytes) => {
    if (bytes.includes('never written')) calls.push(bytes);
    return 'pass';
  };
  let seen: Record<string, string> = {};
  const far = await startFarAway(async () => {
    // As over a connection that broke: Redis reads it a second time, and late.
    for (const call of calls) await repeat(fleet.redis, call);
    seen = await fleet.redis.hgetall(ledger);
  });
  await fleet.send('far', people(1));
  await workUntilFinished(
    fleet.createWorker({ ENGAGELAB_BASE_URL: far.url, REDIS_URL: proxy.url }),
    'far',
  );
  expect(calls.length).toBeGreaterThan(0);
  expect(seen).toEqual({ '*': '1', 0: expect.stringMatching(/^O;/) });
});

test('what may not leave any more when there is a connection expires', async () => {
  const fleet = await openFleet();
  const far = await startFarAway();
  await fleet.send('far', people(1));
  const worker = fleet.createWorker({ ENGAGELAB_BASE_URL: far.url });
  // Set late, so that a slow start does not use it up.
  const notAfter = Date.now() + 2 * FIRST_BYTE_MS;
  await fleet.rewrite('far', { not_after: notAfter });
  far.holdUntil(notAfter + 500);
  await workUntilFinished(worker, 'far');
  expect(far.requests()).toBe(0);
  expect(await fleet.lines('far')).toMatchObject([{ state: 'expired', attempts: [] }]);
});

test('an attempt that was opened before a pause never leaves after it', async () => {
  const fleet = await openFleet();
  const far = await startFarAway();
  await fleet.send('far', people(1));
  const worker = fleet.createWorker({ ENGAGELAB_BASE_URL: far.url });
  await worker.start();
  await far.connected;
  await pause(fleet.redis, fleet.keys, 'far');
  await sleep(FIRST_BYTE_MS + 1500);
  expect(far.requests()).toBe(0);
  expect(await fleet.lines('far')).toMatchObject([{ state: 'pending', attempts: [] }]);
  expect(await fleet.counts('far')).toEqual({ pending: 1 });
});

test('nor does it where its worker cannot hear of the pause', async () => {
  const fleet = await openFleet();
  const far = await startFarAway();
  const proxy = await startRedisProxy(redisUrl());
  const port = Number(new URL(proxy.url).port);
  await fleet.send('far', people(1));
  const worker = fleet.createWorker({ ENGAGELAB_BASE_URL: far.url, REDIS_URL: proxy.url });
  await worker.start();
  await far.connected;
  await proxy.close();
  await pause(fleet.redis, fleet.keys, 'far');
  await sleep(FIRST_BYTE_MS + 1500);
  expect(far.requests()).toBe(0);
  // Back again, the worker writes down that nothing left.
  await proxy.listen(port);
  await expect
    .poll(() => fleet.lines('far'), { timeout: 20_000 })
    .toMatchObject([{ state: 'pending', attempts: [] }]);
});

test.for([
  ['a hold', (fleet: Fleet) => holdFleet(fleet.redis, fleet.keys.fleet, 'test'), { pending: 1 }],
  [
    'an opt-out',
    (fleet: Fleet) => createProducerAt(fleet).suppress.add([numberAt(0)]),
    { opted_out: 1 },
  ],
] as const)('nor does it after %s has returned', async ([, deed, counts]) => {
  const fleet = await openFleet();
  const far = await startFarAway();
  await fleet.send('far', people(1));
  const worker = fleet.createWorker({ ENGAGELAB_BASE_URL: far.url });
  await worker.start();
  await far.connected;
  await deed(fleet);
  await sleep(FIRST_BYTE_MS + 1500);
  expect(far.requests()).toBe(0);
  expect(await fleet.counts('far')).toEqual(counts);
});

test('what was held while it was connected goes on once it is released', async () => {
  const fleet = await openFleet();
  const far = await startFarAway();
  await fleet.send('far', people(1));
  const worker = fleet.createWorker({ ENGAGELAB_BASE_URL: far.url });
  await worker.start();
  await far.connected;
  await holdFleet(fleet.redis, fleet.keys.fleet, 'test');
  await sleep(FIRST_BYTE_MS);
  await openValve(fleet.redis, fleet.keys.fleet);
  await expect.poll(() => fleet.counts('far'), { timeout: 30_000 }).toEqual({ accepted: 1 });
  expect(far.requests()).toBe(1);
});
