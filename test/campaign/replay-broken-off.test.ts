/** Replays that broke off at any point, and what running them again makes of that. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker as QueueWorker, UnrecoverableError } from 'bullmq';
import { expect, onTestFinished, test } from 'vitest';
import { createProducer } from '../../src/producer/producer.ts';
import { fingerprintOfChoice } from '../../src/producer/replay/choice.ts';
import { Moves } from '../../src/producer/replay/moves.ts';
import { replay } from '../../src/producer/replay/replay.ts';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { readJobs } from '../../src/producer/report/stored-jobs.ts';
import { readCounts } from '../../src/shared/campaign/campaign.ts';
import { CampaignHandle } from '../../src/shared/campaign/handle.ts';
import { ReplayLease } from '../../src/shared/campaign/replay-lease.ts';
import { serve } from '../../src/shared/campaign/serving.ts';
import { jobIdAt } from '../../src/shared/job.ts';
import { isBalanced } from '../../src/shared/outcome.ts';
import { beginReplay, takeMessages } from '../../src/shared/replay/steps.ts';
import { type Fleet, numberAt, openFleet, people, workUntilFinished } from '../support/fleet.ts';
import { redisUrl, searchPath } from '../support/redis.ts';

const VOLLEY = new URL('../../bin/volley', import.meta.url).pathname;
const REJECTED = 'r,1,1,1,0,0,0,5001,;run1rmb0000|5|400||||1|0|5001||send failed';
const RECORD = { at: 1, by: 'somebody', options: {} };

/** A campaign whose messages were all rejected, as workers would leave it, without a request for each. */
async function sendRejected(fleet: Fleet, campaign: string, messages: number): Promise<void> {
  await fleet.send(campaign, people(messages));
  const own = fleet.keys.campaign(campaign);
  const jobs = Math.ceil(messages / 100);
  const fail = () => {
    throw new UnrecoverableError('of 100 messages: 100 rejected (5001)');
  };
  const worker = new QueueWorker(own.queue, async () => fail(), {
    connection: fleet.redis,
    prefix: fleet.keys.prefix,
    concurrency: 50,
  });
  const queue = fleet.queueOf(campaign);
  await expect.poll(() => queue.getFailedCount(), { timeout: 60_000 }).toBe(jobs);
  await worker.close();
  const pipeline = fleet.redis.pipeline();
  for (let at = 0; at < messages; at++) {
    const ledger = own.ledger(jobIdAt(campaign, Math.floor(at / 100)));
    pipeline.hset(ledger, at % 100, REJECTED);
  }
  pipeline.hset(own.counts, { pending: 0, rejected: messages, 'code:5001': messages });
  await pipeline.exec();
  expect(await fleet.verify(campaign)).toMatchObject({ verified: true });
}

async function sendFailed(fleet: Fleet): Promise<void> {
  await fleet.send('spring', people(5));
  await workUntilFinished(fleet.createWorker(), 'spring');
  fleet.sandbox.setFaults({ on_number: {} });
}

const failed = { faults: { on_number: { [numberAt(1)]: '5001', [numberAt(2)]: '3003' } } };

const springOf = ({ redis, keys }: Fleet) => new CampaignHandle(redis, keys, 'spring');

async function readMessage(fleet: Fleet, index: number) {
  const [stored] = await readJobs(springOf(fleet), ['spring-0000000']);
  if (!stored) throw new Error('no job');
  return { job: stored.job, head: stored.fields[index]?.split(';')[0] ?? '' };
}

async function ends(fleet: Fleet, accepted: number, more = {}): Promise<void> {
  await expect
    .poll(() => fleet.counts('spring'), { timeout: 30_000 })
    .toEqual({ accepted, ...more });
  expect(await fleet.verify('spring')).toMatchObject({ verified: true });
  expect(fleet.sandbox.stats()).toMatchObject({ texts: accepted, most_texts: 1 });
}

