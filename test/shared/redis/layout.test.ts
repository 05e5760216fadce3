import { expect, onTestFinished, test } from 'vitest';
import { createProducer } from '../../../src/producer/producer.ts';
import { refuseNewer, writeLayout } from '../../../src/shared/redis/layout.ts';
import { openFleet, people } from '../../support/fleet.ts';
import { redisUrl } from '../../support/redis.ts';

const NEWER = {
  code: 'corrupt',
  message: expect.stringContaining(
    'expected layout 1 or older, got 3: a newer Volley has written here; upgrade this one',
  ),
};

/** A fleet, and a producer of its own, with that number in Redis. */
async function openWith(layout?: string) {
  const fleet = await openFleet();
  const { redis, keys } = fleet;
  if (layout !== undefined) await redis.set(keys.fleet.layout, layout);
  const producer = createProducer({ redis: redisUrl(), prefix: keys.prefix });
  onTestFinished(() => producer.close());
  const all = async () => (await redis.keys(`${keys.prefix}*`)).sort();
  return { ...fleet, producer, all, layout: () => redis.get(keys.fleet.layout) };
}

test('a newer layout is refused by producer and worker, and nothing is changed', async () => {
  const { producer, createWorker, all, layout } = await openWith('3');
  const before = await all();
  const options = { campaign: 'spring', template: 'promo' };
  await expect(producer.send({ rows: people(3) }, options)).rejects.toMatchObject(NEWER);
  const notified = producer.notify({ to: '+6591234567', template: 'otp' });
  await expect(notified).rejects.toMatchObject(NEWER);
  await expect(producer.status()).rejects.toMatchObject(NEWER);
  await expect(producer.suppress.add(['+6591234567'])).rejects.toMatchObject(NEWER);
  await expect(producer.audit(undefined).next()).rejects.toMatchObject(NEWER);
  await expect(createWorker().start()).rejects.toMatchObject(NEWER);
  expect(await all()).toEqual(before);
  expect(await layout()).toBe('3');
});

test.each([undefined, '0', '1'])('layout %s is taken for 1', async (number) => {
  const { producer, layout } = await openWith(number);
  await producer.notify({ to: '+6591234567', template: 'otp' });
  expect(await producer.status('notifications')).toMatchObject({ pending: 1 });
  expect(await layout()).toBe(number ?? '1');
});

test('whoever only reads, or is refused, writes none', async () => {
  const { producer, all } = await openWith();
  await producer.status();
  await producer.campaigns();
  const refused = producer.send({ rows: people(3) }, { template: 'promo', campaign: 'No!' });
  await expect(refused).rejects.toMatchObject({ code: 'bad_input' });
  expect(await all()).toEqual([]);
});

test('a campaign that is released has it written', async () => {
  const { producer, layout } = await openWith();
  await producer.send({ rows: people(3) }, { campaign: 'spring', template: 'promo' });
  expect(await layout()).toBe('1');
});

test('a worker that starts has it written', async () => {
  const { createWorker, layout } = await openWith();
  await createWorker().start();
  expect(await layout()).toBe('1');
});

test('a user who may neither write nor read it is not kept from anything else', async () => {
  const { redis, keys } = await openWith();
  const refusal = Object.assign(new Error('NOPERM no permission'), { name: 'ReplyError' });
  const narrow = redis.duplicate({ lazyConnect: true });
  narrow.get = () => Promise.reject(refusal);
  narrow.set = () => Promise.reject(refusal);
  await writeLayout(narrow, keys.fleet);
  await refuseNewer(narrow, keys, redisUrl());
});
