import { once } from 'node:events';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { cancel, pause, resume } from '../../src/producer/control/control.ts';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { lockValve } from '../../src/shared/fleet/valve.ts';
import { openAttempts } from '../../src/shared/ledger/open.ts';
import { towards } from '../support/destination.ts';
import { type Fleet, openFleet, people, workUntilFinished } from '../support/fleet.ts';

/** A fleet whose sandbox says when so many requests have arrived. */
async function openCounting(requests: number, latency = 0) {
  const there = Promise.withResolvers<void>();
  const fleet = await openFleet({
    faults: { latency },
    onRequest: ({ point, request }) => {
      if (point === 'received' && request === requests) there.resolve();
    },
  });
  return { fleet, there: there.promise };
}

/** Twice as many as both workers have. */
const MOST_CONNECTIONS = 400;

/** For `expect.poll`, on a machine with much else to do. */
const patiently = { timeout: 20_000, interval: 20 };

const status = ({ redis, keys }: Fleet, id: string) => campaignStatus(redis, keys, id);

/**
 * That no request leaves any more, also after as long as a late one could take. What has left by now may still be in the
 * system's hands: Node accepts one connection a turn of the event loop, and on a busy machine turns are slow.
 */
async function expectNoMore(fleet: Fleet): Promise<void> {
  for (let turn = 0; turn < MOST_CONNECTIONS; turn++) await nextTurn();
  const { requests } = fleet.sandbox.stats();
  await sleep(1500);
  expect(fleet.sandbox.stats().requests).toBe(requests);
}

describe('a pause', () => {
  test('lets nothing leave once it has returned, and a resume sends the rest once', async () => {
    const { fleet, there } = await openCounting(200, 20);
    const { redis, keys } = fleet;
    await fleet.send('big', people(1500));
    const workers = [fleet.createWorker(), fleet.createWorker()];
    for (const worker of workers) await worker.start();
    await there;

    const paused = await pause(redis, keys, 'big');
    expect(paused).toMatchObject({ state: 'paused', changed: true, balanced: true });
    await expectNoMore(fleet);
    const { requests, texts } = fleet.sandbox.stats();
    expect(requests).toBeLessThan(1500);
    expect(await status(fleet, 'big')).toMatchObject({
      state: 'paused',
      accepted: texts,
      pending: 1500 - texts,
      jobs: { active: 0 },
    });
    expect(await fleet.verify('big')).toMatchObject({ verified: true });
    // Nor do workers go round in a circle: a job that is put back is not taken again.
    const moved = fleet.log.lines.length;
    await sleep(1000);
    expect(fleet.log.lines.slice(moved).filter((line) => line.includes('put back'))).toEqual([]);

    const detached = Promise.all(workers.map((worker) => once(worker, 'detached')));
    expect(await resume(redis, keys, 'big')).toMatchObject({ state: 'sending', changed: true });
    await detached;
    expect(fleet.sandbox.stats()).toMatchObject({ texts: 1500, numbers: 1500, most_texts: 1 });
    expect(await fleet.counts('big')).toEqual({ accepted: 1500 });
    expect(await fleet.verify('big')).toMatchObject({ verified: true });
  });

  test('before the start of a campaign holds until it is resumed', async () => {
    const fleet = await openFleet();
    const { redis, keys } = fleet;
    await fleet.send('later', people(3), { startAt: Date.now() + 1000 });
    expect(await pause(redis, keys, 'later')).toMatchObject({ state: 'paused', pending: 3 });
    const worker = fleet.createWorker();
    await worker.start();
    await sleep(2000);
    expect(fleet.sandbox.stats().requests).toBe(0);
    const detached = once(worker, 'detached');
    expect(await resume(redis, keys, 'later')).toMatchObject({ state: 'sending' });
    await detached;
    expect(await fleet.counts('later')).toEqual({ accepted: 3 });
  });

  test('reaches messages that wait for the pacer', async () => {
    const { fleet, there } = await openCounting(1);
    const { redis, keys } = fleet;
    await fleet.send('slow', people(500));
    const worker = fleet.createWorker({ VOLLEY_RATE: '1' });
    await worker.start();
    await there;
    await pause(redis, keys, 'slow');
    await expect.poll(async () => (await status(fleet, 'slow')).jobs.active, patiently).toBe(0);
    await expectNoMore(fleet);
    expect(await status(fleet, 'slow')).toMatchObject({ state: 'paused', balanced: true });
  });
});

