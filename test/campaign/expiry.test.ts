/** What nobody runs expires all the same, once its `not_after` has passed: it is paused, or a canary holds it back. */
import { expect, test } from 'vitest';
import { pause, resume } from '../../src/producer/control/control.ts';
import { replay } from '../../src/producer/replay/replay.ts';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { jobIdAt } from '../../src/shared/job.ts';
import { openAttempts } from '../../src/shared/ledger/open.ts';
import { towards } from '../support/destination.ts';
import { type Fleet, openFleet, people, workUntilFinished } from '../support/fleet.ts';

/** For `expect.poll`, on a machine with much else to do. */
const patiently = { timeout: 60_000, interval: 50 };

const status = ({ redis, keys }: Fleet, id: string) => campaignStatus(redis, keys, id);

/** The times of these jobs are over. */
async function passTime(fleet: Fleet, campaign: string, positions: readonly number[]) {
  for (const position of positions) {
    const job = await fleet.jobOf(campaign, position);
    await job.updateData({ ...job.data, not_after: Date.now() - 1 });
  }
  await fleet.redis.hset(fleet.keys.campaign(campaign).campaign, 'expiry_look', Date.now() - 1);
}

test('a paused campaign expires by itself, and its jobs end', async () => {
  const fleet = await openFleet();
  const { redis, keys } = fleet;
  await fleet.send('late', people(120), { notAfter: Date.now() + 3_600_000 });
  await pause(redis, keys, 'late');
  const own = keys.campaign('late');
  // One was under way, to another origin, when its worker died. What has expired is only to be ended.
  await redis.set(own.lock(jobIdAt('late', 1)), 'dead', 'PX', 60_000);
  const asked = {
    jobId: jobIdAt('late', 1),
    token: 'dead',
    run: 'dead',
    leastLockMs: 1,
    destination: towards(fleet.sandbox.url),
  };
  await redis.hdel(own.campaign, 'paused');
  await openAttempts(redis, own, asked, Date.now(), [{ index: 0, number: 1, leftOut: [] }]);
  await redis.hset(own.campaign, 'paused', 1);
  await redis.del(own.lock(jobIdAt('late', 1)));
  await passTime(fleet, 'late', [0, 1]);

  await workUntilFinished(fleet.createWorker(), 'late');

  expect(await fleet.counts('late')).toEqual({ expired: 119, unconfirmed: 1 });
  expect(await status(fleet, 'late')).toMatchObject({ state: 'finished', jobs: { failed: 2 } });
  expect((await fleet.ended('late')).reason).toBe('of 100 messages: 100 expired');
  expect((await fleet.lines('late')).filter(({ state }) => state === 'expired')).toHaveLength(119);
  expect(fleet.sandbox.stats().requests).toBe(0);
  expect(await fleet.verify('late')).toMatchObject({ verified: true });
});

test('of a paused campaign only those jobs expire whose time is over, and the rest waits', async () => {
  const fleet = await openFleet();
  const { redis, keys } = fleet;
  await fleet.send('some', people(250), { notAfter: Date.now() + 3_600_000 });
  await pause(redis, keys, 'some');
  await passTime(fleet, 'some', [0, 2]);
  const worker = fleet.createWorker();
  await worker.start();
  await expect.poll(() => fleet.counts('some'), patiently).toEqual({ expired: 150, pending: 100 });
  expect(await status(fleet, 'some')).toMatchObject({ state: 'paused', balanced: true });
  expect(fleet.sandbox.stats().requests).toBe(0);

  await resume(redis, keys, 'some');
  await expect.poll(() => status(fleet, 'some'), patiently).toMatchObject({ state: 'finished' });
  expect(await fleet.counts('some')).toEqual({ expired: 150, accepted: 100 });
  expect(await fleet.verify('some')).toMatchObject({ verified: true });
});

test('what a canary holds back expires, and the campaign is finished', async () => {
  const fleet = await openFleet();
  await fleet.send('first', people(30), { notAfter: Date.now() + 3_600_000, canary: 5 });
  const worker = fleet.createWorker();
  await worker.start();
  await expect.poll(() => status(fleet, 'first'), patiently).toMatchObject({ state: 'paused' });
  await passTime(fleet, 'first', [1]);
  await expect
    .poll(() => status(fleet, 'first'), patiently)
    .toMatchObject({ state: 'finished', jobs: { completed: 1, failed: 1, delayed: 0 } });
  expect(await fleet.counts('first')).toEqual({ accepted: 5, expired: 25 });
  expect(await fleet.verify('first')).toMatchObject({ verified: true });
});

test('what a replay gives another time expires then, though the campaign is paused', async () => {
  const fleet = await openFleet({ faults: { on_template: { promo: '3001' } } });
  const { redis, keys } = fleet;
  await fleet.send('again', people(3));
  const worker = fleet.createWorker();
  await workUntilFinished(worker, 'again');
  await redis.hset(keys.campaign('again').campaign, 'paused', 1);
  await replay(redis, keys, 'again', { template: 'promo-2', notAfter: Date.now() + 1500 });
  expect(await fleet.counts('again')).toEqual({ pending: 3 });
  await expect.poll(() => fleet.counts('again'), patiently).toEqual({ expired: 3 });
  await expect.poll(() => status(fleet, 'again'), patiently).toMatchObject({ state: 'finished' });
  expect(await fleet.verify('again')).toMatchObject({ verified: true });
});

test('what a replay takes whose time is over expires, though the campaign is paused and was looked through', async () => {
  const fleet = await openFleet({ faults: { on_template: { promo: '5001' } } });
  const { redis, keys } = fleet;
  await fleet.send('over', people(3), { notAfter: Date.now() + 3_600_000 });
  await workUntilFinished(fleet.createWorker(), 'over');
  expect(await fleet.counts('over')).toEqual({ rejected: 3 });
  await passTime(fleet, 'over', [0]);
  await redis.hset(keys.campaign('over').campaign, { paused: 1, expiry_look: 0 });
  await replay(redis, keys, 'over');
  await expect.poll(() => fleet.counts('over'), patiently).toEqual({ expired: 3 });
  expect(await fleet.verify('over')).toMatchObject({ verified: true });
});
