// Longer than 250 lines, because it is a table of deeds, each of which is read on its own.
/**
 * What another program does to single jobs while their campaign is sent, scheduled, or waits for the next attempt: it
 * takes them with a worker of its own, ends them by hand, makes them due, or lays them anew.
 */
import { type Queue, Worker as QueueWorker, UnrecoverableError } from 'bullmq';
import { expect, onTestFinished, test } from 'vitest';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { NOTIFICATIONS } from '../../src/shared/job.ts';
import { type Fleet, numberAt, openFleet } from '../support/fleet.ts';
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
  rowsOf,
  SECOND,
  sendAll,
} from '../support/other-hands.ts';

/** Their worker: it takes jobs until the test ends, and knows nothing of ledgers. */
function theirWorker({ fleet, own }: Around, run: () => Promise<unknown>): () => Promise<void> {
  const connection = fleet.redis.duplicate();
  const worker = new QueueWorker(own.queue, run, {
    connection,
    prefix: fleet.keys.prefix,
    concurrency: 2,
    drainDelay: 1,
  });
  worker.on('error', () => {});
  const end = async () => {
    await worker.close(true);
    connection.disconnect();
  };
  onTestFinished(end);
  return end;
}

/** Takes the next job that waits, and ends it at once. */
async function endByHand(
  { fleet, own, queue }: Around,
  end: (job: Awaited<ReturnType<Queue['getJob']>>, token: string) => Promise<unknown> | undefined,
): Promise<void> {
  const worker = new QueueWorker(own.queue, null, {
    connection: fleet.redis,
    prefix: fleet.keys.prefix,
  });
  const job = await worker.getNextJob('their token');
  await worker.close();
  const found = job && (await queue.getJob(job.id ?? ''));
  await end(found ?? undefined, 'their token');
}

async function laidAnew({ queue }: Around, id: string, change: object = {}): Promise<void> {
  const job = await queue.getJob(id);
  await job?.remove();
  await queue.add('send', { ...job?.data, ...change }, { jobId: id });
}

const BEFORE: Row[] = [
  {
    deed: 'completed by hand',
    hand: (around) => endByHand(around, (job, token) => job?.moveToCompleted('done', token, false)),
    counts: ALL,
  },
  {
    deed: 'failed by hand',
    hand: (around) =>
      endByHand(around, (job, token) => job?.moveToFailed(new UnrecoverableError('no'), token)),
    counts: ALL,
  },
  {
    deed: 'put off by hand for an hour, and promoted',
    hand: async (around) => {
      const until = Date.now() + 3_600_000;
      await endByHand(around, (job, token) => job?.moveToDelayed(until, token));
      await around.queue.promoteJobs();
    },
    counts: ALL,
  },
  {
    deed: 'removed and laid anew as it was',
    hand: (around) => laidAnew(around, around.first),
    counts: ALL,
  },
  {
    deed: 'removed and laid anew as another',
    hand: (around) => laidAnew(around, around.second, { messages: [], campaign: 'other' }),
    counts: { accepted: FIRST, lost: SECOND },
  },
  {
    deed: 'other data',
    hand: async ({ queue, second }) => (await queue.getJob(second))?.updateData({ to: 'nobody' }),
    counts: { accepted: FIRST, lost: SECOND },
  },
  {
    deed: 'data that are no JSON',
    hand: ({ fleet, own, first }) => fleet.redis.hset(own.job(first), 'data', '{'),
    counts: { accepted: SECOND, lost: FIRST },
  },
  {
    deed: 'the names of begun jobs',
    hand: ({ fleet, own, first }) => fleet.redis.hset(own.job(first), 'name', 'begun'),
    counts: { accepted: SECOND, lost: FIRST },
  },
];

test('a job that another program ended, rewrote or laid anew before it was sent', async () => {
  const fleet = await openFleet();
  await sendAll(fleet, BEFORE);
  await Promise.all(BEFORE.map(({ hand }, at) => hand(aroundOf(fleet, at))));
  await fleet.createWorker().start();
  await allEnd(fleet, BEFORE);
  await expectNoProblems(fleet, BEFORE);
});