test('taken and not queued: the next one queues it, whichever it is', async () => {
  const fleet = await openFleet(failed);
  await sendFailed(fleet);
  const own = fleet.keys.campaign('spring');
  const choice = { codes: ['5001', '3003'], limit: 1 };
  const chapter = await beginReplay(fleet.redis, own, fingerprintOfChoice(choice), RECORD);
  const { head } = await readMessage(fleet, 1);
  const taking = { index: 1, numbers: 1, head };
  const take = () =>
    takeMessages(fleet.redis, own, 'spring-0000000', chapter ?? 0, Date.now(), [taking]);
  expect(await take()).toEqual([true]);
  // A client may send a script again: that is the same message, taken once.
  expect(await take()).toEqual([true]);
  expect(await fleet.counts('spring')).toEqual({ accepted: 3, pending: 1, rejected: 1 });
  expect(await fleet.verify('spring')).toMatchObject({ verified: true });

  const again = await replay(fleet.redis, fleet.keys, 'spring', choice);
  expect(again).toMatchObject({ planned: { messages: 0 }, replayed: { messages: 0 } });
  await ends(fleet, 4, { rejected: 1 });
});

/** A replay that has taken one message, and dies before it has queued its job. */
async function dieHavingTaken(fleet: Fleet): Promise<ReplayLease> {
  const { redis, keys } = fleet;
  const own = keys.campaign('spring');
  const lease = new ReplayLease(redis, own);
  await lease.take();
  const choice = { codes: ['5001', '3003'], limit: 1 };
  const chapter = await beginReplay(redis, own, fingerprintOfChoice(choice), RECORD);
  await serve(redis, keys.fleet, 'spring');
  const taking = { index: 1, numbers: 1, head: (await readMessage(fleet, 1)).head };
  await takeMessages(redis, own, 'spring-0000000', chapter ?? 0, Date.now(), [taking]);
  return lease;
}

test('taken and not queued: a worker goes on with it, once it is dead', async () => {
  const fleet = await openFleet(failed);
  await sendFailed(fleet);
  const { redis, keys, log } = fleet;
  const own = keys.campaign('spring');
  const lease = await dieHavingTaken(fleet);
  // As long as it is alive it does so itself: workers look twice a second.
  await sleep(1500);
  expect(await redis.hlen(own.replaying)).toBe(1);
  expect(await campaignStatus(redis, keys, 'spring')).toMatchObject({ replay_broken_off: null });

  await lease.release();
  await ends(fleet, 4, { rejected: 1 });
  await log.line('a replay was broken off');
  const told = { replay_broken_off: { chapter: 2, at: RECORD.at, by: RECORD.by } };
  expect(await campaignStatus(redis, keys, 'spring')).toMatchObject(told);
});

test('taken and not queued: without a worker, whoever comes through the door goes on', async () => {
  const fleet = await openFleet();
  const { redis, keys } = fleet;
  await sendRejected(fleet, 'spring', 2);
  const own = keys.campaign('spring');
  const lease = await dieHavingTaken(fleet);
  const producer = createProducer({ redis: redisUrl(), prefix: keys.prefix });
  onTestFinished(() => producer.close());
  await producer.verify('spring');
  expect(await redis.hlen(own.replaying)).toBe(1);
  await lease.release();
  await producer.verify('spring');
  expect(await redis.hlen(own.replaying)).toBe(0);
  expect(await producer.status('spring')).toMatchObject({ pending: 1, jobs: { waiting: 1 } });
});

test('what a worker is at is left, and taken once it has ended', async () => {
  const fleet = await openFleet(failed);
  await sendFailed(fleet);
  const lock = fleet.keys.campaign('spring').lock('spring-0000000');
  await fleet.redis.set(lock, 'a worker');
  const choice = { codes: ['5001'] };
  expect(await replay(fleet.redis, fleet.keys, 'spring', choice)).toMatchObject({
    planned: { messages: 1 },
    replayed: { messages: 0 },
    busy: 1,
  });
  expect(await fleet.counts('spring')).toEqual({ accepted: 3, rejected: 2 });
  await fleet.redis.del(lock);
  expect(await replay(fleet.redis, fleet.keys, 'spring', choice)).toMatchObject({ busy: 0 });
  await ends(fleet, 4, { rejected: 1 });
});

