import { expect, test } from 'vitest';
import { cancel, resume } from '../../src/producer/control/control.ts';
import { forget } from '../../src/producer/control/forget.ts';
import { replay } from '../../src/producer/replay/replay.ts';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { verify } from '../../src/producer/report/verify.ts';
import { endCanary } from '../../src/producer/send/canary.ts';
import { openFleet, people } from '../support/fleet.ts';

const patiently = { timeout: 20_000, interval: 20 };

test.each([
  ['personal texts', { params: ['name'] }],
  ['one text for all', { batchSize: 100, params: [] }],
] as const)(
  'sends %s to the canary alone, then waits, then sends the rest in order',
  async (_what, options) => {
    const fleet = await openFleet();
    const { redis, keys, sandbox } = fleet;
    const rows = people(5000).map(({ to }, at) => ({ to, params: { name: `Name ${at}` } }));
    const sent = await fleet.send('careful', rows, { ...options, canary: 250 });
    expect(sent).toMatchObject({ recipients: 5000, released: true });
    const state = () => campaignStatus(redis, keys, 'careful');
    expect(await state()).toMatchObject({
      state: 'sending',
      jobs: { delayed: expect.any(Number) },
    });
    await fleet.createWorker().start();

    await expect.poll(async () => (await state()).state, patiently).toBe('paused');
    expect(await state()).toMatchObject({ accepted: 250, pending: 4750, balanced: true });
    expect(sandbox.stats()).toMatchObject({ numbers: 250, texts: 250 });
    for (const { to } of rows.slice(0, 250)) expect(sandbox.textsTo(to)).toBeDefined();

    expect(await resume(redis, keys, 'careful')).toMatchObject({ changed: true });
    await expect.poll(async () => (await state()).state, patiently).toBe('finished');
    expect(sandbox.stats()).toMatchObject({ texts: 5000, numbers: 5000, most_texts: 1 });
    expect(await resume(redis, keys, 'careful')).toMatchObject({ changed: false });
    await expect
      .poll(async () => (await verify(redis, keys, 'careful')).verified, patiently)
      .toBe(true);
  },
);

test('keeps the order of the list for the rest', async () => {
  const fleet = await openFleet();
  const own = fleet.keys.campaign('ordered');
  await fleet.send('plain', people(3000), { batchSize: 1 });
  const order = await fleet.redis.lrange(fleet.keys.campaign('plain').job('wait'), 0, -1);
  await fleet.send('ordered', people(3000), { batchSize: 1, canary: 100 });
  expect(await fleet.redis.llen(own.job('wait'))).toBe(1);
  await endCanary(fleet.redis, own);
  expect(await fleet.redis.llen(own.job('wait'))).toBe(1);
  // what decides that the rest goes
  await fleet.redis.hdel(own.campaign, 'canary');
  await endCanary(fleet.redis, own);
  const after = await fleet.redis.lrange(own.job('wait'), 0, -1);
  expect(after).toEqual(order.map((id) => id.replace('plain', 'ordered')));
});

test('a list no longer than its canary is simply sent', async () => {
  const fleet = await openFleet();
  await fleet.send('short', people(20), { canary: 20 });
  await fleet.createWorker().start();
  const state = async () => (await campaignStatus(fleet.redis, fleet.keys, 'short')).state;
  await expect.poll(state, patiently).toBe('finished');
});

test('what the canary was to go before can be cancelled', async () => {
  const fleet = await openFleet();
  const { redis, keys, sandbox } = fleet;
  await fleet.send('stopped', people(3000), { canary: 100 });
  await fleet.createWorker().start();
  const status = () => campaignStatus(redis, keys, 'stopped');
  await expect.poll(async () => (await status()).state, patiently).toBe('paused');
  await cancel(redis, keys, 'stopped');
  expect(await status()).toMatchObject({ state: 'cancelled', accepted: 100, cancelled: 2900 });
  const left = async () => (await status()).jobs;
  await expect.poll(left, patiently).toMatchObject({ waiting: 0, delayed: 0, active: 0 });
  expect(sandbox.stats().texts).toBe(100);
  expect(await verify(redis, keys, 'stopped')).toMatchObject({ verified: true });
});

test('cancelled and replayed in part, it is no canary any more, and can be forgotten', async () => {
  const fleet = await openFleet();
  const { redis, keys, sandbox } = fleet;
  await fleet.send('given-up', people(1000), { canary: 10 });
  const worker = fleet.createWorker();
  await worker.start();
  const state = () => campaignStatus(redis, keys, 'given-up');
  await expect.poll(async () => (await state()).state, patiently).toBe('paused');
  await cancel(redis, keys, 'given-up');
  await worker.stop();
  // Before any worker has looked at what is cancelled.
  await replay(redis, keys, 'given-up', { states: ['cancelled'], limit: 300 });
  expect(await state()).toMatchObject({ state: 'sending', pending: 300 });
  await fleet.createWorker().start();
  await expect
    .poll(state, patiently)
    .toMatchObject({ accepted: 310, cancelled: 690, pending: 0, jobs: { waiting: 0, delayed: 0 } });
  expect(sandbox.stats()).toMatchObject({ texts: 310, most_texts: 1 });
  expect(await fleet.verify('given-up')).toMatchObject({ verified: true });
  await expect.poll(async () => (await state()).jobs.active, patiently).toBe(0);
  expect(await forget(redis, keys, 'given-up')).toMatchObject({ changed: true });
});
