// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
/** Jobs that other hands take from a campaign: drained, removed, evicted, or in none of BullMQ's lists any more. */
import { expect, onTestFinished, test } from 'vitest';
import { resume } from '../../../src/producer/control/control.ts';
import { control } from '../../../src/producer/control/control-scripts.ts';
import { replay } from '../../../src/producer/replay/replay.ts';
import { campaignStatus } from '../../../src/producer/report/status.ts';
import { Job, jobIdAt, NOTIFICATIONS } from '../../../src/shared/job.ts';
import { closeAttempts } from '../../../src/shared/ledger/close.ts';
import { encodeAttempt } from '../../../src/shared/ledger/entry.ts';
import { openAttempts } from '../../../src/shared/ledger/open.ts';
import { LostJobs } from '../../../src/worker/upkeep/lost-jobs.ts';
import { declareLost, markGone, putBack } from '../../../src/worker/upkeep/lost-scripts.ts';
import { sweepNotifications } from '../../../src/worker/upkeep/notification-retention.ts';
import type { Worker } from '../../../src/worker/worker.ts';
import { towards } from '../../support/destination.ts';
import { type Fleet, numberAt, openFleet, people } from '../../support/fleet.ts';
import { notifierOn } from '../../support/notifier.ts';

const ID = 'spring';

/** One message a job: rows of different params would share one. */
async function sendJobs(fleet: Fleet, jobs: number, each = 100, more = {}): Promise<string[]> {
  await fleet.send(ID, people(jobs * each), more);
  return Array.from({ length: jobs }, (_none, at) => jobIdAt(ID, at));
}

/** A look as a worker takes it, at once. */
async function look(fleet: Fleet, id = ID): Promise<void> {
  await new LostJobs(fleet.redis, fleet.keys, fleet.log.logger).lookFor(id);
  await fleet.redis.del(fleet.keys.campaign(id).goneLook);
}

async function expectVerified(fleet: Fleet, id: string, gone: object): Promise<void> {
  const { balanced } = await campaignStatus(fleet.redis, fleet.keys, id);
  expect(balanced).toBe(true);
  expect(await fleet.verify(id)).toMatchObject({ verified: true, differences: [], gone });
}

/** Until the workers look after it no more: one that has nothing to run has no hand that would be let go of. */
async function workToTheEnd(fleet: Fleet, worker: Worker, ...ids: string[]): Promise<void> {
  await worker.start();
  const served = () => fleet.redis.hkeys(fleet.keys.fleet.serving);
  for (const id of ids) await expect.poll(served, { timeout: 60_000 }).not.toContain(id);
}

const told = (fleet: Fleet) => fleet.log.lines.filter((line) => line.includes('LOST: '));

/** As a worker would: takes the lock of a job, and opens the attempt of one message of it. */
async function openByHand(fleet: Fleet, jobId: string, index = 0): Promise<void> {
  const own = fleet.keys.campaign(ID);
  await fleet.redis.set(own.lock(jobId), 'token', 'PX', 60_000);
  const run = {
    jobId,
    token: 'token',
    run: 'runa',
    leastLockMs: 1,
    destination: towards(fleet.sandbox.url),
  };
  const opened = await openAttempts(fleet.redis, own, run, 1, [{ index, number: 1 }]);
  expect(opened).toEqual([true]);
}

function closeByHand(
  fleet: Fleet,
  jobId: string,
  verdict: 'accepted' | 'rejected' | 'retry' | 'worker_lost',
  index = 0,
) {
  const rules = { attempts: 8, park: true };
  const accepted = verdict === 'accepted' ? 1 : undefined;
  const code = verdict === 'accepted' ? '' : '5001';
  const attempt = encodeAttempt(
    { run: 'runa', outcome: verdict, at: 1, accepted_count: accepted },
    1,
  );
  const closing = { index, number: 1, run: 'runa', verdict, numbers: 1, accepted, code, due: 1 };
  return closeAttempts(fleet.redis, fleet.keys.campaign(ID), jobId, rules, [
    { ...closing, attempt },
  ]);
}

