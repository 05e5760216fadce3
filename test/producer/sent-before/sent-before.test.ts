/** What counts as sent before: people and messages that left, or are to, with one template within a day. */
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { cancel } from '../../../src/producer/control/control.ts';
import { forget } from '../../../src/producer/control/forget.ts';
import { replay } from '../../../src/producer/replay/replay.ts';
import { dryRun } from '../../../src/producer/send/dry-run.ts';
import type { Preview } from '../../../src/producer/send/preview.ts';
import { suppress, unsuppress } from '../../../src/shared/fleet/suppression.ts';
import { type Fleet, numberAt, openFleet, people } from '../../support/fleet.ts';
import { redisUrl } from '../../support/redis.ts';
import { finish, refused, sendOnce } from './once.ts';

const TWENTY = people(20);

test('the order of the params and of their names makes no difference', async () => {
  const fleet = await openFleet();
  const rows = (at: number, params: Record<string, string>) => ({ to: numberAt(at), params });
  const first = [rows(0, { name: 'Ada', code: '7' }), rows(1, { name: 'Bob', code: '8' })];
  await sendOnce(fleet, 'first', first, { params: ['name', 'code'] });
  const again = sendOnce(fleet, 'second', first, { params: ['code', 'name'] });
  await expect(again).rejects.toMatchObject(refused('2 of its 2 recipients are to be texted'));
  const constant = [{ to: numberAt(0), params: { name: 'Ada' } }];
  const fixed = sendOnce(fleet, 'third', constant, { constants: { code: '7' } });
  await expect(fixed).rejects.toMatchObject(refused('1 of its 1 recipient is to be texted'));
});

test('another template or another text is another message', async () => {
  const fleet = await openFleet();
  await sendOnce(fleet, 'first', TWENTY);
  await sendOnce(fleet, 'other-template', TWENTY, { template: 'other' });
  const texts = TWENTY.map(({ to }) => ({ to, params: { name: 'you' } }));
  expect(await sendOnce(fleet, 'other-text', texts)).toMatchObject({ released: true });
  const ways = sendOnce(fleet, 'more', TWENTY, { constants: { shop: 'west' } });
  expect(await ways).toMatchObject({ released: true });
});

test('with again it goes out once more, and counts itself for those that follow', async () => {
  const fleet = await openFleet();
  await sendOnce(fleet, 'first', TWENTY);
  await cancel(fleet.redis, fleet.keys, 'first');
  await sendOnce(fleet, 'second', TWENTY, { again: true });
  const third = sendOnce(fleet, 'third', TWENTY);
  await expect(third).rejects.toMatchObject(refused('by campaign second'));
});

test('a list of which nothing left is not refused', async () => {
  const fleet = await openFleet({ faults: { on_template: { promo: '5001' } } });
  await sendOnce(fleet, 'rejected', TWENTY);
  await finish(fleet, 'rejected');
  expect(await fleet.counts('rejected')).toEqual({ rejected: 20 });
  await sendOnce(fleet, 'cancelled', TWENTY);
  await cancel(fleet.redis, fleet.keys, 'cancelled');
  // Nobody serves it by then, so it is still called pending.
  const notAfter = Date.now() + 2000;
  await sendOnce(fleet, 'expired', TWENTY, { notAfter });
  await expect.poll(() => Date.now()).toBeGreaterThan(notAfter);
  expect(await sendOnce(fleet, 'last', TWENTY)).toMatchObject({ released: true });
});

test('one that may have been texted counts, however it ended', async () => {
  const fleet = await openFleet({ faults: { on_template: { promo: 'close-after' } } });
  await sendOnce(fleet, 'first', people(3));
  await finish(fleet, 'first');
  expect(await fleet.counts('first')).toEqual({ unconfirmed: 3 });
  const second = sendOnce(fleet, 'second', people(3));
  await expect(second).rejects.toMatchObject(refused('3 of its 3 recipients were texted'));
});

