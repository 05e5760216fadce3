import { expect, onTestFinished, test } from 'vitest';
import { createProducer } from '../../../src/producer/producer.ts';
import { redisUrl, testPrefix } from '../../support/redis.ts';

test('a program keeps the opt-out list', async () => {
  const producer = createProducer({ redis: redisUrl(), prefix: testPrefix() });
  onTestFinished(() => producer.close());
  const { suppress } = producer;
  expect(await suppress.add(['+6591234567', '91234567', '98765432'], { country: 'SG' })).toEqual({
    ...{ numbers: 2, added: 2, count: 2 },
  });
  expect(await suppress.add([])).toEqual({ numbers: 0, added: 0, count: 2 });
  expect(await suppress.remove(['6598765432'])).toEqual({ numbers: 1, removed: 1, count: 1 });
  expect(await suppress.check(['+6598765432', '+6591234567'])).toEqual([
    { to: '+6598765432', suppressed: false },
    { to: '+6591234567', suppressed: true },
  ]);
  await expect(suppress.add(['+6590000000', 'nobody'])).rejects.toMatchObject({
    code: 'bad_input',
    message: expect.stringContaining('number 2: expected a phone number'),
  });
  expect(await suppress.count()).toBe(1);

  const rows = ['+6591234567', '+6598765432'].map((to) => ({ to }));
  expect(await producer.send({ rows }, { campaign: 'list', template: 'promo' })).toMatchObject({
    ...{ rows: 2, suppressed: 1, recipients: 1 },
  });
  await producer.close();
  await expect(suppress.count()).rejects.toMatchObject({ code: 'interrupted' });
});
