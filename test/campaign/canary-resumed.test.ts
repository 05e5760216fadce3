/** What a resume does to a campaign with a canary: it gives back what was before a pause, or sends the rest. */
import { expect, onTestFinished, test } from 'vitest';
import { cancel, pause, type ResumeOptions, resume } from '../../src/producer/control/control.ts';
import { control, controlResume } from '../../src/producer/control/control-scripts.ts';
import { createProducer } from '../../src/producer/producer.ts';
import { replay } from '../../src/producer/replay/replay.ts';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { HELD_SCORE } from '../../src/shared/campaign/canary.ts';
import { type Fleet, openFleet, people } from '../support/fleet.ts';
import { redisUrl } from '../support/redis.ts';

const patiently = { timeout: 20_000, interval: 20 };

/** A canary of 200 among 1,000, in 20 jobs, of which some have been sent when `reached` resolves. */
async function openCanary(requests = 20) {
  const reached = Promise.withResolvers<void>();
  const fleet = await openFleet({
    faults: { latency: 20 },
    onRequest: ({ point, request }) => {
      if (point === 'received' && request === requests) reached.resolve();
    },
  });
  await fleet.send('spring', people(1000), { canary: 200 });
  const status = () => campaignStatus(fleet.redis, fleet.keys, 'spring');
  const go = (options?: ResumeOptions) => resume(fleet.redis, fleet.keys, 'spring', options);
  const held = () => {
    const own = fleet.keys.campaign('spring');
    return fleet.redis.zcount(own.job('delayed'), HELD_SCORE, '+inf');
  };
  const isOver = () => expect.poll(async () => (await status()).accepted, patiently).toBe(200);
  return { fleet, reached: reached.promise, status, go, held, isOver };
}

/** As it is when the canary is over: a slow worker, which leaves time to do something to it. */
async function openOver() {
  const scene = await openCanary();
  await scene.fleet.createWorker().start();
  await scene.isOver();
  return scene;
}

async function expectAllSent({ sandbox, keys, redis, verify }: Fleet): Promise<void> {
  const state = async () => (await campaignStatus(redis, keys, 'spring')).state;
  await expect.poll(state, patiently).toBe('finished');
  expect(sandbox.stats()).toMatchObject({ texts: 1000, numbers: 1000, most_texts: 1 });
  await expect.poll(async () => (await verify('spring')).verified, patiently).toBe(true);
}

test('paused half-way and resumed, it goes on to its own end and waits there', async () => {
  const { fleet, reached, status, go, held, isOver } = await openCanary();
  const { redis, keys, sandbox } = fleet;
  await fleet.createWorker({ VOLLEY_CONCURRENCY: '5' }).start();
  await reached;
  expect(await pause(redis, keys, 'spring')).toMatchObject({ state: 'paused', changed: true });
  const canary = { recipients: 200, held: 800 };
  expect((await status()).canary).toEqual({ ...canary, over: false });
  const before = await held();
  expect(await go()).toMatchObject({ state: 'sending', changed: true });
  expect(await held()).toBe(before);
  await isOver();
  expect(await status()).toMatchObject({ state: 'paused', accepted: 200, pending: 800 });
  expect((await status()).canary).toEqual({ ...canary, over: true });
  expect(sandbox.stats()).toMatchObject({ texts: 200, numbers: 200 });

  expect(await go()).toMatchObject({ state: 'sending', changed: true, canary: null });
  await expectAllSent(fleet);
});

test('a resume of one that is under way and not paused changes nothing', async () => {
  const { fleet, go, held } = await openCanary();
  const before = await held();
  const asked: number[] = [];
  const confirm = ({ recipients }: { recipients: number }) => asked.push(recipients) > 0;
  expect(await go({ confirm })).toMatchObject({ state: 'sending', changed: false });
  expect(await held()).toBe(before);
  expect(asked).toEqual([]);
  expect(await fleet.redis.hget(fleet.keys.campaign('spring').campaign, 'canary')).toBe('200');
});

test('paused when it was over, a first resume takes off the pause, and a second sends the rest', async () => {
  const { fleet, go, held } = await openOver();
  const before = await held();
  await pause(fleet.redis, fleet.keys, 'spring');
  expect(await go()).toMatchObject({ state: 'paused', changed: true, canary: { over: true } });
  expect(await held()).toBe(before);
  expect(await go()).toMatchObject({ state: 'sending', changed: true });
  await expectAllSent(fleet);
});

test('two who resume at once, or a script that runs twice, take off the pause and no more', async () => {
  const { fleet, held } = await openOver();
  const own = fleet.keys.campaign('spring');
  const before = await held();
  await pause(fleet.redis, fleet.keys, 'spring');
  const step = (what: 'look' | 'unpause') => controlResume(fleet.redis, own, what);
  const looks = [await step('look'), await step('look')];
  expect(looks.map(({ found }) => found)).toEqual(['unpause', 'unpause']);
  const steps = [await step('unpause'), await step('unpause')];
  expect(steps.map(({ found }) => found)).toEqual(['done', 'already']);
  expect(await held()).toBe(before);
  expect(await fleet.redis.hget(own.campaign, 'canary')).toBe('200');
});