test('moved and not laid: it is seen where it is, and laid by the next one', async () => {
  const fleet = await openFleet(failed);
  await sendFailed(fleet);
  const own = fleet.keys.campaign('spring');
  const choice = { codes: ['3003'], template: 'promo-2' };
  const chapter = await beginReplay(fleet.redis, own, fingerprintOfChoice(choice), RECORD);
  const { head, job } = await readMessage(fleet, 2);
  const moves = new Moves(springOf(fleet), chapter ?? 0, choice, Date.now());
  const move = { jobId: 'spring-0000000', job, index: 2, numbers: 1, head, unsure: 0 };
  await moves.add(move);
  expect(await moves.flush()).toEqual([{ messages: 1, recipients: 1, result: 'moved' }]);
  // Once more, it has changed: nothing is moved twice.
  await moves.add(move);
  expect(await moves.flush()).toMatchObject([{ result: 'changed' }]);

  expect(await fleet.counts('spring')).toEqual({ accepted: 3, pending: 1, rejected: 1 });
  expect(await fleet.verify('spring')).toMatchObject({ verified: true, jobs: 2, messages: 6 });
  const lines = await fleet.lines('spring');
  expect(lines[2]).toMatchObject({ to: [], replayed_as: ['spring-0000001.0'] });
  expect(lines[5]).toMatchObject({
    to: [numberAt(2)],
    state: 'pending',
    template: 'promo-2',
    replayed_from: 'spring-0000000.2',
  });
  await replay(fleet.redis, fleet.keys, 'spring', { dryRun: true });
  expect(await fleet.queueOf('spring').getJob('spring-0000001')).toBeUndefined();
  await replay(fleet.redis, fleet.keys, 'spring', choice);
  await ends(fleet, 4, { rejected: 1 });
});

test('queued and not noted as queued: run again, it texts nobody twice', async () => {
  const fleet = await openFleet(failed);
  await sendFailed(fleet);
  const own = fleet.keys.campaign('spring');
  await replay(fleet.redis, fleet.keys, 'spring', { codes: ['5001', '3003'], template: 'promo-2' });
  await ends(fleet, 5);
  const child = await fleet.queueOf('spring').getJob('spring-0000001');
  await fleet.redis.hset(own.replaying, {
    'spring-0000000': 'retry 2',
    'spring-0000001': JSON.stringify(child?.data),
  });
  await replay(fleet.redis, fleet.keys, 'spring', {});
  expect(await fleet.redis.hlen(own.replaying)).toBe(0);
  const queue = fleet.queueOf('spring');
  const running = () => queue.getJobCountByTypes('wait', 'active');
  await expect.poll(running, { timeout: 30_000 }).toBe(0);
  await ends(fleet, 5);
});

test('30,000 rejected, killed again and again: each replayed once, balanced at every look', async () => {
  const fleet = await openFleet();
  await sendRejected(fleet, 'spring', 30_000);
  const env = { PATH: searchPath, REDIS_URL: redisUrl(), VOLLEY_PREFIX: fleet.keys.prefix };
  const pending = async () => {
    const counts = await readCounts(fleet.redis, fleet.keys, 'spring');
    expect(isBalanced(counts)).toBe(true);
    return counts.pending;
  };
  for (const after of [1, 10_000, 25_000]) {
    const child = spawn(VOLLEY, ['replay', 'spring', '--yes'], { env, stdio: 'ignore' });
    const ended = once(child, 'exit');
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    while (!isOver && (await pending()) < after);
    child.kill('SIGKILL');
    await ended;
  }
  await replay(fleet.redis, fleet.keys, 'spring');
  expect(await pending()).toBe(30_000);
  expect(await fleet.verify('spring')).toMatchObject({ verified: true });
  const replays = (await fleet.lines('spring')).map((line) => line.replays.length);
  expect(replays).toEqual(replays.map(() => 1));
  const waiting = await fleet.redis.lrange(fleet.keys.campaign('spring').job('wait'), 0, -1);
  expect(waiting).toHaveLength(300);
  expect(new Set(waiting).size).toBe(300);
}, 120_000);