test('a campaign whose jobs were drained comes to its end, and says so once', async () => {
  const fleet = await openFleet();
  await sendJobs(fleet, 3);
  await fleet.queueOf(ID).drain();
  await workToTheEnd(fleet, fleet.createWorker(), ID);

  expect(await fleet.counts(ID)).toEqual({ lost: 300 });
  expect(await campaignStatus(fleet.redis, fleet.keys, ID)).toMatchObject({ state: 'finished' });
  await expectVerified(fleet, ID, { jobs: 3, recipients: 300 });
  expect(told(fleet)).toHaveLength(1);
  expect(JSON.parse(told(fleet)[0] ?? '')).toMatchObject({
    level: 50,
    ...{ campaign: ID, jobs: 3, recipients: 300 },
  });
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 0 });
});

test('of two workers one finds what was removed, and the rest is sent once', async () => {
  const fleet = await openFleet();
  const jobs = await sendJobs(fleet, 6);
  for (const job of jobs.slice(2, 4)) await fleet.queueOf(ID).remove(job);
  const other = fleet.createWorker();
  await Promise.all([other.start(), workToTheEnd(fleet, fleet.createWorker(), ID)]);

  expect(await fleet.counts(ID)).toEqual({ accepted: 400, lost: 200 });
  await expectVerified(fleet, ID, { jobs: 2, recipients: 200 });
  expect(told(fleet)).toHaveLength(1);
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 400, numbers: 400 });
});

test('jobs whose data were evicted, and are still in their list, are lost', async () => {
  const fleet = await openFleet();
  const jobs = await sendJobs(fleet, 3);
  await fleet.redis.del(fleet.keys.campaign(ID).job(jobs[1] ?? ''));
  await workToTheEnd(fleet, fleet.createWorker(), ID);

  expect(await fleet.counts(ID)).toEqual({ accepted: 200, lost: 100 });
  await expectVerified(fleet, ID, { jobs: 1, recipients: 100 });
});

test('jobs whose data other hands spoilt are lost, and hold up nothing', async () => {
  const fleet = await openFleet();
  const jobs = await sendJobs(fleet, 4);
  const own = fleet.keys.campaign(ID);
  const spoilt = [
    '{"v":1,',
    '{"v":1}',
    JSON.stringify({ ...Job.parse((await fleet.jobOf(ID, 2)).data), campaign: 'other' }),
  ];
  for (const [at, text] of spoilt.entries())
    await fleet.redis.hset(own.job(jobs[at] ?? ''), 'data', text);
  await workToTheEnd(fleet, fleet.createWorker(), ID);

  expect(await fleet.counts(ID)).toEqual({ accepted: 100, lost: 300 });
  await expectVerified(fleet, ID, { jobs: 3, recipients: 300 });
});

test('data evicted while their job runs: its replies count, and its end is not waited for', async () => {
  const fleet = await openFleet({ faults: { latency: 300 } });
  const jobs = await sendJobs(fleet, 2);
  const own = fleet.keys.campaign(ID);
  const worker = fleet.createWorker({ VOLLEY_CONCURRENCY: '150', VOLLEY_LOCK_MS: '1000' });
  const finished = workToTheEnd(fleet, worker, ID);
  await expect.poll(() => fleet.sandbox.stats().requests).toBeGreaterThan(0);
  await fleet.redis.del(...jobs.map((job) => own.job(job)));
  await finished;

  const { lost = 0, ...counts } = await fleet.counts(ID);
  const { texts, numbers } = fleet.sandbox.stats();
  expect(counts).toEqual({ accepted: texts });
  expect({ texts, lost }).toEqual({ texts: numbers, lost: 200 - texts });
  await expectVerified(fleet, ID, { jobs: 2, recipients: 200 });
});

test('jobs that are in no list any more are put back, and each is sent once', async () => {
  const fleet = await openFleet();
  await sendJobs(fleet, 4);
  await fleet.redis.del(fleet.keys.campaign(ID).job('wait'));
  await workToTheEnd(fleet, fleet.createWorker(), ID);

  expect(await fleet.counts(ID)).toEqual({ accepted: 400 });
  await expectVerified(fleet, ID, { jobs: 0, recipients: 0 });
  expect(told(fleet)).toEqual([]);
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 400, numbers: 400 });
});

