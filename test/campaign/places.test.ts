/** Who has one of the places of `VOLLEY_MAX_CAMPAIGNS`: only what can be sent now. */
import { Worker as QueueWorker } from 'bullmq';
import { expect, onTestFinished, test } from 'vitest';
import { resume } from '../../src/producer/control/control.ts';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { beat, readWorkers } from '../../src/shared/fleet/heartbeat.ts';
import { jobIdAt } from '../../src/shared/job.ts';
import type { Worker } from '../../src/worker/worker.ts';
import { type Fleet, openFleet, people } from '../support/fleet.ts';

const patiently = { timeout: 20_000, interval: 20 };

const statusOf = ({ redis, keys }: Fleet, id: string) => campaignStatus(redis, keys, id);
const pollState = (fleet: Fleet, id: string) =>
  expect.poll(async () => (await statusOf(fleet, id)).state, patiently);

/** What a worker has taken up and let go of, in order. */
function watch(worker: Worker): string[] {
  const seen: string[] = [];
  worker.on('attached', (id) => id !== 'notifications' && seen.push(`+${id}`));
  worker.on('detached', (id) => seen.push(`-${id}`));
  return seen;
}

test('canaries that wait, and a campaign that is not due, take no place', async () => {
  const fleet = await openFleet();
  const { redis, keys, sandbox } = fleet;
  const canaries = ['one', 'two', 'three'];
  for (const id of canaries) await fleet.send(id, people(300), { canary: 100 });
  await fleet.send('later', people(10), { startAt: Date.now() + 3_600_000 });
  await fleet.createWorker({ VOLLEY_MAX_CAMPAIGNS: '3' }).start();
  for (const id of canaries) await pollState(fleet, id).toBe('paused');
  await fleet.send('next', people(50));
  await pollState(fleet, 'next').toBe('finished');
  expect(sandbox.stats()).toMatchObject({ texts: 350 });
  expect(await statusOf(fleet, 'later')).toMatchObject({ state: 'scheduled', pending: 10 });

  // What was let go of is served again when there is something to send.
  for (const id of canaries) await resume(redis, keys, id);
  for (const id of canaries) await pollState(fleet, id).toBe('finished');
  expect(sandbox.stats()).toMatchObject({ texts: 950, most_texts: 3 + 1 });
});

test('messages that all wait for their next attempt leave the place to others, until one is due', async () => {
  const fleet = await openFleet({ faults: { on_template: { promo: '500' } } });
  const { sandbox } = fleet;
  const slowly = { VOLLEY_BACKOFF_BASE_MS: '12000', VOLLEY_BACKOFF_CAP_MS: '12000' };
  const worker = fleet.createWorker({ VOLLEY_MAX_CAMPAIGNS: '1', ...slowly });
  const seen = watch(worker);
  await fleet.send('first', people(1));
  await fleet.send('second', people(30), { template: 'other' });
  await worker.start();
  await expect.poll(() => sandbox.stats().requests, patiently).toBe(1);
  sandbox.setFaults({ on_template: {} });
  await pollState(fleet, 'second').toBe('finished');
  await pollState(fleet, 'first').toBe('finished');
  await expect
    .poll(() => seen, patiently)
    .toEqual(['+first', '-first', '+second', '-second', '+first', '-first']);
  const [line] = await fleet.lines('first');
  expect(line?.attempts.map(({ outcome }) => outcome)).toEqual(['retry', 'accepted']);
});

test('a wait of a second or so is no reason to let go', async () => {
  const fleet = await openFleet({ faults: { rates: { '500': 1 } } });
  const soon = { VOLLEY_BACKOFF_BASE_MS: '1500', VOLLEY_BACKOFF_CAP_MS: '1500' };
  const worker = fleet.createWorker({ VOLLEY_ATTEMPTS: '3', ...soon });
  const seen = watch(worker);
  await fleet.send('again', people(1));
  await worker.start();
  await pollState(fleet, 'again').toBe('finished');
  expect(await fleet.counts('again')).toEqual({ exhausted: 1 });
  await expect.poll(() => seen, patiently).toEqual(['+again', '-again']);
});

test('a job that a dead worker holds is reason enough for a place', async () => {
  const fleet = await openFleet();
  const { redis, keys } = fleet;
  await fleet.send('orphaned', people(1));
  const own = keys.campaign('orphaned');
  const options = { connection: redis, prefix: keys.prefix, autorun: false };
  const dead = new QueueWorker(own.queue, null, options);
  onTestFinished(() => dead.close(true));
  await dead.getNextJob('dead:1', { block: false });
  expect(await redis.lrange(own.job('active'), 0, -1)).toEqual([jobIdAt('orphaned', 0)]);
  await redis.del(own.lock(jobIdAt('orphaned', 0)));
  await fleet.createWorker({ VOLLEY_LOCK_MS: '2000' }).start();
  await pollState(fleet, 'orphaned').toBe('finished');
  expect(await fleet.counts('orphaned')).toEqual({ accepted: 1 });
});

test('who waits for a place is told so, with who holds them', async () => {
  const fleet = await openFleet();
  const { redis, keys } = fleet;
  for (const id of ['one', 'two']) await fleet.send(id, people(100));
  const worker = fleet.createWorker({ VOLLEY_MAX_CAMPAIGNS: '2', VOLLEY_RATE: '5' });
  await worker.start();
  await fleet.send('third', people(2));
  await expect
    .poll(async () => (await statusOf(fleet, 'third')).waits_for_place, patiently)
    .toEqual({ held_by: ['one', 'two'] });
  expect(await statusOf(fleet, 'third')).toMatchObject({ state: 'sending', eta_s: null });
  expect(await statusOf(fleet, 'one')).toMatchObject({ waits_for_place: null });
  expect((await statusOf(fleet, 'one')).eta_s).toBeGreaterThan(0);

  // One that waits for something else is not said to wait for a place.
  await fleet.send('scheduled', people(2), { startAt: Date.now() + 3_600_000 });
  expect(await statusOf(fleet, 'scheduled')).toMatchObject({ waits_for_place: null });

  // Of a worker of an older version it is not known whether it has room.
  const [full] = await readWorkers(redis, keys.fleet, Date.now());
  if (!full) throw new Error('no heartbeat');
  const { serving: _serving, max_campaigns: _most, ...older } = full;
  await beat(redis, keys.fleet, { ...older, id: 'older' });
  expect(await readWorkers(redis, keys.fleet, Date.now())).toHaveLength(2);
  expect(await statusOf(fleet, 'third')).toMatchObject({ waits_for_place: null });
});
