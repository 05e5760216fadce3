/** Of a `conflict` the code says that something stands in the way, and `details.why` what: some pass, others never. */
import { expect, onTestFinished, test } from 'vitest';
import { createProducer } from '../../src/producer/producer.ts';
import { openFleet, people, workUntilFinished } from '../support/fleet.ts';
import { redisUrl } from '../support/redis.ts';

async function openProducer() {
  const fleet = await openFleet();
  const producer = createProducer({ redis: redisUrl(), prefix: fleet.keys.prefix });
  onTestFinished(() => producer.close());
  const send = (campaign: string, count: number) =>
    producer.send({ rows: people(count) }, { campaign, template: 'promo' });
  return { ...fleet, producer, send };
}

function because(why: string) {
  return { name: 'VolleyError', code: 'conflict', details: { why } };
}

test('another list under the id, or the same under another', async () => {
  const { send } = await openProducer();
  await send('spring', 3);
  await expect(send('spring', 4)).rejects.toMatchObject(because('other_list'));
  await expect(send('autumn', 3)).rejects.toMatchObject(because('same_list'));
});

test('another send at work on the id', async () => {
  const { producer, send } = await openProducer();
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<boolean>();
  const confirm = () => {
    asked.resolve();
    return answer.promise;
  };
  const options = { campaign: 'spring', template: 'promo', confirm };
  const first = producer.send({ rows: people(3) }, options);
  await asked.promise;
  await expect(send('spring', 3)).rejects.toMatchObject(because('send_at_work'));
  await expect(producer.replay('spring')).rejects.toMatchObject(because('not_released'));
  await expect(producer.forget('spring')).rejects.toMatchObject(because('not_released'));
  answer.resolve(true);
  expect(await first).toMatchObject({ released: true });
});

test('a campaign that is pending, changed, or cancelled', async () => {
  const { producer, send } = await openProducer();
  await send('spring', 3);
  await expect(producer.forget('spring')).rejects.toMatchObject(because('pending'));
  const expected = { expectPending: 2 };
  await expect(producer.resume('spring', expected)).rejects.toMatchObject(because('changed'));
  await producer.cancel('spring');
  await expect(producer.pause('spring')).rejects.toMatchObject(because('cancelled'));
  await expect(producer.forget('spring')).rejects.toMatchObject(because('unended'));
});

test('a campaign that is finished, or forgotten', async () => {
  const { producer, send, createWorker } = await openProducer();
  await send('spring', 3);
  await workUntilFinished(createWorker(), 'spring');
  await expect(producer.pause('spring')).rejects.toMatchObject(because('finished'));
  await producer.forget('spring');
  await expect(producer.cancel('spring')).rejects.toMatchObject(because('forgotten'));
});
