/** Whole campaigns with a machine whose clock is days off, or is set while they run; Redis's and EngageLab's are right. */
import { RedisQueueBackend } from 'bullmq';
import { afterEach, expect, test, vi } from 'vitest';
import { resume } from '../../src/producer/control/control.ts';
import { fleetStatus } from '../../src/producer/report/status.ts';
import { HELD_SCORE } from '../../src/shared/campaign/canary.ts';
import { jobIdAt } from '../../src/shared/job.ts';
import { type Fleet, openFleet, people, workUntilFinished } from '../support/fleet.ts';
import { notifierOn } from '../support/notifier.ts';

const trueNow = Date.now.bind(Date);
const DAY = 86_400_000;
const HOUR = 3_600_000;

/** Sets the clock of the machine that producer and worker run on. */
function setClock(offMs: number): void {
  vi.spyOn(Date, 'now').mockImplementation(() => trueNow() + offMs);
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** The first request fails; when each came is noted, by the right clock. */
async function openWatched() {
  const came: number[] = [];
  const fleet: Fleet = await openFleet({
    now: trueNow,
    faults: { on_template: { promo: '1000' } },
    onRequest: ({ point, request }) => {
      if (point !== 'received') return;
      came.push(trueNow());
      if (request === 1) fleet.sandbox.setFaults({ on_template: {} });
    },
  });
  return { fleet, came };
}

test.each([
  ['ahead of', 2 * DAY],
  ['behind', -2 * DAY],
])(
  "nothing is early, late, expired or forgotten where a clock is days %s Redis's",
  async (word, off) => {
    const begin = trueNow();
    const { fleet, came } = await openWatched();
    const { redis, keys, log } = fleet;
    setClock(off);
    const worker = fleet.createWorker({
      VOLLEY_BACKOFF_BASE_MS: '1200',
      VOLLEY_BACKOFF_CAP_MS: '1200',
      VOLLEY_RETAIN_DAYS: '1',
    });
    const fetches = vi.spyOn(RedisQueueBackend.prototype, 'moveToActive');
    const startAt = trueNow() + 1500;
    await fleet.send('clock', people(30), { startAt, notAfter: startAt + 9000 });
    await workUntilFinished(worker, 'clock');
    expect(await fleet.counts('clock')).toEqual({ accepted: 30 });
    expect(Math.min(...came)).toBeGreaterThanOrEqual(startAt);
    // The one that was put off is neither asked for without end, nor taken before its time.
    expect(came).toHaveLength(31);
    expect((came.at(-1) ?? 0) - (came[0] ?? 0)).toBeGreaterThanOrEqual(599);
    expect(fetches.mock.calls.length).toBeLessThan(40);

    const notifier = notifierOn(fleet.redis, fleet.keys);
    const notification = await notifier.notify({ to: '+6591000099', template: 'promo' });
    expect(await notification.result()).toMatchObject({ state: 'accepted' });
    await notifier.close();

    const times = (await fleet.lines('clock')).flatMap(({ attempts, enqueued_at, finished_at }) => [
      ...attempts.map(({ at }) => at),
      ...[enqueued_at, finished_at ?? 0],
    ]);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(begin - 50);
    expect(Math.max(...times)).toBeLessThanOrEqual(trueNow() + 50);

    // The next look of the sweep: retained for a day, and the clock is two days off.
    await redis.del(keys.fleet.sweep, keys.fleet.sweepCampaigns);
    await expect.poll(() => redis.exists(keys.fleet.sweep, keys.fleet.sweepCampaigns)).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await redis.hget(keys.campaign('clock').campaign, 'forgotten_at')).toBeNull();
    expect(await redis.zcard(keys.campaign('notifications').jobs)).toBe(1);

    const { workers } = await fleetStatus(redis, keys);
    expect(Math.abs((workers[0]?.clock_off_ms ?? 0) - off)).toBeLessThan(1000);
    const told = log.lines.filter((line) => line.includes(`clock is ${word} Redis's`));
    expect(told).toHaveLength(1);
  },
);

test('a clock that is set while a job is put off has it neither early nor late', async () => {
  const { fleet, came } = await openWatched();
  const worker = fleet.createWorker({
    VOLLEY_BACKOFF_BASE_MS: '2000',
    VOLLEY_BACKOFF_CAP_MS: '2000',
  });
  await worker.start();
  const notifier = notifierOn(fleet.redis, fleet.keys);
  const fetches = vi.spyOn(RedisQueueBackend.prototype, 'moveToActive');
  const { result } = await notifier.notify({ to: '+6591000099', template: 'promo' });
  const ended = result();
  await expect.poll(() => came.length).toBe(1);
  for (const off of [DAY, -DAY, HOUR]) {
    setClock(off);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  setClock(-DAY);
  expect(await ended).toMatchObject({ state: 'accepted' });
  const [first = 0, second = 0] = came;
  expect(second - first).toBeGreaterThanOrEqual(999);
  expect(fetches.mock.calls.length).toBeLessThan(20);
  await notifier.close();
});

test('a clock that is set back costs no job its lock', async () => {
  const fleet = await openFleet({ now: trueNow, faults: { latency: 2500 } });
  const worker = fleet.createWorker({ VOLLEY_LOCK_MS: '1000' });
  await fleet.send('lock', people(3));
  const attached = new Promise((resolve) => worker.once('attached', resolve));
  const finished = workUntilFinished(worker, 'lock');
  await attached;
  await expect.poll(() => fleet.sandbox.stats().requests).toBe(3);
  setClock(-DAY);
  await finished;
  expect(await fleet.counts('lock')).toEqual({ accepted: 3 });
  const lost = fleet.log.lines.filter((line) => /job lost|not put back|broken off/.test(line));
  expect(lost).toEqual([]);
});

test('what a canary holds back stays so where it is promoted while a clock is being set', async () => {
  const fleet = await openFleet({ now: trueNow });
  const { redis, keys, sandbox } = fleet;
  const id = jobIdAt('held', 1);
  await fleet.send('held', people(120), { canary: 100 });
  await workUntilHeld(fleet);
  let asked = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => trueNow() + 20 * asked++);
  await (await fleet.queueOf('held').getJob(id))?.promote();
  await fleet.log.line('held back again');
  const score = () => redis.zscore(keys.campaign('held').job('delayed'), id).then(Number);
  await expect.poll(score).toBeGreaterThanOrEqual(HELD_SCORE);
  expect(sandbox.stats().texts).toBe(100);
  // It is found there by whoever puts it back.
  await resume(redis, keys, 'held');
  await expect.poll(() => sandbox.stats().texts, { timeout: 30_000 }).toBe(120);
});

async function workUntilHeld({ createWorker, sandbox }: Fleet): Promise<void> {
  await createWorker().start();
  await expect.poll(() => sandbox.stats().texts, { timeout: 30_000 }).toBe(100);
}
