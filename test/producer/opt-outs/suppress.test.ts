import { expect, onTestFinished, test } from 'vitest';
import { readExcluded } from '../../../src/producer/number-list/excluded.ts';
import { importSuppressed } from '../../../src/producer/opt-outs/import.ts';
import { createProducer } from '../../../src/producer/producer.ts';
import { createKeys } from '../../../src/shared/redis/keys.ts';
import { nationalNumbers } from '../../support/numbers.ts';
import { connect, redisUrl, testPrefix } from '../../support/redis.ts';
import { inPieces } from '../list/lists.ts';

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

test('imports a list whose digits look like another country, and says so', async () => {
  const prefix = testPrefix();
  const producer = createProducer({ redis: redisUrl(), prefix });
  onTestFinished(() => producer.close());
  const redis = connect();
  onTestFinished(() => redis.disconnect());
  const chinese = nationalNumbers('CN', 20);
  const source = () => ({ bytes: inPieces(`phone\n${chinese.join('\n')}\n`), name: 'list' });
  const imported = await importSuppressed(redis, createKeys(prefix), source());
  expect(imported).toMatchObject({
    rows: 20,
    national: { country: 'CN', words: expect.stringContaining('add --country CN') },
  });
  expect(await producer.suppress.count()).toBe(imported.numbers);
  await expect(readExcluded(source(), {})).rejects.toMatchObject({
    code: 'bad_input',
    message: expect.stringMatching(/^list: of 20 numbers without \+.*--country CN/),
  });
  const meant = await readExcluded(source(), { country: 'CN' });
  expect(chinese.every((digits) => meant.numbers.has(`+86${digits}`))).toBe(true);
});

test('what was read before a list turned out bad is on the opt-out list', async () => {
  const producer = createProducer({ redis: redisUrl(), prefix: testPrefix() });
  onTestFinished(() => producer.close());
  async function* bytes() {
    yield Buffer.from(
      'phone\n'.concat(...Array.from({ length: 50 }, (_, at) => `+659123${4500 + at}\n`)),
    );
    throw new Error('the pipe broke');
  }
  const work = producer.suppress.import({ bytes: bytes(), name: 'pipe' });
  await expect(work).rejects.toThrow('the pipe broke');
  expect(await producer.suppress.count()).toBe(50);
});