test('of a message with a shortfall all count, and of one that was replayed in parts each person once', async () => {
  const fleet = await openFleet({ faults: { on_template: { promo: 'partial' } } });
  const rows = people(8).map(({ to }) => ({ to, params: { name: 'you' } }));
  await sendOnce(fleet, 'first', rows);
  await finish(fleet, 'first');
  expect(await fleet.counts('first')).toEqual({ accepted: 7, shortfall: 1 });
  const options = { states: ['shortfall'], split: 3, mayDouble: true, by: 'a test' } as const;
  const replayed = await replay(fleet.redis, fleet.keys, 'first', options);
  expect(replayed).toMatchObject({ replayed: { recipients: 8 } });
  expect(await fleet.lines('first')).toHaveLength(4);
  const again = sendOnce(fleet, 'second', rows);
  await expect(again).rejects.toMatchObject(refused('8 of its 8 recipients were texted'));
  await finish(fleet, 'first');
  const third = sendOnce(fleet, 'third', rows);
  await expect(third).rejects.toMatchObject(refused('8 of its 8 recipients were texted'));
});

test('who opted out before their message was sent was not texted', async () => {
  const fleet = await openFleet();
  const rows = people(8).map(({ to }) => ({ to, params: { name: 'you' } }));
  await sendOnce(fleet, 'first', rows);
  const left = [numberAt(0), numberAt(1), numberAt(2)];
  await suppress(fleet.redis, fleet.keys.suppression, left);
  await finish(fleet, 'first');
  expect(await fleet.counts('first')).toEqual({ accepted: 5, opted_out: 3 });
  await unsuppress(fleet.redis, fleet.keys.suppression, left);
  const again = sendOnce(fleet, 'second', rows);
  await expect(again).rejects.toMatchObject(refused('5 of its 8 recipients were texted'));
});

test('half left: the number of those that were texted is exact, and of those that are still to be', async () => {
  const fleet = await openFleet();
  await sendOnce(fleet, 'first', people(1000), { canary: 400 });
  const worker = fleet.createWorker();
  await worker.start();
  await expect.poll(() => fleet.counts('first')).toEqual({ accepted: 400, pending: 600 });
  const half =
    '400 of its 1,000 recipients were texted this message 1 min ago, by campaign first (600 more';
  await expect(sendOnce(fleet, 'second', people(1000))).rejects.toMatchObject(refused(half));
  await cancel(fleet.redis, fleet.keys, 'first');
  const rest = sendOnce(fleet, 'third', people(1000));
  const words =
    '400 of its 1,000 recipients were texted this message 1 min ago, by campaign first; --again';
  await expect(rest).rejects.toMatchObject(refused(words));
  await expect(rest).rejects.toThrow('--exclude FILE leaves out the numbers of another list');
  expect(await sendOnce(fleet, 'rest', people(1000).slice(400))).toMatchObject({ released: true });
});

test('a few of a large campaign are refused, and a large list with a few of a test is not', async () => {
  const fleet = await openFleet();
  await sendOnce(fleet, 'test', people(5));
  let shown: Preview | undefined;
  const confirm = (preview: Preview) => {
    shown = preview;
    return true;
  };
  await sendOnce(fleet, 'large', people(5000), { confirm });
  expect(shown?.sentBefore).toEqual([
    {
      campaign: 'test',
      at: expect.any(Number),
      texted: 0,
      pending: 5,
      of: 5000,
      certainty: 'exact',
    },
  ]);
  const few = people(5000).slice(3100, 3110);
  const words = '10 of its 10 recipients are to be texted this message by campaign large';
  await expect(sendOnce(fleet, 'few', few)).rejects.toMatchObject(refused(words));
  const superset = sendOnce(fleet, 'superset', people(7000));
  await expect(superset).rejects.toMatchObject(refused('5,000 of its 7,000 recipients'));
});

test('a fifth that several campaigns texted together is refused, and each person counts once', async () => {
  const fleet = await openFleet();
  const all = people(100);
  await sendOnce(fleet, 'one', all.slice(0, 10));
  await sendOnce(fleet, 'two', all.slice(0, 15), { again: true });
  expect(
    await sendOnce(fleet, 'third', [...all.slice(0, 19), ...all.slice(40, 100)]),
  ).toMatchObject({
    released: true,
  });
  await cancel(fleet.redis, fleet.keys, 'third');
  await sendOnce(fleet, 'four', all.slice(15, 20));
  const words =
    '20 of its 100 recipients were texted this message within 24 h, or are to be, by campaigns two (15)';
  await expect(sendOnce(fleet, 'five', all)).rejects.toMatchObject(refused(words));
});