test('the rest is asked about, with the number of people', async () => {
  const { fleet, go, held } = await openOver();
  const producer = createProducer({ redis: redisUrl(), prefix: fleet.keys.prefix });
  onTestFinished(() => producer.close());
  const asked: unknown[] = [];
  const answer = (isWanted: boolean) => ({
    confirm: (question: unknown) => asked.push(question) > 0 && isWanted,
  });
  const before = await held();
  expect(await producer.resume('spring', answer(false))).toMatchObject({
    state: 'paused',
    changed: false,
  });
  expect(await held()).toBe(before);
  // paused by somebody while the question stands
  const paused = go({
    async confirm() {
      await pause(fleet.redis, fleet.keys, 'spring');
      return true;
    },
  });
  await expect(paused).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('it was paused meanwhile'),
  });
  expect(await held()).toBe(before);
  expect(await go(answer(false))).toMatchObject({ state: 'paused', changed: true });
  expect(await producer.resume('spring', answer(true))).toMatchObject({ state: 'sending' });
  // To take off a pause nobody is asked.
  const question = { campaign: 'spring', recipients: 800 };
  expect(asked).toEqual([question, question]);
  await expectAllSent(fleet);
});

test('where the figure is another by then, nothing is done', async () => {
  const { fleet, go, held } = await openOver();
  const before = await held();
  const refusal = (pending: number) => ({
    code: 'conflict',
    message: `campaign spring: expected one to resume; ${pending} recipients were expected to be pending, and 800 are now`,
  });
  await expect(go({ expectPending: 801 })).rejects.toMatchObject(refusal(801));
  await pause(fleet.redis, fleet.keys, 'spring');
  await expect(go({ expectPending: 799 })).rejects.toMatchObject(refusal(799));
  expect(await fleet.redis.hget(fleet.keys.campaign('spring').campaign, 'paused')).toBe('1');
  expect(await held()).toBe(before);
  expect(await go({ expectPending: 800 })).toMatchObject({ state: 'paused', changed: true });
  expect(await go({ expectPending: 800 })).toMatchObject({ state: 'sending', changed: true });
  await expectAllSent(fleet);
});

test('killed right after it had decided that the rest goes, a worker goes on', async () => {
  const { fleet, held } = await openOver();
  const own = fleet.keys.campaign('spring');
  expect(await controlResume(fleet.redis, own, 'rest', 800)).toMatchObject({ found: 'done' });
  // a client may send it again
  expect(await controlResume(fleet.redis, own, 'rest', 800)).toMatchObject({ found: 'already' });
  await expectAllSent(fleet);
  expect(await held()).toBe(0);
});

test('a cancel that was killed in the middle leaves no canary behind', async () => {
  const { fleet, status, held } = await openCanary();
  const { redis, keys, sandbox } = fleet;
  await control(redis, keys.campaign('spring'), 'cancel');
  expect(await held()).toBeGreaterThan(0);
  await replay(redis, keys, 'spring', { states: ['cancelled'], limit: 700 });
  expect(await status()).toMatchObject({ state: 'sending', pending: 700, canary: null });
  await fleet.createWorker().start();
  await expect
    .poll(status, patiently)
    .toMatchObject({ accepted: 700, cancelled: 300, jobs: { waiting: 0, delayed: 0, active: 0 } });
  expect(sandbox.stats()).toMatchObject({ texts: 700, most_texts: 1 });
  expect(await cancel(redis, keys, 'spring').catch((error) => error.code)).toBe('conflict');
});

test.each([
  ['as it is', {}],
  ['in smaller messages', { split: 1 }],
] as const)('what of it was refused is replayed %s, and the rest stays', async (_how, choice) => {
  const fleet = await openFleet({ faults: { rates: { '5001': 1 } } });
  const { redis, keys, sandbox } = fleet;
  const options = { canary: 20, batchSize: 2, params: [] };
  await fleet.send('spring', people(1000), options);
  await fleet.createWorker().start();
  const status = () => campaignStatus(redis, keys, 'spring');
  await expect.poll(async () => (await status()).canary?.over, patiently).toBe(true);
  expect(await status()).toMatchObject({ state: 'paused', rejected: 20, pending: 980 });

  sandbox.setFaults({ rates: {} });
  const again = async () => {
    const { busy } = await replay(redis, keys, 'spring', choice);
    return busy;
  };
  await expect.poll(again, patiently).toBe(0);
  await expect.poll(status, patiently).toMatchObject({ state: 'paused', accepted: 20 });
  expect(await status()).toMatchObject({ rejected: 0, pending: 980, canary: { over: true } });
  expect(sandbox.stats()).toMatchObject({ texts: 20, most_texts: 1 });

  expect(await resume(redis, keys, 'spring')).toMatchObject({ state: 'sending', changed: true });
  await expectAllSent(fleet);
});
