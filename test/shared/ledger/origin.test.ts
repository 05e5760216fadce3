/** The gate's question of where: who is let through, and what is bound by it. */
import { expect, test } from 'vitest';
import type { Destination, Reach } from '../../../src/shared/destination.ts';
import { openAttempts } from '../../../src/shared/ledger/open.ts';
import { createKeys } from '../../../src/shared/redis/keys.ts';
import { connect, testPrefix } from '../../support/redis.ts';

const HERE = 'http://here.example';

/** A released campaign, or a notification, of one job of two messages, bound to `bound`. */
async function openCampaign(id: string, bound: string | undefined) {
  const redis = connect();
  const own = createKeys(testPrefix()).campaign(id);
  await redis.hset(own.campaign, 'phase', 'released');
  await redis.set(own.lock('job'), 'token', 'PX', 60_000);
  if (bound) await redis.hset(own.bound('job'), 'origin', bound, 'account', 'before');
  const open = (reach: Reach, index = 0) => {
    const destination: Destination = { origin: HERE, account: 'mine', reach };
    const asking = { jobId: 'job', token: 'token', run: 'aaaa', leastLockMs: 1000, destination };
    return openAttempts(redis, own, asking, 1, [{ index, number: 1 }]);
  };
  const binding = () => redis.hmget(own.bound('job'), 'origin', 'account');
  return { redis, own, open, binding };
}

const ELSEWHERE = 'http://elsewhere.example';
type Row = readonly [reach: Reach, bound: string | undefined, isOpened: boolean];
const ROWS: readonly Row[] = [
  ['own', HERE, true],
  ['own', undefined, false],
  ['own', ELSEWHERE, false],
  ['new', HERE, true],
  ['new', undefined, true],
  ['new', ELSEWHERE, false],
  ['any', HERE, true],
  ['any', undefined, true],
  ['any', ELSEWHERE, true],
];

for (const id of ['list', 'notifications'])
  test.for(ROWS)(`${id}: reach %s, bound to %s: opened %s`, async ([reach, bound, isOpened]) => {
    const { redis, own, open, binding } = await openCampaign(id, bound);
    expect(await open(reach)).toEqual(isOpened ? [true] : 'origin');
    const account = bound === HERE ? 'before' : 'mine';
    const left = bound === undefined ? [null, null] : [bound, 'before'];
    expect(await binding()).toEqual(isOpened ? [HERE, account] : left);
    expect(await redis.hexists(own.ledger('job'), '0')).toBe(isOpened ? 1 : 0);
  });

test('what opened nothing binds nothing', async () => {
  const { redis, own, open, binding } = await openCampaign('list', undefined);
  await redis.hset(own.ledger('job'), '0', 'A;aaaaa1');
  expect(await open('new')).toEqual([false]);
  expect(await binding()).toEqual([null, null]);
});
