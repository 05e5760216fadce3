import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { campaignStatus } from '../../../src/producer/report/status.ts';
import { NOTIFICATIONS } from '../../../src/shared/job.ts';
import { closeAttempts } from '../../../src/shared/ledger/close.ts';
import { encodeAttempt } from '../../../src/shared/ledger/entry.ts';
import { sweepNotifications } from '../../../src/worker/upkeep/notification-retention.ts';
import { openFleet } from '../../support/fleet.ts';
import { notifierOn } from '../../support/notifier.ts';

const DAY_MS = 86_400_000;

/** A fleet whose notifications of these templates have ended; `bad` ones are rejected. */
async function openEnded(templates: readonly string[]) {
  const fleet = await openFleet({ faults: { on_template: { bad: '3001' } } });
  const notifier = notifierOn(fleet.redis, fleet.keys);
  onTestFinished(() => notifier.close());
  const worker = fleet.createWorker();
  await worker.start();
  const own = fleet.keys.campaign(NOTIFICATIONS);
  const jobs: string[] = [];
  for (const [at, template] of templates.entries()) {
    const ended = once(worker, 'job');
    const { message } = await notifier.notify({ to: `+659100000${at}`, template });
    await ended;
    jobs.push(message.replace(/\.0$/, ''));
  }
  await worker.stop();
  // The worker's own look came when there was nothing yet.
  await fleet.redis.del(fleet.keys.fleet.sweep);
  const status = async () => {
    const { jobs, memory_bytes, ...counts } = await campaignStatus(
      fleet.redis,
      fleet.keys,
      NOTIFICATIONS,
    );
    return { ...counts, inQueue: jobs.completed + jobs.failed };
  };
  /** As if it had been enqueued, and had ended, so much earlier. */
  const age = async (job: string, ms: number) => {
    for (const key of [own.jobs, own.job('completed'), own.job('failed')]) {
      if ((await fleet.redis.zscore(key, job)) !== null) {
        await fleet.redis.zincrby(key, -ms, job);
      }
    }
  };
  const sweep = () => sweepNotifications(fleet.redis, fleet.keys, DAY_MS, Date.now());
  return { fleet, own, jobs, notifier, status, age, sweep };
}

test('what ended before the cutoff goes, what ended after it stays, and the totals hold', async () => {
  const { fleet, own, jobs, status, age, sweep } = await openEnded(['good', 'bad', 'good', 'bad']);
  for (const job of jobs.slice(0, 2)) await age(job, DAY_MS + 60_000);
  const before = await status();

  expect(await sweep()).toBe(2);

  const { inQueue, ...totals } = await status();
  expect(inQueue).toBe(2);
  expect(before).toMatchObject(totals);
  expect(totals).toMatchObject({ accepted: 2, rejected: 2, codes: { 3001: 2 }, balanced: true });
  expect(await fleet.redis.zrange(own.jobs, '0', '-1')).toEqual(jobs.slice(2));
  for (const job of jobs.slice(0, 2)) {
    expect(await fleet.redis.exists(own.job(job), own.ledger(job))).toBe(0);
  }
  expect(await fleet.verify(NOTIFICATIONS)).toMatchObject({ verified: true, recipients: 4 });
  expect((await fleet.lines(NOTIFICATIONS)).map(({ job }) => job)).toEqual(jobs.slice(2));
});

test('the fleet looks once in a while, whoever asks', async () => {
  const { jobs, age, sweep } = await openEnded(['good']);
  expect(await sweep()).toBe(0);
  for (const job of jobs) await age(job, 2 * DAY_MS);
  expect(await sweep()).toBe(0);
});

test('one that was enqueued long ago and has not ended stays', async () => {
  const { fleet, own, notifier, sweep, status } = await openEnded([]);
  const { message } = await notifier.notify({ to: '+6591000009', template: 'good' });
  await fleet.redis.zincrby(own.jobs, -9 * DAY_MS, message.replace(/\.0$/, ''));
  expect(await sweep()).toBe(0);
  expect(await status()).toMatchObject({ pending: 1, balanced: true });
});

test('one that another program made unreadable stays, and hinders no other', async () => {
  const { fleet, own, jobs, age, sweep, status } = await openEnded(['good', 'good', 'bad']);
  for (const job of jobs) await age(job, 2 * DAY_MS);
  await fleet.redis.hset(own.job(String(jobs[0])), 'data', '{');
  expect(await sweep()).toBe(2);
  expect(await fleet.redis.zrange(own.jobs, '0', '-1')).toEqual(jobs.slice(0, 1));
  expect(await status()).toMatchObject({ accepted: 2, rejected: 1, balanced: true });
});

test('a reply that comes after its notification was removed moves nothing', async () => {
  const { fleet, own, jobs, status, age, sweep } = await openEnded(['good']);
  const [job = ''] = jobs;
  await age(job, DAY_MS + 60_000);
  expect(await sweep()).toBe(1);
  const before = await status();
  const attempt = {
    run: 'aaaa',
    outcome: 'accepted',
    at: 1,
    total_count: 1,
    accepted_count: 1,
  } as const;
  const closing = {
    index: 0,
    number: 1,
    run: 'aaaa',
    verdict: 'accepted',
    numbers: 1,
    accepted: 1,
  } as const;
  const rules = { attempts: 3, park: false };
  await closeAttempts(fleet.redis, own, job, rules, [
    { ...closing, attempt: encodeAttempt(attempt, 1) },
  ]);
  expect(await status()).toEqual(before);
  expect(await fleet.redis.exists(own.ledger(job))).toBe(0);
  expect(await fleet.verify(NOTIFICATIONS)).toMatchObject({ verified: true });
});
