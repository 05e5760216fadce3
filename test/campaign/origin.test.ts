/** Where jobs go is remembered: what was begun at one origin no worker with another one goes on with. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { cancel } from '../../src/producer/control/control.ts';
import { campaignStatus, fleetStatus } from '../../src/producer/report/status.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import { originOf } from '../../src/shared/destination.ts';
import { beat, readWorkers } from '../../src/shared/fleet/heartbeat.ts';
import { type Fleet, openFleet, people } from '../support/fleet.ts';
import { notifierOn } from '../support/notifier.ts';

const patiently = { timeout: 20_000, interval: 20 };

const statusOf = ({ redis, keys }: Fleet, id: string) => campaignStatus(redis, keys, id);
const pollState = (fleet: Fleet, id: string) =>
  expect.poll(async () => (await statusOf(fleet, id)).state, patiently);

/** The far end of somebody's trial, beside the right one. */
async function openTrial() {
  const trial = await startSandbox();
  onTestFinished(() => trial.stop());
  return trial;
}

test('a worker with another base URL beside the right one sends nothing, and says why', async () => {
  const fleet = await openFleet();
  const trial = await openTrial();
  await fleet.createWorker({ VOLLEY_RATE: '400' }).start();
  await fleet.send('first', people(300));
  await expect.poll(() => fleet.sandbox.stats().texts, patiently).toBeGreaterThan(10);
  await fleet.createWorker({ ENGAGELAB_BASE_URL: trial.url }).start();
  await fleet.log.line('begins no new campaign');
  await fleet.log.line('campaign not served: it is sent to');
  // What is enqueued only now is the right one's, too.
  await fleet.send('second', people(300));
  const notifier = notifierOn(fleet.redis, fleet.keys);
  for (let at = 0; at < 20; at++)
    await notifier.notify({ to: `+65920000${10 + at}`, template: 'promo' });
  for (const id of ['first', 'second']) await pollState(fleet, id).toBe('finished');
  await pollState(fleet, 'notifications').toBe('finished');
  expect(trial.stats().requests).toBe(0);
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 620, most_texts: 2 });
  expect(await fleet.counts('notifications')).toEqual({ accepted: 20 });
  const { workers } = await fleetStatus(fleet.redis, fleet.keys);
  const origins = [fleet.sandbox.url, trial.url].map(originOf).sort();
  expect(workers.map(({ origin }) => origin).sort()).toEqual(origins);
});

test('a campaign begun at one origin waits for its workers, and tells for whom', async () => {
  const fleet = await openFleet();
  const trial = await openTrial();
  const first = fleet.createWorker({ VOLLEY_RATE: '20' });
  await first.start();
  await fleet.send('spring', people(200));
  await expect.poll(() => fleet.sandbox.stats().texts, patiently).toBeGreaterThan(3);
  await first.stop();
  const sent = fleet.sandbox.stats().texts;
  await fleet.createWorker({ ENGAGELAB_BASE_URL: trial.url }).start();
  await fleet.log.line('campaign not served: it is sent to');
  await sleep(1500);
  expect(trial.stats().requests).toBe(0);
  const origin = originOf(fleet.sandbox.url);
  expect(await statusOf(fleet, 'spring')).toMatchObject({
    ...{ state: 'sending', pending: 200 - sent, origin, eta_s: null },
    waits_for_origin: { workers: [originOf(trial.url)] },
  });
  // Whoever cancels it has its jobs ended, though.
  await cancel(fleet.redis, fleet.keys, 'spring');
  const ended = async () => (await statusOf(fleet, 'spring')).jobs.failed;
  await expect.poll(ended, patiently).toBe(2);
  expect(trial.stats().requests).toBe(0);
});

test('VOLLEY_ALLOW_ORIGIN_CHANGE=1 goes on elsewhere, and binds it there', async () => {
  const fleet = await openFleet();
  const trial = await openTrial();
  const first = fleet.createWorker({ VOLLEY_RATE: '20' });
  await first.start();
  await fleet.send('spring', people(100));
  await expect.poll(() => fleet.sandbox.stats().texts, patiently).toBeGreaterThan(3);
  await first.stop();
  const sent = fleet.sandbox.stats().texts;
  const allowed = { ENGAGELAB_BASE_URL: trial.url, VOLLEY_ALLOW_ORIGIN_CHANGE: '1' };
  await fleet.createWorker(allowed).start();
  await pollState(fleet, 'spring').toBe('finished');
  expect([sent, trial.stats().texts]).toEqual([sent, 100 - sent]);
  expect(await statusOf(fleet, 'spring')).toMatchObject({ origin: originOf(trial.url) });
});

test('keys that are rotated strand nothing', async () => {
  const credentials = ['old', 'new'].map((secret) => ({ key: 'sandbox', secret }));
  const fleet = await openFleet({ credentials });
  const first = fleet.createWorker({ VOLLEY_RATE: '20', ENGAGELAB_DEV_SECRET: 'old' });
  await first.start();
  await fleet.send('spring', people(100));
  await expect.poll(() => fleet.sandbox.stats().texts, patiently).toBeGreaterThan(3);
  const { account } = await statusOf(fleet, 'spring');
  await first.stop();
  await fleet.createWorker({ ENGAGELAB_DEV_SECRET: 'new' }).start();
  await pollState(fleet, 'spring').toBe('finished');
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 100, most_texts: 1 });
  expect((await statusOf(fleet, 'spring')).account).toBe(account);
});

