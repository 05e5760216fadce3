/** What is known of a campaign once its day is over: it counts only as long as it still texts people. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { cancel } from '../../../src/producer/control/control.ts';
import { replay } from '../../../src/producer/replay/replay.ts';
import { LeftOfJob } from '../../../src/producer/sent-before/left.ts';
import type { StoredJob } from '../../../src/shared/campaign/stored-jobs.ts';
import { JOB_VERSION } from '../../../src/shared/job.ts';
import { UNTOUCHED } from '../../../src/shared/ledger/entry.ts';
import { type Fleet, openFleet, people } from '../../support/fleet.ts';
import { finish, refused, sendOnce } from './once.ts';

const TWENTY = people(20);
const HOUR = 3_600_000;

/** As if a campaign had been released so many hours earlier than it was. */
async function age(fleet: Fleet, id: string, hours: number): Promise<void> {
  const { redis, keys } = fleet;
  const own = keys.campaign(id);
  const released = Number(await redis.hget(own.campaign, 'released_at'));
  await redis.hset(own.campaign, 'released_at', released - hours * HOUR);
  for (const key of await redis.keys(`${keys.prefix}*${id}*~sketch:*`))
    await redis.pexpire(key, (await redis.pttl(key)) - hours * HOUR);
}

/** As if workers had let go of it so many hours ago. */
async function endedBefore(fleet: Fleet, id: string, hours: number): Promise<void> {
  await fleet.redis.zadd(fleet.keys.fleet.finished, Date.now() - hours * HOUR, id);
}

test('one that was done within its day counts for a day, and no longer', async () => {
  const fleet = await openFleet();
  await sendOnce(fleet, 'first', TWENTY);
  await finish(fleet, 'first');
  await endedBefore(fleet, 'first', 22);
  await age(fleet, 'first', 23.9);
  const soon = sendOnce(fleet, 'soon', TWENTY);
  await expect(soon).rejects.toMatchObject(refused('20 of its 20 recipients were texted'));
  await age(fleet, 'first', 0.2);
  expect(await sendOnce(fleet, 'next', TWENTY)).toMatchObject({ released: true });
});

test('one that has people to text still counts, with those that it texted within a day', async () => {
  const fleet = await openFleet();
  await sendOnce(fleet, 'slow', people(100), { canary: 40 });
  const worker = fleet.createWorker();
  await worker.start();
  await expect.poll(() => fleet.counts('slow')).toEqual({ accepted: 40, pending: 60 });
  await age(fleet, 'slow', 50);
  const words =
    '40 of its 100 recipients were texted this message within 24 h, by campaign slow, sent 50 h ago (60 more are still to be)';
  await expect(sendOnce(fleet, 'again', people(100))).rejects.toMatchObject(refused(words));
  await cancel(fleet.redis, fleet.keys, 'slow');
  const ended = () => fleet.redis.zscore(fleet.keys.fleet.finished, 'slow');
  await expect.poll(ended).not.toBeNull();
  await endedBefore(fleet, 'slow', 49);
  expect(await sendOnce(fleet, 'rest', people(100))).toMatchObject({ released: true });
});

test('one that took longer than its day counts until a day after its end', async () => {
  const fleet = await openFleet();
  await sendOnce(fleet, 'slow', TWENTY);
  await finish(fleet, 'slow');
  await age(fleet, 'slow', 30);
  const soon = sendOnce(fleet, 'soon', TWENTY);
  await expect(soon).rejects.toMatchObject(refused('20 of its 20 recipients were texted'));
  await age(fleet, 'slow', 30);
  await endedBefore(fleet, 'slow', 25);
  expect(await sendOnce(fleet, 'next', TWENTY)).toMatchObject({ released: true });
});

test('one that was cancelled, and replayed days later, counts', async () => {
  const fleet = await openFleet();
  await sendOnce(fleet, 'first', TWENTY);
  await cancel(fleet.redis, fleet.keys, 'first');
  await finish(fleet, 'first');
  await endedBefore(fleet, 'first', 99);
  await age(fleet, 'first', 100);
  const options = { states: ['cancelled'], mayDouble: false, by: 'a test' } as const;
  await replay(fleet.redis, fleet.keys, 'first', options);
  const early = sendOnce(fleet, 'early', TWENTY);
  await expect(early).rejects.toMatchObject(refused('20 of its 20 recipients are to be texted'));
  await finish(fleet, 'first');
  const late = sendOnce(fleet, 'late', TWENTY);
  const words = 'were texted this message within 24 h, by campaign first, sent 4 days ago';
  await expect(late).rejects.toMatchObject(refused(words));
});

test('attempts before the day count for nothing, with any state', () => {
  const messages: [[string[], string[]]] = [[['+6591000000', '+6591000001'], []]];
  const job = {
    v: JOB_VERSION,
    campaign: 'x',
    template: 'promo',
    plan_name: 'x',
    params: [],
    messages,
  };
  const of = (at: number, earlier: string, more = {}) => {
    const last = { run: 'abcd', outcome: 'rejected', at } as const;
    const entry = { ...UNTOUCHED, state: 'rejected', number: 1, last, ...more } as const;
    const stored: StoredJob = {
      ...{ id: 'x-0', enqueuedAt: 0, finishedAt: null, entries: [entry] },
      job: { ...job, v: JOB_VERSION, on_unconfirmed: 'park' },
      fields: { '0.1': earlier },
    };
    return new LeftOfJob(stored, 0, { now: 1000, since: 500 }).of(0)(1);
  };
  const accepted = (at: number) => ({
    state: 'accepted' as const,
    last: { run: 'abcd', outcome: 'accepted' as const, at },
  });
  expect(of(0, '', accepted(499))).toBe('not');
  expect(of(0, '', accepted(500))).toBe('texted');
  expect(of(0, '', { ...accepted(499), number: 2 })).toBe('not');
  expect(of(0, '', { ...accepted(500), number: 2 })).toBe('texted');
  expect(of(600, '')).toBe('not');
});

test('whose clock is fast takes nobody for expired', async () => {
  const fleet = await openFleet();
  await sendOnce(fleet, 'first', TWENTY, { notAfter: Date.now() + HOUR });
  vi.useFakeTimers({ now: Date.now() + 2 * HOUR, toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const second = sendOnce(fleet, 'second', TWENTY);
  await expect(second).rejects.toMatchObject(refused('20 of its 20 recipients are to be texted'));
});
