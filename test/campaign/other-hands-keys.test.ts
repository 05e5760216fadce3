/**
 * What another program deletes of a campaign in Redis: its record, all of it, or one of the keys by which its replays
 * and its losses are known.
 */
import { expect, test } from 'vitest';
import { replay } from '../../src/producer/replay/replay.ts';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { jobIdAt } from '../../src/shared/job.ts';
import { type Fleet, openFleet } from '../support/fleet.ts';
import {
  type Around,
  allEnd,
  aroundOf,
  expectNoProblems,
  FIRST,
  idOf,
  NONE,
  patiently,
  RECIPIENTS,
  type Row,
  rowsOf,
  SECOND,
  sendAll,
} from '../support/other-hands.ts';

async function allKeysOf({ fleet }: Around, at: number): Promise<string[]> {
  return fleet.redis.keys(`${fleet.keys.prefix}:{${idOf(at)}}*`);
}

async function expectOnce(fleet: Fleet, at: number): Promise<void> {
  for (const { to } of rowsOf(at))
    expect(fleet.sandbox.textsTo(to)?.count ?? 0).toBeLessThanOrEqual(1);
}

async function workersLetGo(fleet: Fleet): Promise<void> {
  await expect.poll(() => fleet.redis.hlen(fleet.keys.fleet.serving), patiently).toBe(0);
}

/** Each is another moment. */
const MOMENTS = [
  { moment: 'before it is sent', accepted: 0 },
  { moment: 'while it is sent', accepted: 10 },
  { moment: 'after its end', accepted: RECIPIENTS },
];

test('a campaign whose record was deleted is not sent, and its id is taken as long as there are traces', async () => {
  const fleet = await openFleet({ faults: { latency: 30 } });
  const rows = MOMENTS.map(({ moment }) => ({ deed: moment, hand: async () => undefined }));
  await sendAll(fleet, rows, { rate: 200 });
  const deleteRecord = (at: number) => fleet.redis.del(aroundOf(fleet, at).own.campaign);
  await deleteRecord(0);
  await fleet.createWorker().start();
  await Promise.all(
    [1, 2].map(async (at) => {
      const accepted = async () => (await fleet.counts(idOf(at)))['accepted'] ?? 0;
      await expect
        .poll(accepted, { ...patiently, interval: 20 })
        .toBeGreaterThanOrEqual(MOMENTS[at]?.accepted ?? 0);
      await deleteRecord(at);
    }),
  );
  await workersLetGo(fleet);
  const { requests } = fleet.sandbox.stats();
  for (const at of MOMENTS.keys()) {
    const again = () => fleet.send(idOf(at), rowsOf(at), { rate: 200 });
    const why = { details: { why: 'unrecorded' } };
    await expect(again(), MOMENTS[at]?.moment).rejects.toMatchObject(why);
    await expect(again(), MOMENTS[at]?.moment).rejects.toMatchObject(why);
    const status = campaignStatus(fleet.redis, fleet.keys, idOf(at));
    await expect(status).rejects.toThrow('removed its record');
    // Its counts gone, too: what was begun and ended tells.
    await fleet.redis.del(aroundOf(fleet, at).own.counts);
    if (at > 0) await expect(again()).rejects.toMatchObject(why);
  }
  expect(fleet.sandbox.stats().requests).toBe(requests);
  for (const at of MOMENTS.keys()) await expectOnce(fleet, at);
});

test('a campaign of which everything was deleted is let go of', async () => {
  const fleet = await openFleet({ faults: { latency: 30 } });
  const rows = [0, 1].map((at) => ({ deed: `${at}`, hand: async () => undefined }));
  await sendAll(fleet, rows, { rate: 200 });
  const deleteAll = async (at: number) =>
    fleet.redis.del(...(await allKeysOf(aroundOf(fleet, at), at)));
  await deleteAll(0);
  await fleet.createWorker({ VOLLEY_LOCK_MS: '1000' }).start();
  const accepted = async () => (await fleet.counts(idOf(1)))['accepted'] ?? 0;
  await expect.poll(accepted, { ...patiently, interval: 20 }).toBeGreaterThan(10);
  await deleteAll(1);
  await workersLetGo(fleet);
  for (const at of rows.keys()) {
    await expectOnce(fleet, at);
    const status = campaignStatus(fleet.redis, fleet.keys, idOf(at));
    await expect(status).rejects.toMatchObject({ code: 'not_found' });
  }
});

