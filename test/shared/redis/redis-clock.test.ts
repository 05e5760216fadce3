import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { RedisClock, redisNow, timeIn } from '../../../src/shared/redis/redis-clock.ts';
import { connect } from '../../support/redis.ts';

const AHEAD = 1_790_000_000_000;

/** Redis reads its clock after `way` ms, and the answer is looked at after `back` more. */
function see(clock: RedisClock, askedAt: number, way: number, back: number, ahead = AHEAD): void {
  clock.see(askedAt + way + ahead, askedAt, askedAt + way + back);
}

afterEach(() => {
  vi.restoreAllMocks();
});

test('before the first answer it tells no time', () => {
  expect(() => new RedisClock().now()).toThrow('expected an answer before, got none');
});

test('it tells the time, and how far off this machine is, whatever the wall clock is set to', async () => {
  const redis = connect();
  const clock = new RedisClock();
  await clock.ask(redis);
  const before = timeIn(await redis.time());
  vi.spyOn(Date, 'now').mockReturnValue(before + 86_400_000);
  const now = clock.now();
  const after = timeIn(await redis.time());
  // Half of a round trip is all that it may be wrong by, and it is a round trip from before to after.
  expect(now).toBeGreaterThanOrEqual(before - 500);
  expect(now).toBeLessThanOrEqual(after + 500);
  expect(Math.abs(clock.offMs - 86_400_000)).toBeLessThan(1000);
});

test('a producer asks over each connection once, and again after a while', async () => {
  const redis = connect();
  const asked = vi.spyOn(redis, 'time');
  await redisNow(redis);
  await redisNow(redis);
  expect(asked).toHaveBeenCalledTimes(1);
  // As after a machine was suspended: its monotonic clock did not go on.
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 6000);
  await redisNow(redis);
  expect(asked).toHaveBeenCalledTimes(2);
});

test('an answer that was looked at late does not blur what a quick one told', () => {
  const clock = new RedisClock();
  see(clock, 1000, 0.25, 0.25);
  see(clock, 1001, 0.25, 400);
  expect(clock.toLocal(1500 + AHEAD)).toBeCloseTo(1500, 0);
});

test('a clock that was set anew is believed', () => {
  const clock = new RedisClock();
  see(clock, 1000, 0.25, 0.25);
  see(clock, 1100, 0.25, 0.25, AHEAD + 60_000);
  expect(clock.toLocal(1500 + AHEAD + 60_000)).toBeCloseTo(1500, 0);
});

test('the true time lies within half of the quickest round trip of it', () => {
  const Answer = fc.record({
    pause: fc.integer({ min: 0, max: 1000 }),
    way: fc.integer({ min: 0, max: 50 }),
    back: fc.integer({ min: 0, max: 50 }),
  });
  fc.assert(
    fc.property(fc.array(Answer, { minLength: 1, maxLength: 30 }), (answers) => {
      const clock = new RedisClock();
      let now = 1000;
      let quickest = Number.POSITIVE_INFINITY;
      for (const { pause, way, back } of answers) {
        see(clock, now + pause, way, back);
        now += pause + way + back;
        // What it knew from before drifts.
        quickest = Math.min(way + back, quickest + 2 * 0.001 * (pause + way + back));
      }
      const error = Math.abs(clock.toLocal(now + AHEAD) - now);
      // Unix milliseconds leave a fraction of 1/4096
      expect(error).toBeLessThanOrEqual(quickest / 2 + 0.001);
    }),
  );
});