test("a trial's notifications do not bind the real ones", async () => {
  const fleet = await openFleet();
  const trial = await openTrial();
  trial.setFaults({ on_template: { promo: '500' } });
  const notifier = notifierOn(fleet.redis, fleet.keys);
  const slowly = { VOLLEY_BACKOFF_BASE_MS: '1500', VOLLEY_BACKOFF_CAP_MS: '1500' };
  const practice = fleet.createWorker({ ENGAGELAB_BASE_URL: trial.url, ...slowly });
  await practice.start();
  await notifier.notify({ to: '+6592000001', template: 'promo' });
  await expect.poll(() => trial.stats().requests, patiently).toBe(1);
  await practice.stop();
  await fleet.createWorker({ VOLLEY_RATE: '20' }).start();
  await notifier.notify({ to: '+6592000002', template: 'promo' });
  await expect.poll(() => fleet.sandbox.stats().texts, patiently).toBe(1);
  await fleet.log.line('left to others: its first attempt');
  await sleep(1500);
  expect(fleet.sandbox.stats()).toMatchObject({ requests: 1 });
  expect(await statusOf(fleet, 'notifications')).toMatchObject({ pending: 1, accepted: 1 });
});

test('a notification goes on at its origin, also while an older worker has another', async () => {
  const fleet = await openFleet();
  const { redis, keys } = fleet;
  fleet.sandbox.setFaults({ on_template: { promo: '500' } });
  const notifier = notifierOn(redis, keys);
  const first = fleet.createWorker({
    VOLLEY_BACKOFF_BASE_MS: '1500',
    VOLLEY_BACKOFF_CAP_MS: '1500',
  });
  await first.start();
  await notifier.notify({ to: '+6592000001', template: 'promo' });
  await expect.poll(() => fleet.sandbox.stats().requests, patiently).toBe(1);
  await first.stop();
  fleet.sandbox.setFaults({ on_template: {} });
  const elsewhere = { id: 'older', host: 'elsewhere', pid: 1, in_flight: 0, sent_per_s: 0 };
  const older = { ...elsewhere, origin: 'https://elsewhere.example', started_at: 1 };
  await beat(redis, keys.fleet, { ...older, seen_at: Date.now() + 60_000 });
  // What is new is the older one's.
  await notifier.notify({ to: '+6592000002', template: 'promo' });
  await fleet.createWorker().start();
  await fleet.log.line('begins no new campaign');
  await expect.poll(() => fleet.sandbox.stats().texts, patiently).toBe(1);
  await sleep(500);
  expect(fleet.sandbox.stats()).toMatchObject({ requests: 2, texts: 1 });
  await redis.hdel(keys.fleet.workers, 'older');
  await expect.poll(() => fleet.sandbox.stats().texts, patiently).toBe(2);
});

test('what is older than this is bound by whoever serves it next', async () => {
  const fleet = await openFleet();
  const { campaign } = fleet.keys.campaign('spring');
  const worker = fleet.createWorker({ VOLLEY_RATE: '20' });
  await worker.start();
  await fleet.send('spring', people(60));
  await expect.poll(() => fleet.sandbox.stats().texts, patiently).toBeGreaterThan(3);
  await worker.stop();
  await fleet.redis.hdel(campaign, 'origin', 'account');
  const trial = await openTrial();
  await fleet.createWorker({ ENGAGELAB_BASE_URL: trial.url }).start();
  await pollState(fleet, 'spring').toBe('finished');
  expect(await fleet.redis.hget(campaign, 'origin')).toBe(originOf(trial.url));
});

test('once the older worker is gone, the younger one begins what is new', async () => {
  const fleet = await openFleet();
  const { redis, keys } = fleet;
  const elsewhere = { id: 'older', host: 'elsewhere', pid: 1, in_flight: 0, sent_per_s: 0 };
  const older = { ...elsewhere, origin: 'https://elsewhere.example', started_at: 1, seen_at: 0 };
  const tell = () => beat(redis, keys.fleet, { ...older, seen_at: Date.now() });
  await tell();
  await fleet.createWorker().start();
  await fleet.log.line('begins no new campaign');
  await fleet.send('spring', people(20));
  await tell();
  await sleep(1500);
  expect(fleet.sandbox.stats().requests).toBe(0);
  await redis.hdel(keys.fleet.workers, 'older');
  await fleet.log.line('again');
  await pollState(fleet, 'spring').toBe('finished');
  // Its heartbeat tells so half a second later.
  const reaches = async () =>
    (await readWorkers(redis, keys.fleet, Date.now())).map(({ reach }) => reach);
  await expect.poll(reaches, patiently).toEqual(['new']);
});
