// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
/** Replays of campaigns that failed in every way, and what the sandbox then counts. */
import { expect, test } from 'vitest';
import type { GivenRow } from '../../src/producer/list/options.ts';
import { createProducer } from '../../src/producer/producer.ts';
import type { ReplayChoice } from '../../src/producer/replay/choice.ts';
import { planReplay } from '../../src/producer/replay/plan.ts';
import { type ReplayOptions, replay } from '../../src/producer/replay/replay.ts';
import type { AuditLine } from '../../src/producer/report/audit.ts';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { messageName } from '../../src/shared/job.ts';
import { type Fleet, numberAt, openFleet, people, workUntilFinished } from '../support/fleet.ts';
import { redisUrl } from '../support/redis.ts';

const SETTINGS = {
  VOLLEY_ATTEMPTS: '2',
};

function replayOf(fleet: Fleet, campaign: string, options: ReplayOptions = {}) {
  return replay(fleet.redis, fleet.keys, campaign, { by: 'ada@office', ...options });
}

/** Resolves when nothing of the campaign is pending; then every count is what its jobs say. */
async function finished(fleet: Fleet, campaign: string): Promise<void> {
  const pending = async () => (await fleet.counts(campaign))['pending'] ?? 0;
  await expect.poll(pending, { timeout: 60_000, interval: 20 }).toBe(0);
  expect(await fleet.verify(campaign)).toMatchObject({ verified: true, differences: [] });
  expect(await campaignStatus(fleet.redis, fleet.keys, campaign)).toMatchObject({
    state: 'finished',
    balanced: true,
  });
}

/** A worker that has sent all of a campaign and goes on. */
async function sendAll(
  fleet: Fleet,
  campaign: string,
  rows: readonly GivenRow[],
  more = {},
  settings: Record<string, string> = {},
): Promise<void> {
  await fleet.send(campaign, rows, more);
  const worker = fleet.createWorker({ ...SETTINGS, ...settings });
  await workUntilFinished(worker, campaign);
}

function textsTo(fleet: Fleet, number: string): number {
  return fleet.sandbox.textsTo(number)?.count ?? 0;
}

/** Recipients of one message. */
function together(count: number, first: number, name: string): GivenRow[] {
  return Array.from({ length: count }, (_none, at) => ({
    to: numberAt(first + at),
    params: { name },
  }));
}

function failing(faults: Record<number, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(faults).map(([position, fault]) => [numberAt(Number(position)), fault]),
  );
}

/** The numbers that would be replayed. */
async function numbersChosen(fleet: Fleet, campaign: string, choice: ReplayChoice) {
  const { chosen } = await planReplay(fleet.redis, fleet.keys, campaign, choice);
  const names = [...chosen].flatMap(([job, indexes]) => indexes.map((at) => messageName(job, at)));
  const lines = await fleet.lines(campaign);
  return lines.filter(({ message }) => names.includes(message)).flatMap(({ to }) => to);
}