test('jobs that other hands failed or completed unsent are put back', async () => {
  const fleet = await openFleet();
  const [first = '', second = ''] = await sendJobs(fleet, 2);
  const own = fleet.keys.campaign(ID);
  await fleet.redis
    .multi()
    .del(own.job('wait'))
    .zadd(own.job('failed'), 1, first)
    .zadd(own.job('completed'), 1, second)
    .exec();
  await workToTheEnd(fleet, fleet.createWorker(), ID);

  expect(await fleet.counts(ID)).toEqual({ accepted: 200 });
  await expectVerified(fleet, ID, { jobs: 0 });
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 200, numbers: 200 });
});

test('a queue obliterated while requests are under way: their replies count, the rest is lost', async () => {
  const fleet = await openFleet({ faults: { latency: 600 } });
  await sendJobs(fleet, 4);
  const worker = fleet.createWorker({ VOLLEY_CONCURRENCY: '20', VOLLEY_LOCK_MS: '1000' });
  await worker.start();
  await expect.poll(() => fleet.sandbox.stats().requests).toBeGreaterThan(0);
  await fleet.queueOf(ID).obliterate({ force: true });
  await expect
    .poll(async () => (await fleet.counts(ID))['pending'], { timeout: 30_000 })
    .toBeUndefined();

  const { accepted = 0, lost = 0, unconfirmed = 0 } = await fleet.counts(ID);
  expect(accepted + lost + unconfirmed).toBe(400);
  expect(lost).toBeGreaterThan(0);
  const { texts, numbers } = fleet.sandbox.stats();
  expect(texts).toBe(numbers);
  expect(accepted).toBe(texts);
  await expectVerified(fleet, ID, { jobs: 4, recipients: 400 });
});

test.for([
  ['accepted', { lost: 199, accepted: 1 }],
  ['rejected', { lost: 199, rejected: 1 }],
  ['retry', { lost: 200 }],
  ['worker_lost', { lost: 199, unconfirmed: 1 }],
] as const)(
  'a late %s of an attempt in a job that is gone moves the counts from lost',
  async ([verdict, counts]) => {
    const fleet = await openFleet();
    const [first = ''] = await sendJobs(fleet, 2);
    const own = fleet.keys.campaign(ID);
    await openByHand(fleet, first);
    await fleet.queueOf(ID).obliterate({ force: true });
    await fleet.redis.set(own.lock(first), 'token', 'PX', 60_000);
    // Whoever holds it may still have something to tell.
    await look(fleet);
    expect(await fleet.counts(ID)).toEqual({ pending: 200 });
    await fleet.redis.del(own.lock(first));
    await look(fleet);
    await look(fleet);
    expect(await fleet.counts(ID)).toEqual({ lost: 200 });
    expect(told(fleet)).toHaveLength(1);

    await control(fleet.redis, own, 'cancel');
    for (let times = 0; times < 2; times++) {
      await closeByHand(fleet, first, verdict);
      expect(await fleet.counts(ID)).toEqual(counts);
      await expectVerified(fleet, ID, { jobs: 2, recipients: 200 });
    }
  },
);

test('a late reply to a job that is gone and not written off yet counts once', async () => {
  const fleet = await openFleet();
  const [first = ''] = await sendJobs(fleet, 2);
  await openByHand(fleet, first);
  await fleet.queueOf(ID).obliterate({ force: true });
  await fleet.redis.del(fleet.keys.campaign(ID).lock(first));
  await closeByHand(fleet, first, 'accepted');
  await expectVerified(fleet, ID, { jobs: 2, recipients: 200 });
  await look(fleet);
  await closeByHand(fleet, first, 'accepted');
  expect(await fleet.counts(ID)).toEqual({ accepted: 1, lost: 199 });
  await expectVerified(fleet, ID, { jobs: 2, recipients: 200 });
});