const MEANWHILE: Row[] = [
  {
    deed: 'retries, promotions and removals',
    hand: async ({ queue, first, second }) => {
      const jobs = await Promise.all([first, second].map((id) => queue.getJob(id)));
      const deeds = jobs.flatMap((job) => [job?.promote(), job?.retry(), job?.remove()]);
      await Promise.allSettled([...deeds, queue.promoteJobs()]);
    },
  },
  {
    deed: 'data that are no job any more',
    hand: async ({ queue, first }) => (await queue.getJob(first))?.updateData({ v: 1 }),
  },
  {
    deed: 'obliterated and laid anew',
    hand: async ({ queue, first, second }) => {
      const jobs = await Promise.all([first, second].map((id) => queue.getJob(id)));
      await queue.obliterate({ force: true });
      for (const job of jobs) await queue.add('send', job?.data, { jobId: job?.id ?? '' });
    },
  },
];

test('while it is sent, a program takes its jobs away, spoils them or lays them anew', async () => {
  const fleet = await openFleet({ faults: { latency: 30, rates: { '5001': 0.05 } } });
  await sendAll(fleet, MEANWHILE, { rate: 100 });
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

const THEIRS: Row[] = [
  { deed: 'completes', hand: async (around) => theirWorker(around, async () => 'done') },
  {
    deed: 'fails',
    hand: async (around) =>
      theirWorker(around, async () => {
        throw new UnrecoverableError('not ours');
      }),
  },
];

test("another program's worker takes jobs: status says so, and once it has stopped all is sent", async () => {
  const fleet = await openFleet({ faults: { latency: 30 } });
  await sendAll(fleet, THEIRS, { rate: 200 });
  const ends = await Promise.all(THEIRS.map(({ hand }, at) => hand(aroundOf(fleet, at))));
  await fleet.createWorker({ VOLLEY_LOCK_MS: '1000' }).start();
  for (const at of THEIRS.keys()) {
    const status = () => campaignStatus(fleet.redis, fleet.keys, idOf(at));
    const said = { state: 'sending', slowed: expect.stringContaining('another program ended') };
    await expect.poll(status, patiently).toMatchObject(said);
  }
  for (const end of ends) if (typeof end === 'function') await end();
  await allEnd(fleet, THEIRS);
  await expectNoProblems(
    fleet,
    THEIRS.map((row) => ({ ...row, counts: ALL })),
  );
});

test("notifications that another program's worker took are sent once it has stopped", async () => {
  const fleet = await openFleet();
  const notifier = notifierOn(fleet.redis, fleet.keys);
  onTestFinished(() => notifier.close());
  const own = fleet.keys.campaign(NOTIFICATIONS);
  const queue = fleet.queueOf(NOTIFICATIONS);
  const end = theirWorker({ fleet, queue, own, first: '', second: '' }, async () => 'done');
  const numbers = [0, 1, 2].map((at) => numberAt(at));
  for (const to of numbers) await notifier.notify({ to, template: 'otp' });
  await expect.poll(() => queue.getCompletedCount(), patiently).toBe(3);
  await end();
  await fleet.createWorker().start();
  await expect.poll(() => fleet.counts(NOTIFICATIONS), patiently).toEqual({ accepted: 3 });
  for (const to of numbers) expect(fleet.sandbox.textsTo(to)?.count).toBe(1);
});

const DELAYED: Row[] = [
  { deed: 'promote all', hand: ({ queue }) => queue.promoteJobs() },
  {
    deed: 'promote, again and again',
    hand: async ({ queue }) => {
      for (let time = 0; time < 10; time++) await queue.promoteJobs();
    },
  },
  {
    deed: 'no delay any more',
    hand: async ({ queue }) => {
      const jobs = await queue.getDelayed();
      await Promise.allSettled(jobs.map((job) => job.changeDelay(0)));
    },
  },
];

test('what waits for its next attempt, and is promoted, is not tried before its time', async () => {
  const backOffMs = 3000;
  const failing = DELAYED.flatMap((_row, at) =>
    rowsOf(at).filter((_each, person) => person % 20 === 7),
  );
  const fleet = await openFleet({
    faults: { on_number: Object.fromEntries(failing.map(({ to }) => [to, '1000'])) },
  });
  await sendAll(fleet, DELAYED);
  const backOff = {
    VOLLEY_BACKOFF_BASE_MS: `${backOffMs}`,
    VOLLEY_BACKOFF_CAP_MS: `${backOffMs}`,
  };
  await fleet.createWorker(backOff).start();
  await Promise.all(
    DELAYED.map(async (_row, at) => {
      const { queue } = aroundOf(fleet, at);
      await expect.poll(() => queue.getDelayedCount(), patiently).toBe(2);
    }),
  );
  fleet.sandbox.setFaults({ on_number: {} });
  await Promise.all(DELAYED.map(({ hand }, at) => hand(aroundOf(fleet, at))));
  await allEnd(fleet, DELAYED);
  let tried = 0;
  for (const at of DELAYED.keys()) {
    for (const { attempts } of await fleet.lines(idOf(at))) {
      const [first, second] = attempts;
      if (second) tried += 1;
      else continue;
      const apart = (second?.at ?? 0) - (first?.at ?? 0);
      expect(apart, DELAYED[at]?.deed).toBeGreaterThanOrEqual(backOffMs / 2);
    }
  }
  expect(tried).toBe(failing.length);
  await expectNoProblems(
    fleet,
    DELAYED.map((row) => ({ ...row, counts: ALL })),
  );
});

const SCHEDULED: Row[] = [
  { deed: 'promote all', hand: ({ queue }) => queue.promoteJobs(), counts: ALL },
  {
    deed: 'retry all',
    hand: async ({ queue }) => [
      await queue.retryJobs({ state: 'failed' }),
      await queue.retryJobs({ state: 'completed' }),
    ],
    counts: ALL,
  },
  { deed: 'drain', hand: ({ queue }) => queue.drain(true), counts: NONE },
  {
    deed: 'failed by hand',
    hand: (around) =>
      endByHand(around, (job, token) => job?.moveToFailed(new UnrecoverableError('no'), token)),
    counts: ALL,
  },
];

test('a scheduled campaign is not sent before its time, whatever is done to its jobs', async () => {
  const fleet = await openFleet();
  const startAt = Date.now() + 5000;
  await sendAll(fleet, SCHEDULED, { startAt });
  await fleet.createWorker().start();
  await Promise.all(SCHEDULED.map(({ hand }, at) => hand(aroundOf(fleet, at))));
  const { state } = await campaignStatus(fleet.redis, fleet.keys, idOf(2));
  expect(state).toBe('scheduled');
  await allEnd(fleet, SCHEDULED);
  for (const at of SCHEDULED.keys())
    for (const { attempts } of await fleet.lines(idOf(at)))
      for (const { at: openedAt } of attempts) expect(openedAt).toBeGreaterThanOrEqual(startAt);
  await expectNoProblems(fleet, SCHEDULED);
});

test('a job for a newer worker is not run, however often it is promoted', async () => {
  const fleet = await openFleet();
  await sendAll(fleet, [{ deed: 'newer', hand: async () => undefined }]);
  const { queue, own, second } = aroundOf(fleet, 0);
  await writeVersion(fleet, second, 2);
  await fleet.createWorker().start();
  await expect
    .poll(() => fleet.counts(idOf(0)), patiently)
    .toEqual({ accepted: FIRST, pending: 20 });
  for (let time = 0; time < 5; time++) await queue.promoteJobs();
  await expect.poll(() => queue.getDelayedCount(), patiently).toBe(1);
  expect(fleet.sandbox.stats().texts).toBe(FIRST);
  expect(await campaignStatus(fleet.redis, fleet.keys, idOf(0))).toMatchObject({
    ...{
      state: 'sending',
      pending: SECOND,
      balanced: true,
      slowed: expect.stringContaining('newer Volley'),
    },
  });
  await writeVersion(fleet, second, 1);
  await queue.promoteJobs();
  const row = { deed: 'newer', hand: async () => undefined, counts: ALL };
  await allEnd(fleet, [row]);
  await expectNoProblems(fleet, [row]);
  expect(await fleet.redis.exists(own.gone)).toBe(0);
});

async function writeVersion(fleet: Fleet, id: string, v: number): Promise<void> {
  const { queue } = aroundOf(fleet, 0);
  const job = await queue.getJob(id);
  await job?.updateData({ ...job.data, v });
}
