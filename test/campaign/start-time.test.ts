import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { cancel } from '../../src/producer/control/control.ts';
import { replay } from '../../src/producer/replay/replay.ts';
import { openFleet, people } from '../support/fleet.ts';

const HOUR = 3_600_000;

test('what was cancelled before its start time and is replayed at once waits for it all the same', async () => {
  const fleet = await openFleet();
  const worker = fleet.createWorker();
  await worker.start();
  const campaigns = Array.from({ length: 12 }, (_none, at) => `early-${at}`);
  const rounds = campaigns.map(async (id, at) => {
    await fleet.send(id, people(30), { startAt: Date.now() + 2 * HOUR });
    await cancel(fleet.redis, fleet.keys, id);
    // At any moment of the half second within which a worker looks.
    await sleep(at * 50);
    await replay(fleet.redis, fleet.keys, id, { states: ['cancelled'] });
  });
  await Promise.all(rounds);
  await sleep(1500);
  expect(fleet.sandbox.stats().requests).toBe(0);
  for (const id of campaigns) expect(await fleet.counts(id)).toEqual({ pending: 30 });

  const [first = ''] = campaigns;
  const finished = new Promise<void>((resolve) => {
    worker.on('detached', async (id) => {
      if (id === first && (await fleet.counts(first))['pending'] === undefined) resolve();
    });
  });
  await fleet.redis.hset(fleet.keys.campaign(first).campaign, 'start_at', Date.now() - 1);
  await finished;
  expect(fleet.sandbox.stats().requests).toBe(30);
  expect(await fleet.counts(first)).toEqual({ accepted: 30 });
  expect(await fleet.verify(first)).toMatchObject({ verified: true });
});

test('a worker that takes it for due asks the gate in vain', async () => {
  const fleet = await openFleet();
  await fleet.send('clock', people(5));
  const { campaign } = fleet.keys.campaign('clock');
  const worker = fleet.createWorker({ VOLLEY_RATE: '20' });
  const attached = new Promise((resolve) => worker.once('attached', resolve));
  const starting = worker.start();
  await attached;
  // Put off in this very moment, as by a clock that differs from Redis's.
  await fleet.redis.hset(campaign, 'start_at', Date.now() + HOUR);
  await starting;
  await fleet.log.line('"reason":"early"');
  const { requests } = fleet.sandbox.stats();
  await sleep(700);
  expect(fleet.sandbox.stats().requests).toBe(requests);
  expect((await fleet.counts('clock'))['pending']).toBe(5 - requests);
});