test('a job that was written off is not sent when it is laid anew', async () => {
  const fleet = await openFleet();
  const [first = '', second = ''] = await sendJobs(fleet, 2);
  const { data } = await fleet.jobOf(ID);
  await fleet.queueOf(ID).drain();
  await look(fleet);
  await fleet.queueOf(ID).add('send', data, { jobId: first });
  await fleet.send('next', people(1));
  await workToTheEnd(fleet, fleet.createWorker(), ID, 'next');

  expect((await fleet.ended(ID)).reason).toBe(
    `bad job: ${first} was gone, and its recipients count as lost`,
  );
  expect(await fleet.counts(ID)).toEqual({ lost: 200 });
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 1 });
  await expectVerified(fleet, ID, { jobs: 2, recipients: 200 });
  expect(second).not.toBe('');
});

test('jobs that vanish one after the other are each written off once', async () => {
  const fleet = await openFleet();
  const jobs = await sendJobs(fleet, 3);
  const own = fleet.keys.campaign(ID);
  await fleet.redis.del(own.job('wait'));
  await fleet.redis.del(own.job(jobs[0] ?? ''));
  await look(fleet);
  expect(await fleet.counts(ID)).toEqual({ lost: 100, pending: 200 });
  expect(await fleet.redis.llen(own.job('wait'))).toBe(2);
  await fleet.redis.del(own.job('wait'), own.job(jobs[1] ?? ''));
  await expectVerified(fleet, ID, { jobs: 2, recipients: 200 });
  await look(fleet);
  expect(await fleet.counts(ID)).toEqual({ lost: 200, pending: 100 });
  await expectVerified(fleet, ID, { jobs: 2, recipients: 200 });
  await workToTheEnd(fleet, fleet.createWorker(), ID);
  expect(await fleet.counts(ID)).toEqual({ lost: 200, accepted: 100 });
  await expectVerified(fleet, ID, { jobs: 2, recipients: 200 });
});

test('a step that is sent twice, or comes late, is done once', async () => {
  const fleet = await openFleet();
  const [first = '', second = ''] = await sendJobs(fleet, 2);
  const own = fleet.keys.campaign(ID);
  await fleet.redis.del(own.job('wait'), own.job(first));
  const counts = await fleet.redis.hgetall(own.counts);
  const basis = { cancelled: 0, chapter: 1, found: 0, openReplay: '', counts };
  const left = { recipients: 100, pending: 100 };
  for (const _time of [1, 2])
    expect(await markGone(fleet.redis, own, basis, [{ id: first, isBad: false }])).toBe(true);
  const found = { lost: 100, gone: 1, left };
  for (const token of ['one', 'one'])
    expect(await declareLost(fleet.redis, own, token, basis, found)).toBe(true);
  expect(await declareLost(fleet.redis, own, 'two', basis, found)).toBe(false);
  expect(await markGone(fleet.redis, own, basis, [{ id: second, isBad: false }])).toBe(false);
  expect(await fleet.counts(ID)).toEqual({ pending: 100, lost: 100 });
  await expectVerified(fleet, ID, { jobs: 1, recipients: 100 });
  expect(await putBack(fleet.redis, own, [first, second])).toBe(1);
  expect(await putBack(fleet.redis, own, [first, second])).toBe(0);
  expect(await fleet.redis.lrange(own.job('wait'), 0, -1)).toEqual([second]);
});

test('nothing is declared lost by counts that have moved since, or once there is something to run', async () => {
  const fleet = await openFleet();
  const [first = '', second = ''] = await sendJobs(fleet, 2);
  const own = fleet.keys.campaign(ID);
  await fleet.redis.del(own.job('wait'), own.job(first));
  const read = async () => ({
    ...{ cancelled: 0, chapter: 1, found: 0, openReplay: '' },
    counts: await fleet.redis.hgetall(own.counts),
  });
  const before = await read();
  const found = { lost: 100, gone: 1, left: { recipients: 100, pending: 100 } };
  const declare = (basis: typeof before) => declareLost(fleet.redis, own, 'one', basis, found);
  await markGone(fleet.redis, own, before, [{ id: first, isBad: false }]);
  await openByHand(fleet, second);
  await closeByHand(fleet, second, 'accepted');
  expect(await declare(before)).toBe(false);
  for (const [key, put] of [
    [own.replaying, () => fleet.redis.hset(own.replaying, second, 'retry 2')],
    [own.job('wait'), () => fleet.redis.lpush(own.job('wait'), second)],
    [own.job('active'), () => fleet.redis.lpush(own.job('active'), second)],
    [own.job('delayed'), () => fleet.redis.zadd(own.job('delayed'), 1, second)],
  ] as const) {
    await put();
    expect(await declare(await read())).toBe(false);
    await fleet.redis.del(key);
  }
  expect(await declare({ ...(await read()), chapter: 2 })).toBe(false);
  expect(await declare({ ...(await read()), cancelled: 1 })).toBe(false);
  await control(fleet.redis, own, 'pause');
  expect(await declare(await read())).toBe(false);
  expect(await fleet.counts(ID)).toEqual({ pending: 199, accepted: 1 });
});

