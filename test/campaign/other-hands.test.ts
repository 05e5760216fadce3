// Longer than 250 lines, because it is a table of deeds, each of which is read on its own.
/**
 * What another program does to a campaign's queue, by BullMQ's own API or in Redis itself: before it is sent, while it
 * is, while its canary waits, and after its end. Whatever it is, nobody is texted twice, the campaign comes to its end,
 * and what is left is audited, replayed and verified.
 */
import { expect, onTestFinished, test } from 'vitest';
import { resume } from '../../src/producer/control/control.ts';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { NOTIFICATIONS } from '../../src/shared/job.ts';
import { BEGUN, BEGUN_FIELD } from '../../src/shared/ledger/begun.ts';
import { LostJobs } from '../../src/worker/upkeep/lost-jobs.ts';
import { numberAt, openFleet } from '../support/fleet.ts';
import { notifierOn } from '../support/notifier.ts';
import {
  ALL,
  type Around,
  allEnd,
  aroundOf,
  expectNoProblems,
  FIRST,
  idOf,
  NONE,
  patiently,
  type Row,
  SECOND,
  sendAll,
} from '../support/other-hands.ts';

/** As if another program's worker had taken it. */
async function takeAway({ fleet, own }: Around, id: string): Promise<void> {
  await fleet.redis.lrem(own.job('wait'), 0, id);
}

const BEFORE: Row[] = [
  { deed: 'nothing', hand: async () => undefined, counts: ALL },
  { deed: 'drain', hand: ({ queue }) => queue.drain(), counts: NONE },
  { deed: 'drain, delayed too', hand: ({ queue }) => queue.drain(true), counts: NONE },
  { deed: 'clean what waits', hand: ({ queue }) => queue.clean(0, 0, 'wait'), counts: NONE },
  { deed: 'obliterate', hand: ({ queue }) => queue.obliterate(), counts: NONE },
  {
    deed: 'remove a job',
    hand: ({ queue, first }) => queue.remove(first),
    counts: { accepted: SECOND, lost: FIRST },
  },
  {
    deed: 'fewer messages written into a job',
    hand: async ({ queue, second }) => {
      const job = await queue.getJob(second);
      await job?.updateData({ ...job.data, messages: job.data.messages.slice(0, 5) });
    },
    counts: { accepted: FIRST + 5, lost: SECOND - 5 },
  },
  {
    deed: 'another priority',
    hand: async ({ queue, first }) => (await queue.getJob(first))?.changePriority({ priority: 9 }),
    counts: ALL,
  },
  {
    deed: 'the same job added again',
    hand: async ({ queue, first }) => {
      const job = await queue.getJob(first);
      await queue.add('send', job?.data, { jobId: first });
    },
    counts: ALL,
  },
  {
    deed: 'a schedule of its own, and a job removed',
    hand: async ({ queue, second }) => {
      await queue.upsertJobScheduler('tick', { every: 3_600_000 }, { data: {} });
      await queue.remove(second);
    },
    counts: { accepted: FIRST, lost: SECOND },
  },
  {
    deed: 'jobs that another worker failed and completed unsent',
    hand: async (around) => {
      await takeAway(around, around.first);
      await takeAway(around, around.second);
      await around.fleet.redis.zadd(around.own.job('failed'), 1, around.first);
      await around.fleet.redis.zadd(around.own.job('completed'), 1, around.second);
    },
    counts: ALL,
  },
  {
    deed: 'orphans removed, events trimmed',
    hand: async ({ queue }) => [await queue.removeOrphanedJobs(), await queue.trimEvents(0)],
    counts: ALL,
  },
  {
    deed: 'global concurrency of 1',
    hand: ({ queue }) => queue.setGlobalConcurrency(1),
    counts: ALL,
  },
  {
    deed: "the queue's settings deleted",
    hand: ({ fleet, own }) => fleet.redis.del(own.job('meta')),
    counts: ALL,
  },
  {
    deed: 'the list of waiting jobs deleted',
    hand: ({ fleet, own }) => fleet.redis.del(own.job('wait')),
    counts: ALL,
  },
  {
    deed: 'the counts deleted',
    hand: ({ fleet, own }) => fleet.redis.del(own.counts),
    counts: ALL,
  },
  {
    deed: 'the counts and a job deleted',
    hand: async ({ fleet, own, queue, second }) => {
      await queue.remove(second);
      await fleet.redis.del(own.counts);
    },
    counts: { accepted: FIRST, lost: SECOND },
  },
];

test('before a campaign is sent', async () => {
  const fleet = await openFleet();
  await sendAll(fleet, BEFORE);
  for (const [at, { hand }] of BEFORE.entries()) await hand(aroundOf(fleet, at));
  await fleet.redis.del(fleet.keys.fleet.serving);
  await fleet.createWorker().start();
  await allEnd(fleet, BEFORE);
  await expectNoProblems(fleet, BEFORE);
});

