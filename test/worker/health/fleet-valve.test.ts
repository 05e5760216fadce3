import { describe, expect, test } from 'vitest';
import { lockValve, openValve, readValve } from '../../../src/shared/fleet/valve.ts';
import { reportHealth } from '../../../src/worker/health/breaker.ts';
import { askForSlots } from '../../../src/worker/pacing/slots.ts';
import { type Fleet, openFleet, people, workUntilFinished } from '../../support/fleet.ts';

const reasonsOf = async ({ redis, keys }: Fleet) =>
  (await readValve(redis, keys.fleet, Date.now())).map(({ reason }) => reason);

/** As if its time had come. */
async function elapse({ redis, keys }: Fleet, reason: string): Promise<void> {
  const lock: object = JSON.parse((await redis.hget(keys.fleet.valve, reason)) ?? '{}');
  await redis.hset(keys.fleet.valve, reason, JSON.stringify({ ...lock, until: 1 }));
}

test("an operator's lock stays through 429s, probes and restarts", async () => {
  const fleet: Fleet = await openFleet({
    faults: { rates: { '429': 1 } },
    onRequest: async ({ point, request }) => {
      if (point !== 'received' || request > 1) return;
      const lock = { reason: 'operator', since: Date.now(), detail: 'a test' } as const;
      await lockValve(fleet.redis, fleet.keys.fleet, lock);
    },
  });
  await fleet.send('held', people(50));
  const first = fleet.createWorker({ VOLLEY_CONCURRENCY: '5', VOLLEY_ATTEMPTS: '1' });
  await first.start();
  await fleet.log.line('valve locked: throttled');
  await expect.poll(() => reasonsOf(fleet), { timeout: 20_000 }).toEqual(['operator']);
  const { requests } = fleet.sandbox.stats();
  expect(requests).toBeLessThanOrEqual(5);
  fleet.sandbox.setFaults({ rates: {} });

  // a probe is due
  const { fleet: keys } = fleet.keys;
  const failing = { successes: 0, failures: 20, epoch: 0, detail: '' };
  await reportHealth(fleet.redis, keys, failing);
  await elapse(fleet, 'outage');
  const asking = { fingerprint: '', worker: 'a test', urgent: 0, owed: 0, numbers: [1] };
  expect(await askForSlots(fleet.redis, keys, asking)).toMatchObject({ lock: 'operator' });
  await reportHealth(fleet.redis, keys, { ...failing, successes: 1, failures: 0, epoch: 1 });

  await first.stop();
  const second = fleet.createWorker({ VOLLEY_ATTEMPTS: '1' });
  const told: string[][] = [];
  second.on('valve', (locks) => told.push(locks.map(({ reason }) => reason)));
  await second.start();
  await fleet.log.line('"lock":"operator"');
  expect(await reasonsOf(fleet)).toEqual(['operator']);
  expect(fleet.sandbox.stats().requests).toBe(requests);

  const finished = new Promise((resolve) => second.on('detached', resolve));
  await openValve(fleet.redis, keys, 'operator');
  await finished;
  expect(told[0]).toContain('operator');
  await expect.poll(() => told.at(-1)).toEqual([]);
  expect(await fleet.counts('held')).toEqual({ accepted: 50 });
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 50, most_texts: 1 });
});

describe('wrong credentials', () => {
  const wrong = { ENGAGELAB_DEV_SECRET: 'wrong', VOLLEY_CONCURRENCY: '10', VOLLEY_ATTEMPTS: '1' };

  test.each([
    [0, 0],
    [1, 40],
  ] as const)('cost the requests under way, at replies after %i to %i ms', async (...latency) => {
    const fleet = await openFleet({ faults: { latency: [...latency] } });
    await fleet.send('wrong', people(300));
    const worker = fleet.createWorker(wrong);
    await worker.start();
    await fleet.log.line('valve locked: unauthorized');
    await fleet.log.line('the valve is locked');
    await worker.stop();
    const { requests } = fleet.sandbox.stats();
    expect(requests).toBeLessThanOrEqual(10);

    // started again unmended, it costs no more than that
    const again = fleet.createWorker(wrong);
    await again.start();
    await expect.poll(() => fleet.sandbox.stats().requests).toBeGreaterThan(requests);
    await expect.poll(() => reasonsOf(fleet)).toEqual(['unauthorized']);
    await again.stop();
    expect(fleet.sandbox.stats().requests).toBeLessThanOrEqual(requests + 10);

    await workUntilFinished(fleet.createWorker({ VOLLEY_ATTEMPTS: '1' }), 'wrong');
    expect(await fleet.counts('wrong')).toEqual({ accepted: 300 });
    expect(fleet.sandbox.stats()).toMatchObject({ texts: 300, most_texts: 1 });
  });

  test('of one worker keep no other back', async () => {
    const fleet = await openFleet();
    await fleet.send('both', people(1000));
    const bad = fleet.createWorker(wrong);
    await bad.start();
    await fleet.log.line('the valve is locked');
    const held = await fleet.queueOf('both').getActiveCount();
    expect(held).toBeGreaterThan(0);

    const good = fleet.createWorker({ VOLLEY_ATTEMPTS: '1' });
    await good.start();
    // What the other held, too, though that one goes on waiting.
    await expect.poll(() => fleet.counts('both'), { timeout: 20_000 }).toEqual({ accepted: 1000 });
    await bad.stop();
    expect(await fleet.counts('both')).toEqual({ accepted: 1000 });
    expect(fleet.sandbox.stats()).toMatchObject({ texts: 1000, most_texts: 1 });
  });
});