test('what is left is audited, replayed and verified, and what is gone is told of', async () => {
  const fleet = await openFleet({ faults: { on_number: { [numberAt(0)]: '5001' } } });
  const jobs = await sendJobs(fleet, 4);
  await workToTheEnd(fleet, fleet.createWorker(), ID);
  expect(await fleet.counts(ID)).toEqual({ accepted: 399, rejected: 1 });
  const own = fleet.keys.campaign(ID);
  await fleet.queueOf(ID).remove(jobs[2] ?? '');
  await fleet.redis.hset(own.job(jobs[3] ?? ''), 'data', 'none');

  const missing: string[] = [];
  const { audit } = await import('../../../src/producer/report/audit.ts');
  let lines = 0;
  const onMissing = (gone: readonly string[]) => missing.push(...gone);
  for await (const piece of audit(fleet.redis, fleet.keys, ID, { onMissing }))
    lines += piece.length;
  expect({ lines, missing }).toEqual({ lines: 200, missing: jobs.slice(2) });
  const found: number[] = [];
  for await (const piece of audit(fleet.redis, fleet.keys, undefined, { to: numberAt(1) }))
    found.push(piece.length);
  expect(found.reduce((sum, each) => sum + each, 0)).toBe(1);
  await expectVerified(fleet, ID, { jobs: 2, recipients: 200 });

  const done = await replay(fleet.redis, fleet.keys, ID, { codes: ['5001'] });
  expect(done).toMatchObject({ replayed: { messages: 1 }, gone: 2 });
  await expectVerified(fleet, ID, { jobs: 2, recipients: 200 });
  const again = fleet.createWorker();
  await workToTheEnd(fleet, again, ID);
  await expectVerified(fleet, ID, { jobs: 2, recipients: 200 });
  expect(await fleet.counts(ID)).toEqual({ accepted: 399, rejected: 1 });
});

test('lost recipients cannot be replayed, and the error says why', async () => {
  const fleet = await openFleet();
  await sendJobs(fleet, 1);
  await fleet.queueOf(ID).drain();
  await look(fleet);
  await expect(replay(fleet.redis, fleet.keys, ID, { states: ['lost'] })).rejects.toThrow(
    'state: lost recipients cannot be replayed: who they are went with their jobs',
  );
  expect(await replay(fleet.redis, fleet.keys, ID)).toMatchObject({
    replayed: { messages: 0 },
    gone: 1,
  });
});

test.for(['paused', 'scheduled', 'laid and not released', 'cancelled', 'replayed'] as const)(
  'of one that is %s nothing is declared lost',
  async (how) => {
    const fleet = await openFleet();
    const startAt = how === 'scheduled' ? Date.now() + 3_600_000 : undefined;
    const [first = ''] = await sendJobs(fleet, 2, 100, { startAt });
    const own = fleet.keys.campaign(ID);
    if (how === 'laid and not released') await fleet.redis.hset(own.campaign, 'phase', 'enqueuing');
    if (how === 'paused' || how === 'cancelled')
      await control(fleet.redis, own, how === 'paused' ? 'pause' : 'cancel');
    if (how === 'replayed') await fleet.redis.hset(own.replaying, first, 'retry 2');
    await fleet.queueOf(ID).drain();
    const before = await fleet.counts(ID);
    if (how === 'scheduled') {
      const worker = fleet.createWorker();
      await worker.start();
      await fleet.send('next', people(1));
      await expect.poll(() => fleet.counts('next')).toEqual({ accepted: 1 });
    }
    await look(fleet);
    expect(await fleet.counts(ID)).toEqual(before);
    expect(await fleet.redis.exists(own.gone)).toBe(0);
    expect(told(fleet)).toEqual([]);
  },
);