const AFTER_LOSS: Row[] = [
  { deed: '~gone deleted', hand: ({ fleet, own }) => fleet.redis.del(own.gone), counts: NONE },
  {
    deed: '~gone deleted, and one laid anew',
    hand: async ({ fleet, own, queue, second }) => {
      await fleet.redis.del(own.gone);
      await queue.add('send', { v: 1 }, { jobId: second });
    },
    counts: NONE,
  },
  { deed: '~gone-look deleted', hand: ({ fleet, own }) => fleet.redis.del(own.goneLook) },
];

test('what was written off stays so where the list of what is gone was deleted', async () => {
  const fleet = await openFleet();
  await sendAll(fleet, AFTER_LOSS);
  for (const at of AFTER_LOSS.keys()) await aroundOf(fleet, at).queue.drain();
  await fleet.createWorker().start();
  await allEnd(fleet, AFTER_LOSS);
  await workersLetGo(fleet);
  for (const [at, { hand }] of AFTER_LOSS.entries()) {
    await hand(aroundOf(fleet, at));
    await fleet.redis.hincrby(fleet.keys.fleet.serving, idOf(at), 7);
  }
  await workersLetGo(fleet);
  const told = fleet.log.lines.filter((line) => line.includes('LOST'));
  expect(told.length).toBe(AFTER_LOSS.length);
  expect(fleet.sandbox.stats().requests).toBe(0);
  await expectNoProblems(fleet, AFTER_LOSS);
});

const REPLAYED: Row[] = [
  { deed: 'drain', hand: ({ queue }) => queue.drain(true) },
  { deed: 'obliterate', hand: ({ queue }) => queue.obliterate({ force: true }) },
  {
    deed: 'retry all',
    hand: async ({ queue }) => [
      await queue.retryJobs({ state: 'failed' }),
      await queue.retryJobs({ state: 'completed' }),
    ],
  },
  {
    deed: 'remove what failed',
    hand: async ({ queue }) => [await queue.clean(0, 0, 'failed'), await queue.drain()],
  },
  { deed: '~replaying deleted', hand: ({ fleet, own }) => fleet.redis.del(own.replaying) },
  { deed: '~replays deleted', hand: ({ fleet, own }) => fleet.redis.del(own.replays) },
  { deed: '~counts deleted', hand: ({ fleet, own }) => fleet.redis.del(own.counts) },
  {
    deed: 'ledgers deleted',
    hand: ({ fleet, own }) =>
      fleet.redis.del(...[0, 1, 2, 3].map((at) => own.ledger(jobIdAt(idFrom(own.queue), at)))),
  },
];

const idFrom = (queue: string) => queue.slice(1, -1);

test('while a replay puts jobs back, another program takes them, or what is known of it', async () => {
  const fleet = await openFleet({ faults: { rates: { '5001': 0.4, partial: 0.1 } } });
  await sendAll(fleet, REPLAYED, { rate: 200 });
  await fleet.createWorker({ VOLLEY_LOCK_MS: '1000' }).start();
  await allEnd(fleet, REPLAYED);
  await workersLetGo(fleet);
  fleet.sandbox.setFaults({ rates: {} });
  await Promise.all(
    REPLAYED.map(async ({ hand }, at) => {
      const replaying = replay(fleet.redis, fleet.keys, idOf(at), { by: 'test' });
      const isTaken = async () => {
        const record = await fleet.redis.hget(aroundOf(fleet, at).own.campaign, 'chapter');
        return Number(record ?? 1);
      };
      await expect.poll(isTaken, { ...patiently, interval: 2 }).toBe(2);
      await hand(aroundOf(fleet, at));
      // Whatever it comes to, it may say that it was disturbed.
      await replaying.catch(() => undefined);
      await hand(aroundOf(fleet, at));
    }),
  );
  await allEnd(fleet, REPLAYED);
  await expectNoProblems(fleet, REPLAYED);
});

test('a lost job counts once, whoever looks', async () => {
  const fleet = await openFleet();
  const rows = [
    { deed: 'removed', hand: async () => undefined, counts: { accepted: FIRST, lost: SECOND } },
  ];
  await sendAll(fleet, rows);
  const { queue, second } = aroundOf(fleet, 0);
  await queue.remove(second);
  await Promise.all([0, 1, 2].map(() => fleet.createWorker().start()));
  await allEnd(fleet, rows);
  await expectNoProblems(fleet, rows);
  expect(fleet.log.lines.filter((line) => line.includes('LOST')).length).toBe(1);
});