test('a campaign that failed in every way ends with everybody texted, step by step', async () => {
  const faults = {
    1: '4001',
    2: '5001',
    3: '3004',
    4: '502',
    5: 'close-after',
    6: 'hang-unsent',
    7: '3003',
    8: '3003-accepted',
  };
  const fleet = await openFleet({
    faults: { on_number: failing(faults), bad_numbers: [numberAt(15)] },
  });
  const pair = together(2, 8, 'both');
  const batch = together(10, 10, 'all');
  const impatient = { VOLLEY_REQUEST_TIMEOUT_MS: '1500', VOLLEY_SHUTDOWN_GRACE_MS: '5000' };
  await sendAll(fleet, 'spring', [...people(8), ...pair, ...batch], { batchSize: 10 }, impatient);
  expect(await fleet.counts('spring')).toEqual({
    accepted: 2,
    rejected: 15,
    exhausted: 1,
    unconfirmed: 2,
  });

  // The labels are true: what is safe has reached nobody, nor has what is pointless.
  const safe = await numbersChosen(fleet, 'spring', {});
  expect(safe).toHaveLength(3);
  const pointless = await numbersChosen(fleet, 'spring', { codes: ['3003', '4001'] });
  expect(pointless).toHaveLength(12);
  for (const number of [...safe, ...pointless]) expect(textsTo(fleet, number), number).toBe(0);
  const all = await numbersChosen(fleet, 'spring', { mayDouble: true });
  const doubtful = all.filter((number) => !safe.includes(number));
  expect(doubtful.map((number) => textsTo(fleet, number)).sort()).toEqual([0, 0, 1, 1]);

  fleet.sandbox.setFaults({ on_number: failing({ 7: '3003' }) });
  // One for a first careful step, then all that is safe.
  expect(await replayOf(fleet, 'spring', { limit: 1 })).toMatchObject({
    replayed: { messages: 1, recipients: 1 },
  });
  await finished(fleet, 'spring');
  expect(await replayOf(fleet, 'spring')).toMatchObject({ replayed: { messages: 2 } });
  await finished(fleet, 'spring');
  expect(await fleet.counts('spring')).toEqual({ accepted: 5, rejected: 13, unconfirmed: 2 });

  // Another template for what had none, one number a message for the batch with a bad one.
  await replayOf(fleet, 'spring', { codes: ['4001'], template: 'promo-2' });
  await finished(fleet, 'spring');
  const split = await replayOf(fleet, 'spring', { split: 1 });
  expect(split).toMatchObject({ replayed: { messages: 1, recipients: 10 } });
  await finished(fleet, 'spring');
  expect(await fleet.counts('spring')).toEqual({ accepted: 15, rejected: 3, unconfirmed: 2 });

  // What nothing helps stays pointless: it is one number already.
  expect(await replayOf(fleet, 'spring', { split: 1 })).toMatchObject({
    planned: { messages: 0 },
    replayed: { messages: 0, recipients: 0 },
    chapter: null,
  });
  const before = fleet.sandbox.stats();
  expect(before).toMatchObject({ most_texts: 1 });

  // On purpose, and only these may double: the one whose reply was lost, and the one of which a part was accepted.
  await replayOf(fleet, 'spring', { states: ['unconfirmed'] });
  await finished(fleet, 'spring');
  await replayOf(fleet, 'spring', { mayDouble: true });
  await finished(fleet, 'spring');
  expect(await fleet.counts('spring')).toEqual({ accepted: 18, rejected: 2 });
  for (let at = 0; at < 20; at++) {
    const expected = [5, 8].includes(at) ? 2 : [7, 15].includes(at) ? 0 : 1;
    expect(textsTo(fleet, numberAt(at)), numberAt(at)).toBe(expected);
  }
  const rejected = (await fleet.lines('spring')).filter(({ state }) => state === 'rejected');
  expect(rejected.flatMap(({ to }) => to).sort()).toEqual([numberAt(7), numberAt(15)]);
});

test('finds the bad number in each of twenty batches of 500', async () => {
  const bad = Array.from({ length: 20 }, (_none, at) => numberAt(500 * at + 17 * at));
  const fleet = await openFleet({ faults: { bad_numbers: bad } });
  const rows = Array.from({ length: 10_000 }, (_none, at) => ({ to: numberAt(at), params: {} }));
  await sendAll(fleet, 'spring', rows, { batchSize: 500 });
  expect(await fleet.counts('spring')).toEqual({ rejected: 10_000 });

  for (const size of [25, 1]) {
    await replayOf(fleet, 'spring', { codes: ['3003'], split: size });
    await finished(fleet, 'spring');
    expect(await fleet.counts('spring')).toEqual({
      accepted: 10_000 - 20 * size,
      rejected: 20 * size,
    });
  }
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 9980, numbers: 9980, most_texts: 1 });
  const lines = await fleet.lines('spring');
  const named = lines.filter(({ state, to }) => state === 'rejected' && to.length > 0);
  expect(named.map(({ to }) => to)).toEqual(bad.map((number) => [number]));

  // The audit's numbers by state are the campaign's counts.
  const states = Object.groupBy(lines, ({ state }) => state);
  expect(await fleet.counts('spring')).toEqual({
    accepted: states.accepted?.flatMap(({ to }) => to).length,
    rejected: states.rejected?.flatMap(({ to }) => to).length,
  });

  // Every number is somebody's, once; and parents and children know each other.
  const byName = new Map(lines.map((line) => [line.message, line]));
  expect(new Set(lines.flatMap(({ to }) => to)).size).toBe(10_000);
  expect(lines.flatMap(({ to }) => to)).toHaveLength(10_000);
  const parents = lines.filter(({ replayed_as }) => replayed_as.length > 0);
  expect(parents).toHaveLength(20 + 20);
  for (const parent of parents) {
    expect(parent).toMatchObject({ to: [], attempts: [{ code: 3003 }] });
    for (const name of parent.replayed_as)
      expect(byName.get(name)?.replayed_from).toBe(parent.message);
  }
  const children = lines.filter(({ replayed_from }) => replayed_from !== null);
  expect(children).toHaveLength(parents.flatMap(({ replayed_as }) => replayed_as).length);
});