test('of a canary what is held back is not gone, and what is gone of its first is', async () => {
  const fleet = await openFleet();
  await fleet.send(ID, people(400), { canary: 200 });
  await fleet.queueOf(ID).remove(jobIdAt(ID, 0));
  const worker = fleet.createWorker();
  await worker.start();
  await fleet.log.line('LOST: ');
  expect(await fleet.counts(ID)).toEqual({ accepted: 100, lost: 100, pending: 200 });
  expect(await campaignStatus(fleet.redis, fleet.keys, ID)).toMatchObject({ state: 'paused' });
  await resume(fleet.redis, fleet.keys, ID);
  await expect.poll(() => fleet.counts(ID)).toEqual({ accepted: 300, lost: 100 });
  await expectVerified(fleet, ID, { jobs: 1, recipients: 100 });
});

test('a campaign with lost recipients is forgotten with the ledgers of what is gone', async () => {
  const fleet = await openFleet();
  const [first = ''] = await sendJobs(fleet, 2);
  await openByHand(fleet, first);
  await fleet.queueOf(ID).obliterate({ force: true });
  const own = fleet.keys.campaign(ID);
  await fleet.redis.del(own.lock(first));
  await look(fleet);
  const { forget } = await import('../../../src/producer/control/forget.ts');
  await forget(fleet.redis, fleet.keys, ID);
  expect(await fleet.redis.exists(own.ledger(first), own.gone, own.retired)).toBe(0);
  expect(await fleet.counts(ID)).toEqual({ lost: 200 });
});

test('notifications that are gone are lost, those in no list are sent, and who waits is told', async () => {
  const fleet = await openFleet();
  const notifier = notifierOn(fleet.redis, fleet.keys);
  onTestFinished(() => notifier.close());
  const own = fleet.keys.campaign(NOTIFICATIONS);
  const [gone, stray] = [
    await notifier.notify({ to: numberAt(0), template: 'otp' }),
    await notifier.notify({ to: numberAt(1), template: 'otp' }),
  ];
  const id = gone.message.replace(/\.0$/, '');
  await fleet.queueOf(NOTIFICATIONS).remove(id);
  await fleet.redis.del(own.job('wait'));
  await fleet.queueOf(NOTIFICATIONS).add(
    'notify',
    {
      ...JSON.parse(
        String(await fleet.redis.hget(own.job(stray.message.replace(/\.0$/, '')), 'data')),
      ),
      messages: [
        [[numberAt(2), numberAt(3)], []],
        [[numberAt(4)], []],
      ],
    },
    { jobId: 'foreign' },
  );
  const worker = fleet.createWorker();
  await worker.start();
  await fleet.log.line('LOST: ');
  await expect.poll(() => fleet.counts(NOTIFICATIONS)).toEqual({ accepted: 4, lost: 1 });
  await expect(gone.result()).rejects.toMatchObject({
    code: 'not_found',
    message: expect.stringContaining('its job is gone: another program, or Redis, removed it'),
  });
  expect(await stray.result()).toMatchObject({ state: 'accepted' });
  await fleet.queueOf(NOTIFICATIONS).remove('foreign');
  await expectVerified(fleet, NOTIFICATIONS, { jobs: 2, recipients: 4 });

  await worker.stop();
  await fleet.redis.del(fleet.keys.fleet.sweep);
  await sweepNotifications(fleet.redis, fleet.keys, -60_000, Date.now());
  expect(await fleet.redis.exists(own.jobs, own.sizes, own.ledger(id), own.ledger('foreign'))).toBe(
    0,
  );
  expect(await fleet.counts(NOTIFICATIONS)).toEqual({ accepted: 4, lost: 1 });
  await expectVerified(fleet, NOTIFICATIONS, { jobs: 0, recipients: 0 });
});

