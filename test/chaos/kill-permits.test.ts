/** Workers are killed with permits in their hands: the limit is kept, and the others go on. */
import { expect, onTestFinished, test } from 'vitest';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { send } from '../../src/producer/send/send.ts';
import { type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts';
import { createKeys } from '../../src/shared/redis/keys.ts';
import { askForSlots } from '../../src/worker/pacing/slots.ts';
import { connect, redisUrl, testPrefix } from '../support/redis.ts';
import { WorkerFleet } from '../support/workers.ts';

const RATE = 100;

async function openScene(recipients: number, options: SandboxOptions = {}) {
  const prefix = testPrefix();
  const redis = connect();
  const keys = createKeys(prefix);
  const sandbox = await startSandbox({ recordArrivals: true, ...options });
  onTestFinished(() => sandbox.stop());
  const workers = new WorkerFleet({
    redisUrl: redisUrl(),
    prefix,
    baseUrl: sandbox.url,
    environment: { VOLLEY_RATE: String(RATE), VOLLEY_LOCK_MS: '1000', VOLLEY_CONCURRENCY: '20' },
  });
  onTestFinished(async () => {
    await workers.endAll('SIGKILL');
  });
  const rows = Array.from({ length: recipients }, (_none, at) => ({
    to: `+${6_581_000_000 + at}`,
    params: { name: `Ada ${at}` },
  }));
  await send(redis, keys, { rows }, { campaign: 'list', template: 'promo' });
  const status = () => campaignStatus(redis, keys, 'list');
  return { redis, keys: keys.fleet, sandbox, workers, status };
}

test('a worker killed with permits costs no more than those', { timeout: 60_000 }, async () => {
  const { sandbox, workers, status } = await openScene(400, { faults: { latency: [20, 60] } });
  for (let place = 0; place < 3; place++) workers.start(place);
  for (const [place, requests] of [50, 150, 250].entries()) {
    await expect
      .poll(() => sandbox.stats().requests, { timeout: 20_000 })
      .toBeGreaterThanOrEqual(requests);
    await workers.end(place, 'SIGKILL');
    if (place > 0) workers.start(place);
  }
  await expect.poll(async () => (await status()).state, { timeout: 30_000 }).toBe('finished');
  const { accepted, unconfirmed } = await status();
  expect(accepted + unconfirmed).toBe(400);
  // at most what was under way
  expect(unconfirmed).toBeLessThanOrEqual(3 * 20);
  expect(sandbox.stats().texted_again).toBe(0);
  const times = [...sandbox.arrivals()].map(({ ms }) => ms);
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  // the first may have arrived late, but no slot came early
  expect(span).toBeGreaterThanOrEqual(((times.length - 1) * 1010) / RATE - 500);
  expect((await workers.endAll('SIGTERM')).slice(1)).toEqual([0, 0]);
});

test('a prober that is killed does not hold the fleet', { timeout: 60_000 }, async () => {
  let probes = 0;
  const scene = await openScene(60, {
    faults: { rates: { '500': 1 } },
    onRequest: ({ point, answer }) => {
      if (point === 'received' && answer === 'hang') probes++;
    },
  });
  const { redis, keys, sandbox, workers, status } = scene;
  const until = async (): Promise<number> =>
    JSON.parse((await redis.hget(keys.valve, 'outage')) ?? '{}').until;
  /** As if its time had come. */
  const elapse = async () => {
    const lock: object = JSON.parse((await redis.hget(keys.valve, 'outage')) ?? '{}');
    await redis.hset(keys.valve, 'outage', JSON.stringify({ ...lock, until: 1 }));
  };
  workers.start(0);
  await expect.poll(() => redis.hexists(keys.valve, 'outage'), { timeout: 20_000 }).toBe(1);
  sandbox.setFaults({ rates: { hang: 1 } });
  await elapse();
  // its lease is taken
  await expect.poll(until, { timeout: 20_000 }).toBeGreaterThan(1);
  await expect.poll(() => probes, { timeout: 20_000 }).toBeGreaterThan(0);
  await workers.end(0, 'SIGKILL');
  const sent = probes;

  workers.start(1);
  const asking = { fingerprint: '', worker: 'a test', urgent: 0, owed: 0, numbers: [1] };
  expect(await askForSlots(redis, keys, asking)).toMatchObject({ lock: 'outage', slots: [] });
  expect(probes).toBe(sent);
  sandbox.setFaults({ rates: {} });
  await elapse();
  await expect.poll(async () => (await status()).state, { timeout: 30_000 }).toBe('finished');
  // the probe's own message is for a person to decide about: it may have been sent
  const { accepted, unconfirmed } = await status();
  expect(accepted + unconfirmed).toBe(60);
  expect(unconfirmed).toBeGreaterThan(0);
  expect(await redis.hexists(keys.valve, 'outage')).toBe(0);
  await workers.endAll('SIGTERM');
});