describe('a cancel', () => {
  test('lets nothing leave once it has returned, and counts the rest as cancelled', async () => {
    const { fleet, there } = await openCounting(200, 20);
    const { redis, keys } = fleet;
    await fleet.send('big', people(1500));
    const workers = [fleet.createWorker(), fleet.createWorker()];
    const detached = Promise.all(workers.map((worker) => once(worker, 'detached')));
    for (const worker of workers) await worker.start();
    await there;

    const { state, pending, balanced } = await cancel(redis, keys, 'big');
    expect({ state, pending, balanced }).toEqual({
      state: 'cancelled',
      pending: 0,
      balanced: true,
    });
    await expectNoMore(fleet);
    await detached;
    const { texts, most_texts } = fleet.sandbox.stats();
    expect(most_texts).toBe(1);
    expect(await status(fleet, 'big')).toMatchObject({
      state: 'cancelled',
      accepted: texts,
      cancelled: 1500 - texts,
      jobs: { waiting: 0, active: 0, delayed: 0 },
    });
    expect(await fleet.verify('big')).toMatchObject({ verified: true });
    const states = (await fleet.lines('big')).map((line) => line.state);
    expect(states.filter((each) => each === 'cancelled')).toHaveLength(1500 - texts);
  });

  test('needs no worker, and workers then end its jobs without a permit', async () => {
    const fleet = await openFleet();
    const { redis, keys } = fleet;
    await fleet.send('off', people(1000), { startAt: Date.now() + 3_600_000 });
    expect(await cancel(redis, keys, 'off')).toMatchObject({ state: 'cancelled', cancelled: 1000 });
    expect(await fleet.verify('off')).toMatchObject({ verified: true });
    expect((await fleet.lines('off')).every((line) => line.state === 'cancelled')).toBe(true);

    await lockValve(redis, keys.fleet, { reason: 'operator', since: 0, detail: 'held' });
    await workUntilFinished(fleet.createWorker({ VOLLEY_RATE: '1' }), 'off');
    expect(await status(fleet, 'off')).toMatchObject({ jobs: { waiting: 0, failed: 10 } });
    expect(await fleet.ended('off')).toMatchObject({
      reason: 'of 100 messages: 100 cancelled',
    });
    expect(await fleet.verify('off')).toMatchObject({ verified: true });
    expect(fleet.sandbox.stats().requests).toBe(0);
  });

  test('reaches messages that wait for their next attempt', async () => {
    const fleet = await openFleet({ faults: { on_template: { promo: '1000' } } });
    const { redis, keys } = fleet;
    await fleet.send('again', people(10));
    const worker = fleet.createWorker({
      VOLLEY_BACKOFF_BASE_MS: '200000',
      VOLLEY_BACKOFF_CAP_MS: '300000',
    });
    const detached = once(worker, 'detached');
    await worker.start();
    await expect.poll(async () => (await status(fleet, 'again')).jobs.delayed, patiently).toBe(1);
    await cancel(redis, keys, 'again');
    await expectNoMore(fleet);
    await detached;
    expect(await fleet.counts('again')).toEqual({ cancelled: 10 });
    expect(await fleet.verify('again')).toMatchObject({ verified: true });
  });

  test('leaves an attempt that a dead run left open to a person', async () => {
    const fleet = await openFleet();
    const { redis, keys } = fleet;
    await fleet.send('lost', people(300));
    const own = keys.campaign('lost');
    const jobId = 'lost-0000001';
    await redis.set(own.lock(jobId), 'dead', 'PX', 60_000);
    const dead = {
      jobId,
      token: 'dead',
      run: 'dead',
      leastLockMs: 1,
      destination: towards(fleet.sandbox.url),
    };
    const opening = [{ index: 1, number: 1 }];
    expect(await openAttempts(redis, own, dead, Date.now(), opening)).toEqual([true]);
    await redis.del(own.lock(jobId));
    expect(await cancel(redis, keys, 'lost')).toMatchObject({ cancelled: 300, balanced: true });
    expect(await fleet.verify('lost')).toMatchObject({ verified: true });
    await workUntilFinished(fleet.createWorker(), 'lost');
    expect(await fleet.counts('lost')).toEqual({ cancelled: 299, unconfirmed: 1 });
    expect(await fleet.verify('lost')).toMatchObject({ verified: true });
    expect(fleet.sandbox.stats().requests).toBe(0);
  });

  test('of a paused campaign ends it', async () => {
    const fleet = await openFleet();
    const { redis, keys } = fleet;
    await fleet.send('both', people(300));
    await pause(redis, keys, 'both');
    expect(await cancel(redis, keys, 'both')).toMatchObject({ state: 'cancelled', cancelled: 300 });
    await workUntilFinished(fleet.createWorker(), 'both');
    expect(fleet.sandbox.stats().requests).toBe(0);
    expect(await fleet.verify('both')).toMatchObject({ verified: true });
  });
});

describe('what has not left by its not_after expires without a permit', () => {
  test('while the pacer holds it', async () => {
    const fleet = await openFleet();
    await fleet.send('flash', people(5000), { notAfter: Date.now() + 2500 });
    await workUntilFinished(fleet.createWorker({ VOLLEY_RATE: '2' }), 'flash');
    const { texts } = fleet.sandbox.stats();
    expect(texts).toBeLessThan(500);
    expect(await fleet.counts('flash')).toEqual({ accepted: texts, expired: 5000 - texts });
    expect(await fleet.verify('flash')).toMatchObject({ verified: true });
  });

  test('while its own limit or the valve holds it', async () => {
    const fleet = await openFleet();
    const { redis, keys } = fleet;
    await lockValve(redis, keys.fleet, { reason: 'operator', since: 0, detail: 'held' });
    const notAfter = Date.now() + 1500;
    await fleet.send('held', people(500), { notAfter });
    await fleet.send('own', people(500), { notAfter, rate: 1 });
    await workUntilFinished(fleet.createWorker(), 'held', 'own');
    expect(await fleet.counts('held')).toEqual({ expired: 500 });
    expect(await fleet.counts('own')).toEqual({ expired: 500 });
    expect(fleet.sandbox.stats().requests).toBe(0);
  });

  test('while it waits for its next attempt', async () => {
    const fleet = await openFleet({ faults: { on_template: { promo: '1000' } } });
    await fleet.send('tries', people(5), { notAfter: Date.now() + 1500 });
    const settings = { VOLLEY_BACKOFF_BASE_MS: '200000', VOLLEY_BACKOFF_CAP_MS: '300000' };
    await workUntilFinished(fleet.createWorker(settings), 'tries');
    expect(await fleet.counts('tries')).toEqual({ expired: 5 });
    expect(await fleet.verify('tries')).toMatchObject({ verified: true });
  });
});