test('a replayed job keeps its neighbours as they are, and says who and when', async () => {
  const fleet = await openFleet({
    faults: { on_number: failing({ 3: '5001', 4: 'close-after' }) },
  });
  await sendAll(fleet, 'spring', people(10));
  const before = await fleet.lines('spring');
  fleet.sandbox.setFaults({ on_number: {} });
  const startedAt = Date.now();
  await replayOf(fleet, 'spring');
  await finished(fleet, 'spring');
  const after = await fleet.lines('spring');
  expect(after[3]).toMatchObject({
    state: 'accepted',
    attempts: [{ code: 5001 }, { outcome: 'accepted' }],
    replays: [{ chapter: 2, by: 'ada@office', at: expect.any(Number) }],
  });
  expect(after[3]?.replays[0]?.at).toBeGreaterThanOrEqual(startedAt);
  const rest = (lines: AuditLine[]) =>
    lines.filter((_line, at) => at !== 3).map((line) => ({ ...line, finished_at: 0 }));
  expect(rest(after)).toEqual(rest(before));
});

test('attempts start afresh, and fail again as they may', async () => {
  const fleet = await openFleet({ faults: { on_number: failing({ 0: '502' }) } });
  await sendAll(fleet, 'spring', people(2));
  await replayOf(fleet, 'spring', { states: ['exhausted'] });
  await finished(fleet, 'spring');
  expect(await fleet.counts('spring')).toEqual({ accepted: 1, exhausted: 1 });
  expect((await fleet.lines('spring'))[0]?.attempts).toHaveLength(4);
});

test('a completed pack with a shortfall is replayed on purpose, and its accepted are not sent again', async () => {
  const fleet = await openFleet({ faults: { on_number: failing({ 50: 'partial' }) } });
  await sendAll(fleet, 'spring', [...people(5), ...together(4, 50, 'all')]);
  expect(await fleet.counts('spring')).toEqual({ accepted: 8, shortfall: 1 });
  expect(await replayOf(fleet, 'spring')).toMatchObject({ planned: { messages: 0 } });

  fleet.sandbox.setFaults({ on_number: failing({ 50: '5001' }) });
  await replayOf(fleet, 'spring', { states: ['shortfall'] });
  await finished(fleet, 'spring');
  // What was accepted before stays accepted.
  expect(await fleet.counts('spring')).toEqual({ accepted: 8, rejected: 1 });

  fleet.sandbox.setFaults({ on_number: {} });
  await replayOf(fleet, 'spring', { mayDouble: true });
  await finished(fleet, 'spring');
  expect(await fleet.counts('spring')).toEqual({ accepted: 9 });
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 5 + 3 + 4, most_texts: 2 });
});

