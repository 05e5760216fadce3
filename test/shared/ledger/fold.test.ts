import { expect, test } from 'vitest';
import { fold } from '../../../src/shared/ledger/fold.ts';
import { createKeys } from '../../../src/shared/redis/keys.ts';
import { connect, testPrefix } from '../../support/redis.ts';

const JOB = 'list-0000000';
const FIELDS = { 0: 'A;aaaaa1|5', 1: 'a,1,2,2,0,,0,,;aaaaa2|5||||||||é', '1.1': 'aaaay1|5' };

/** What is left of a ledger after it was folded into a return value that holds FIELDS. */
async function leftOf(ledger: Record<string, string>) {
  const redis = connect();
  const own = createKeys(testPrefix()).campaign('list');
  await redis.hset(own.ledger(JOB), ledger);
  await redis.zadd(own.job('completed'), 1, JOB);
  await fold(redis, own, JOB, FIELDS);
  return redis.hgetall(own.ledger(JOB));
}

test('a ledger that a return value holds is removed, in whatever order it was written', async () => {
  expect(await leftOf(FIELDS)).toEqual({});
  expect(await leftOf(Object.fromEntries(Object.entries(FIELDS).reverse()))).toEqual({});
});

test.each([
  ['an entry that a late reply has changed', { 0: 'A;bbbba1|5' }],
  ['an earlier attempt that a late reply has changed', { '1.1': 'aaaaa1|5' }],
  ['an attempt that nobody knew of', { '0.1.bbbb': 'bbbba1|5' }],
  ['a replay', { '@': '2' }],
])('a ledger stays with %s', async (_what, change) => {
  const ledger = { ...FIELDS, ...change };
  expect(await leftOf(ledger)).toEqual(ledger);
});

test('a ledger stays that lacks what the return value holds, and has something else', async () => {
  const { 0: _gone, ...rest } = FIELDS;
  const ledger = { ...rest, '@': '2' };
  expect(await leftOf(ledger)).toEqual(ledger);
});
