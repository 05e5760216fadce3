import { expect, test } from 'vitest';
import { within } from '../../../src/producer/connection/deadline.ts';
import { connect } from '../../support/redis.ts';

const late = () => new Error('late');

test('an answer that came in time counts, though this process was too busy to look', async () => {
  const redis = connect();
  await redis.ping();
  const answer = within(redis.ping(), 10, late);
  // Redis answers meanwhile; the timer is long over when this thread goes on.
  await new Promise(setImmediate);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  expect(await answer).toBe('PONG');
});

test('no answer in time is an error, and one that comes after it does no harm', async () => {
  const never = Promise.withResolvers<string>();
  await expect(within(never.promise, 10, late)).rejects.toThrow('late');
  never.reject(new Error('much later'));
  await new Promise(setImmediate);
});

test('an error is passed on', async () => {
  await expect(within(Promise.reject(new Error('mine')), 1000, late)).rejects.toThrow('mine');
});