const MEANWHILE: Row[] = [
  { deed: 'drain', hand: ({ queue }) => queue.drain(true) },
  { deed: 'clean what is active', hand: ({ queue }) => queue.clean(0, 0, 'active'), counts: ALL },
  { deed: 'obliterate', hand: ({ queue }) => queue.obliterate({ force: true }) },
  {
    deed: 'remove all jobs that can be',
    hand: async ({ queue, first, second }) =>
      Promise.allSettled([first, second].map((id) => queue.remove(id))),
  },
  {
    deed: 'a ledger deleted',
    hand: ({ fleet, own, first }) => fleet.redis.del(own.ledger(first)),
  },
  {
    deed: 'all ledgers deleted, and the locks',
    hand: ({ fleet, own, first, second }) =>
      fleet.redis.del(own.ledger(first), own.ledger(second), own.lock(first), own.lock(second)),
  },
  {
    deed: 'the list of active jobs deleted',
    hand: ({ fleet, own }) => fleet.redis.del(own.job('active')),
    counts: ALL,
  },
  {
    deed: 'the counts deleted',
    hand: ({ fleet, own }) => fleet.redis.del(own.counts),
    counts: ALL,
  },
  {
    deed: 'promote and retry what runs',
    hand: async ({ queue, first }) => {
      const job = await queue.getJob(first);
      await Promise.allSettled([job?.promote(), job?.retry('failed'), queue.promoteJobs()]);
    },
    counts: ALL,
  },
];

test('while a campaign is being sent', async () => {
  const fleet = await openFleet({ faults: { latency: 30 } });
  await sendAll(fleet, MEANWHILE, { rate: 60 });
  await fleet.createWorker({ VOLLEY_LOCK_MS: '1000' }).start();
  await Promise.all(
    MEANWHILE.map(async ({ hand }, at) => {
      const accepted = async () => (await fleet.counts(idOf(at)))['accepted'] ?? 0;
      await expect.poll(accepted, { ...patiently, interval: 50 }).toBeGreaterThan(10);
      await hand(aroundOf(fleet, at));
    }),
  );
  await allEnd(fleet, MEANWHILE);
  await expectNoProblems(fleet, MEANWHILE);
});

const HELD: Row[] = [
  {
    deed: 'promote a job',
    hand: async ({ queue, second }) => (await queue.getJob(second))?.promote(),
  },
  { deed: 'promote all', hand: ({ queue }) => queue.promoteJobs() },
  {
    deed: 'no delay any more',
    hand: async ({ queue, second }) => (await queue.getJob(second))?.changeDelay(0),
  },
  {
    deed: 'the list of delayed jobs deleted',
    hand: ({ fleet, own }) => fleet.redis.del(own.job('delayed')),
  },
];

test('while its canary waits, nothing that is held back is sent', async () => {
  const fleet = await openFleet();
  await sendAll(fleet, HELD, { canary: FIRST });
  await fleet.createWorker().start();
  const texts = () => fleet.sandbox.stats().texts;
  await expect.poll(texts, patiently).toBe(HELD.length * FIRST);
  for (const [at, { hand }] of HELD.entries()) await hand(aroundOf(fleet, at));
  const back = async () => {
    const held = HELD.map((_row, at) => {
      const { own, second } = aroundOf(fleet, at);
      return fleet.redis.zscore(own.job('delayed'), second);
    });
    return (await Promise.all(held)).every((score) => Number(score) > 8e15);
  };
  await expect.poll(back, patiently).toBe(true);
  expect(texts()).toBe(HELD.length * FIRST);
  const told = fleet.log.lines.filter((line) => line.includes('held back again'));
  expect(told.length).toBe(HELD.length);

  for (const at of HELD.keys()) await resume(fleet.redis, fleet.keys, idOf(at));
  await allEnd(fleet, HELD);
  await expectNoProblems(
    fleet,
    HELD.map((row) => ({ ...row, counts: ALL })),
  );
});

const AFTER: Row[] = [
  {
    deed: 'retry all that failed',
    hand: ({ queue }) => queue.retryJobs({ state: 'failed' }),
  },
  {
    deed: 'retry all that completed',
    hand: ({ queue }) => queue.retryJobs({ state: 'completed' }),
  },
  {
    deed: 'retry all, without their ledgers',
    hand: async ({ fleet, own, queue, first, second }) => {
      await fleet.redis.del(own.ledger(first), own.ledger(second));
      await queue.retryJobs({ state: 'completed' });
      await queue.retryJobs({ state: 'failed' });
    },
  },
  {
    deed: 'clean all, and lay it anew',
    hand: async ({ queue, first }) => {
      const job = await queue.getJob(first);
      await queue.clean(0, 0, 'failed');
      await queue.clean(0, 0, 'completed');
      await queue.add('send', job?.data, { jobId: first });
    },
  },
  { deed: 'obliterate', hand: ({ queue }) => queue.obliterate({ force: true }) },
  { deed: 'the counts deleted', hand: ({ fleet, own }) => fleet.redis.del(own.counts) },
];