test('what expired or was cancelled is sent only when it is named', async () => {
  const fleet = await openFleet();
  await fleet.send('late', people(3));
  await fleet.rewrite('late', { not_after: Date.now() - 1000 });
  await fleet.send('off', people(4));
  const off = fleet.keys.campaign('off');
  await fleet.redis.hset(off.campaign, 'cancelled', 1);
  await fleet.redis.hset(off.counts, { pending: 0, cancelled: 4 });
  const worker = fleet.createWorker(SETTINGS);
  await workUntilFinished(worker, 'late');
  for (const campaign of ['late', 'off'])
    expect(await replayOf(fleet, campaign)).toMatchObject({ replayed: { messages: 0 } });
  expect(fleet.sandbox.stats().texts).toBe(0);

  await replayOf(fleet, 'late', { states: ['expired'] });
  await finished(fleet, 'late');
  expect(await fleet.counts('late')).toEqual({ accepted: 3 });
  // Two of four, whose job may never have been picked up: the others stay cancelled.
  await replayOf(fleet, 'off', { states: ['cancelled'], limit: 2 });
  await finished(fleet, 'off');
  expect(await fleet.counts('off')).toEqual({ accepted: 2, cancelled: 2 });
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 5, most_texts: 2 });
});

test('waits where the campaign is paused, and is refused while it is enqueued', async () => {
  const fleet = await openFleet({ faults: { on_number: failing({ 0: '5001' }) } });
  await sendAll(fleet, 'spring', people(2));
  fleet.sandbox.setFaults({ on_number: {} });
  const { campaign } = fleet.keys.campaign('spring');
  await fleet.redis.hset(campaign, 'paused', '1');
  await replayOf(fleet, 'spring');
  expect(await fleet.counts('spring')).toEqual({ pending: 1, accepted: 1 });
  expect(await campaignStatus(fleet.redis, fleet.keys, 'spring')).toMatchObject({
    state: 'paused',
  });
  await fleet.redis.hdel(campaign, 'paused');
  await finished(fleet, 'spring');

  await fleet.redis.hset(fleet.keys.campaign('new').campaign, 'phase', 'enqueuing');
  await expect(replayOf(fleet, 'new')).rejects.toMatchObject({ code: 'conflict' });
  await expect(replayOf(fleet, 'none')).rejects.toMatchObject({ code: 'not_found' });
  await expect(replayOf(fleet, 'notifications')).rejects.toMatchObject({ code: 'bad_input' });
});

test('an attempt that may have arrived is not forgotten by a replay', async () => {
  const fleet = await openFleet({ faults: { on_number: failing({ 0: 'close-after' }) } });
  await sendAll(fleet, 'spring', people(1));
  expect(await fleet.counts('spring')).toEqual({ unconfirmed: 1 });
  fleet.sandbox.setFaults({ on_number: failing({ 0: '5001' }) });
  await replayOf(fleet, 'spring', { states: ['unconfirmed'] });
  await finished(fleet, 'spring');
  // The first attempt may have arrived: a refusal of the second one changes nothing about that.
  expect(await fleet.counts('spring')).toEqual({ unconfirmed: 1 });
  // Nor does it for the message that gets its number.
  await replayOf(fleet, 'spring', { states: ['unconfirmed'], template: 'promo-2' });
  await finished(fleet, 'spring');
  expect(await fleet.counts('spring')).toEqual({ unconfirmed: 1 });
});

test('the library plans, replays and looks through all campaigns', async () => {
  const fleet = await openFleet({ faults: { on_number: failing({ 1: '5001' }) } });
  await sendAll(fleet, 'spring', people(3));
  await fleet.send('summer', people(2));
  fleet.sandbox.setFaults({ on_number: {} });
  await using producer = createProducer({ redis: redisUrl(), prefix: fleet.keys.prefix });
  const plan = await producer.replay('spring', { dryRun: true });
  expect(plan).toMatchObject({ planned: { messages: 1 }, replayed: null, chapter: null });
  const refused = await producer.replay('spring', { confirm: ({ messages }) => messages > 1 });
  expect(refused.replayed).toBeNull();
  const stopped = producer.replay('spring', { signal: AbortSignal.abort(new Error('enough')) });
  await expect(stopped).rejects.toThrow('enough');
  expect(await producer.replay('spring')).toMatchObject({ replayed: { recipients: 1 } });
  await finished(fleet, 'spring');
  const found: string[] = [];
  for await (const { campaign } of producer.audit(undefined, { to: numberAt(1) }))
    found.push(campaign);
  expect(found).toEqual(['spring', 'summer']);
});