test('a notification that may have been sent before its job was removed is unconfirmed', async () => {
  const fleet = await openFleet();
  const notifier = notifierOn(fleet.redis, fleet.keys);
  onTestFinished(() => notifier.close());
  const own = fleet.keys.campaign(NOTIFICATIONS);
  const { message, result } = await notifier.notify({ to: numberAt(0), template: 'otp' });
  await fleet.redis.hset(own.campaign, 'phase', 'released');
  const jobId = message.replace(/\.0$/, '');
  await fleet.redis.set(own.lock(jobId), 'token', 'PX', 60_000);
  const run = {
    jobId,
    token: 'token',
    run: 'runa',
    leastLockMs: 1,
    destination: towards(fleet.sandbox.url),
  };
  await openAttempts(fleet.redis, own, run, 1, [{ index: 0, number: 1 }]);
  await fleet.queueOf(NOTIFICATIONS).obliterate({ force: true });
  await fleet.redis.del(own.lock(jobId));
  await look(fleet, NOTIFICATIONS);
  expect(await fleet.counts(NOTIFICATIONS)).toEqual({ unconfirmed: 1 });
  await expectVerified(fleet, NOTIFICATIONS, { jobs: 1, recipients: 1 });
  await expect(result()).rejects.toThrow('by then it was unconfirmed');
  const attempt = encodeAttempt({ run: 'runa', outcome: 'accepted', at: 1, accepted_count: 1 }, 1);
  const late = {
    index: 0,
    number: 1,
    run: 'runa',
    verdict: 'accepted',
    numbers: 1,
    accepted: 1,
    attempt,
  } as const;
  await closeAttempts(fleet.redis, own, jobId, { attempts: 8, park: false }, [late]);
  expect(await fleet.counts(NOTIFICATIONS)).toEqual({ accepted: 1 });
  await expectVerified(fleet, NOTIFICATIONS, { jobs: 1, recipients: 1 });
});

test('notifications that other hands ended or spoilt come to an end', async () => {
  const fleet = await openFleet();
  const notifier = notifierOn(fleet.redis, fleet.keys);
  onTestFinished(() => notifier.close());
  const own = fleet.keys.campaign(NOTIFICATIONS);
  const ids: string[] = [];
  for (let at = 0; at < 2; at++) {
    const { message } = await notifier.notify({ to: numberAt(at), template: 'otp' });
    ids.push(message.replace(/\.0$/, ''));
  }
  const [ended = '', spoilt = ''] = ids;
  await fleet.redis.lrem(own.job('wait'), 0, ended);
  await fleet.redis.zadd(own.job('failed'), Date.now(), ended);
  await fleet.redis.hset(own.job(spoilt), 'data', '{"v":1,');
  const worker = fleet.createWorker({ VOLLEY_LOCK_MS: '1000' });
  await worker.start();
  const patiently = { timeout: 30_000 };
  await expect.poll(() => fleet.counts(NOTIFICATIONS), patiently).toEqual({ accepted: 1, lost: 1 });
  await expectVerified(fleet, NOTIFICATIONS, { jobs: 1, recipients: 1 });
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 1 });
});

test('of what a canary holds back only a job that is gone is lost', async () => {
  const fleet = await openFleet();
  await sendJobs(fleet, 3, 100, { canary: 100 });
  const worker = fleet.createWorker();
  await worker.start();
  await expect.poll(() => fleet.counts(ID), { timeout: 20_000 }).toMatchObject({ accepted: 100 });
  await (await fleet.jobOf(ID, 1)).remove();
  const counts = { accepted: 100, pending: 100, lost: 100 };
  await expect.poll(() => fleet.counts(ID), { timeout: 30_000 }).toEqual(counts);
  await expectVerified(fleet, ID, { jobs: 1, recipients: 100 });
  await resume(fleet.redis, fleet.keys, ID);
  const ended = { accepted: 200, lost: 100 };
  await expect.poll(() => fleet.counts(ID), { timeout: 30_000 }).toEqual(ended);
});