test('after its end nothing is sent again', async () => {
  const fleet = await openFleet({ faults: { rates: { '5001': 0.05, '1000-accepted': 0.05 } } });
  await sendAll(fleet, AFTER);
  const worker = fleet.createWorker();
  await worker.start();
  await allEnd(fleet, AFTER);
  const served = () => fleet.redis.hlen(fleet.keys.fleet.serving);
  await expect.poll(served, patiently).toBe(0);
  const before = await Promise.all(AFTER.map((_row, at) => fleet.counts(idOf(at))));
  const { requests } = fleet.sandbox.stats();
  for (const [at, { hand }] of AFTER.entries()) await hand(aroundOf(fleet, at));
  // A replay, another send or the sweep of what is not served has them looked after again.
  for (const at of AFTER.keys()) await fleet.redis.hincrby(fleet.keys.fleet.serving, idOf(at), 7);
  await expect.poll(served, patiently).toBe(0);

  expect(fleet.sandbox.stats().requests).toBe(requests);
  const rows = AFTER.map((row, at) => ({ ...row, counts: before[at] ?? {} }));
  await expectNoProblems(fleet, rows);
});

test('notifications: what was sent is not sent again, and what was not is told of', async () => {
  const fleet = await openFleet();
  const notifier = notifierOn(fleet.redis, fleet.keys);
  onTestFinished(() => notifier.close());
  const own = fleet.keys.campaign(NOTIFICATIONS);
  const notify = async (to: number) => {
    const { message } = await notifier.notify({ to: numberAt(to), template: 'otp' });
    return message.replace(/\.0$/, '');
  };
  const worker = fleet.createWorker({ VOLLEY_LOCK_MS: '1000' });
  await worker.start();
  const ids = [await notify(0), await notify(1), await notify(2)];
  await expect.poll(() => fleet.counts(NOTIFICATIONS), patiently).toEqual({ accepted: 3 });
  const queue = fleet.queueOf(NOTIFICATIONS);
  await expect.poll(() => queue.getCompletedCount(), patiently).toBe(3);

  // Sent, and without its ledger: looked at as it stands there, run again, and gone altogether.
  await fleet.redis.del(...ids.map((id) => own.ledger(id)), own.job(ids[2] ?? ''));
  await (await queue.getJob(ids[1] ?? ''))?.retry('completed');
  // Begun, and without its ledger: its worker died over it.
  const dead = await notify(3);
  await fleet.redis.hset(own.job(dead), 'name', BEGUN);
  const counts = async () => {
    const { accepted = 0, unconfirmed = 0, pending = 0 } = await fleet.counts(NOTIFICATIONS);
    return { accepted, pending, fourth: unconfirmed + accepted - 3 };
  };
  await expect.poll(counts, patiently).toMatchObject({ pending: 0, fourth: 1 });
  await fleet.redis.del(own.goneLook);
  await new LostJobs(fleet.redis, fleet.keys, fleet.log.logger).lookFor(NOTIFICATIONS);
  await expect.poll(() => queue.getWaitingCount(), patiently).toBe(0);
  await expect.poll(() => queue.getActiveCount(), patiently).toBe(0);

  for (const to of [0, 1, 2, 3])
    expect(fleet.sandbox.textsTo(numberAt(to))?.count ?? 0).toBeLessThanOrEqual(1);
  expect(fleet.sandbox.stats().texts).toBe((await fleet.counts(NOTIFICATIONS))['accepted']);
  expect(await campaignStatus(fleet.redis, fleet.keys, NOTIFICATIONS)).toMatchObject({
    ...{ pending: 0, balanced: true },
  });
  expect(await fleet.verify(NOTIFICATIONS)).toMatchObject({ verified: true });
});

test('what was opened is noted in the job and in its ledger', async () => {
  const fleet = await openFleet();
  const rows = [{ deed: 'nothing', hand: async () => undefined, counts: ALL }];
  await sendAll(fleet, rows, { canary: FIRST });
  const { own, first, second } = aroundOf(fleet, 0);
  const nameOf = (id: string) => fleet.redis.hget(own.job(id), 'name');
  expect(await nameOf(first)).not.toBe(BEGUN);
  await fleet.createWorker({ VOLLEY_RATE: '10' }).start();
  await expect.poll(() => nameOf(first), patiently).toBe(BEGUN);
  expect(await fleet.redis.hexists(own.ledger(first), BEGUN_FIELD)).toBe(1);
  expect(await nameOf(second)).not.toBe(BEGUN);
});