test('a campaign that was forgotten is known about', async () => {
  const fleet = await openFleet();
  await sendOnce(fleet, 'first', people(2000));
  await finish(fleet, 'first');
  await forget(fleet.redis, fleet.keys, 'first');
  await expect(sendOnce(fleet, 'second', people(2000))).rejects.toMatchObject(
    refused('about 2,000 of its 2,000 recipients were texted'),
  );
  const connection = { redis: fleet.redis, keys: fleet.keys };
  const options = { campaign: 'few', template: 'promo' };
  const few = await dryRun({ rows: people(3).slice(2) }, options, connection);
  const known = few.sentBefore?.map(({ certainty }) => certainty);
  expect(known).toEqual([expect.stringMatching(/^(about|unknown)$/)]);
});

test('a dry run tells it, and why it would be refused, and leaves nothing', async () => {
  const fleet = await openFleet();
  await sendOnce(fleet, 'first', TWENTY);
  const before = await fleet.redis.keys(`${fleet.keys.prefix}*`);
  const connection = { redis: fleet.redis, keys: fleet.keys };
  const options = { campaign: 'second', template: 'promo' };
  const same = await dryRun({ rows: people(21) }, options, connection);
  expect(same).toMatchObject({ problem: refused('20 of its 21 recipients'), isSent: false });
  expect(same.sentBefore).toMatchObject([{ campaign: 'first', texted: 0, pending: 20, of: 21 }]);
  const part = await dryRun({ rows: people(101) }, options, connection);
  expect(part).toMatchObject({ problem: undefined, sentBefore: [{ pending: 20, of: 101 }] });
  const again = await dryRun({ rows: TWENTY }, { ...options, again: true }, connection);
  expect(again).toMatchObject({ problem: undefined, sentBefore: undefined });
  expect(await dryRun({ rows: TWENTY }, options, undefined)).toMatchObject({
    sentBefore: undefined,
  });
  expect((await fleet.redis.keys(`${fleet.keys.prefix}*`)).sort()).toEqual(before.sort());
});

test('what is known of it expires eight days after it began', async () => {
  const fleet = await openFleet();
  const startAt = Date.now() + 48 * 3_600_000;
  await sendOnce(fleet, 'later', TWENTY, { startAt });
  const [sketch = ''] = await fleet.redis.keys(`${fleet.keys.prefix}*later*~sketch:*`);
  const [sent = ''] = await fleet.redis.keys(`${fleet.keys.prefix}*sent-with:*`);
  for (const key of [sketch, sent]) {
    const left = (await fleet.redis.pttl(key)) / 3_600_000;
    expect(left).toBeGreaterThan(239.9);
    expect(left).toBeLessThanOrEqual(240);
  }
  await fleet.redis.del(sketch);
  expect(await sendOnce(fleet, 'next', TWENTY)).toMatchObject({ released: true });
  const members = await fleet.redis.zrange(sent, '0', '-1');
  expect(members).toEqual([expect.stringMatching(/ next$/)]);
});

test('a dry run that must not write to Redis tells it all the same', async () => {
  const fleet = await openFleet();
  await sendOnce(fleet, 'first', TWENTY);
  const [list = ''] = await fleet.redis.keys(`${fleet.keys.prefix}*sent-with:*`);
  await fleet.redis.zadd(list, 1, 'abcd dead', 2, 'abcd gone');
  const sketches = fleet.keys.campaign('dead').sketch('abcd');
  await fleet.redis.copy(fleet.keys.campaign('first').sketch(await tokenOf(fleet, list)), sketches);
  const reader = `${fleet.keys.prefix}-reader`;
  await fleet.redis.acl('SETUSER', reader, 'on', '>x', '~*', '+@all', '-zrem', '-unlink');
  onTestFinished(async () => void (await fleet.redis.acl('DELUSER', reader)));
  const redis = new Redis(redisUrl(), { username: reader, password: 'x' });
  onTestFinished(() => redis.disconnect());
  const options = { campaign: 'second', template: 'promo' };
  const told = await dryRun({ rows: TWENTY }, options, { redis, keys: fleet.keys });
  expect(told.problem).toMatchObject(refused('20 of its 20 recipients'));
  expect(await fleet.redis.zcard(list)).toBe(3);
});

async function tokenOf(fleet: Fleet, list: string): Promise<string> {
  const [last = ''] = await fleet.redis.zrange(list, '-1', '-1');
  return last.split(' ')[0] ?? '';
}
