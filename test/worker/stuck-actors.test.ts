/** Each of a worker's actors has a rhythm of its own: one that does not come to an end holds up no other. */
import { once } from 'node:events';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { pause, resume } from '../../src/producer/control/control.ts';
import { readWorkers } from '../../src/shared/fleet/heartbeat.ts';
import { lockValve } from '../../src/shared/fleet/valve.ts';
import { LostJobs } from '../../src/worker/upkeep/lost-jobs.ts';
import { Sweep } from '../../src/worker/upkeep/sweep.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { type Fleet, openFleet, people } from '../support/fleet.ts';

const patiently = { timeout: 20_000, interval: 20 };

afterEach(() => {
  vi.restoreAllMocks();
});

async function expectBeats({ redis, keys }: Fleet): Promise<void> {
  const seenAt = async () => (await readWorkers(redis, keys.fleet, Date.now()))[0]?.seen_at ?? 0;
  for (let beats = 0; beats < 3; beats++) {
    const before = await seenAt();
    await expect.poll(seenAt, patiently).toBeGreaterThan(before);
  }
}

/** A pause, a resume and a lock are noticed, and a campaign that comes is served. */
async function expectCare(fleet: Fleet, worker: Worker): Promise<void> {
  const { redis, keys } = fleet;
  const attached = once(worker, 'attached');
  await fleet.send('spring', people(100));
  expect(await attached).toEqual(['spring']);
  const detached = once(worker, 'detached');
  await pause(redis, keys, 'spring');
  expect(await detached).toEqual(['spring']);
  const back = once(worker, 'attached');
  await resume(redis, keys, 'spring');
  expect(await back).toEqual(['spring']);
  const locked = once(worker, 'valve');
  const lock = { reason: 'operator', since: 0, detail: 'held' } as const;
  await lockValve(redis, keys.fleet, lock);
  expect(await locked).toMatchObject([[lock]]);
}

test('a sweep that hangs delays neither start, heartbeat nor pause, and a stop waits for it', async () => {
  const stuck = Promise.withResolvers<void>();
  const sweep = vi.spyOn(Sweep.prototype, 'once').mockReturnValue(stuck.promise);
  const fleet = await openFleet();
  const worker = fleet.createWorker({ VOLLEY_RATE: '5' });
  onTestFinished(() => stuck.resolve());
  await worker.start();
  await expect.poll(() => sweep.mock.calls.length, patiently).toBe(1);
  await expectBeats(fleet);
  await expectCare(fleet, worker);
  expect(sweep).toHaveBeenCalledTimes(1);

  const stopping = worker.stop();
  const queue = fleet.queueOf('spring');
  await expect.poll(() => queue.getActiveCount(), patiently).toBe(0);
  expect(fleet.log.lines.join('')).not.toContain('worker stopped');
  stuck.resolve();
  await stopping;
  expect(await readWorkers(fleet.redis, fleet.keys.fleet, Date.now())).toEqual([]);
});

test('a look for lost jobs that hangs delays neither heartbeat nor pause', async () => {
  const stuck = Promise.withResolvers<void>();
  const look = vi.spyOn(LostJobs.prototype, 'lookFor').mockReturnValue(stuck.promise);
  const fleet = await openFleet();
  await fleet.send('drained', people(1));
  await fleet.queueOf('drained').drain();
  const worker = fleet.createWorker({ VOLLEY_RATE: '5' });
  onTestFinished(() => stuck.resolve());
  await worker.start();
  await expect.poll(() => look.mock.calls, patiently).toEqual([['drained']]);
  await expectBeats(fleet);
  await expectCare(fleet, worker);
  expect(look).toHaveBeenCalledTimes(1);
  stuck.resolve();
  await worker.stop();
});
