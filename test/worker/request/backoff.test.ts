import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffMs, retryAfterMs, sinceReply } from '../../../src/worker/request/backoff.ts';

const OPTIONS = { baseMs: 1000, capMs: 300_000 };

describe('the wait before the next attempt', () => {
  test.for([
    [1, 500, 1000],
    [2, 1000, 2000],
    [8, 64_000, 128_000],
    [10, 150_000, 300_000],
    [1000, 150_000, 300_000],
  ])('after attempt %i is from %i to %i ms', ([attempt = 0, least, most]) => {
    expect(backoffMs(attempt, 0, OPTIONS)).toBe(least);
    expect(backoffMs(attempt, 1, OPTIONS)).toBe(most);
  });

  test('keeps its bounds, whatever is set', () => {
    const ms = fc.integer({ min: 1, max: 86_400_000 });
    const chance = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), chance, ms, ms, (attempt, random, a, b) => {
        const options = { baseMs: Math.min(a, b), capMs: Math.max(a, b) };
        const whole = Math.min(options.capMs, options.baseMs * 2 ** (attempt - 1));
        const wait = backoffMs(attempt, random, options);
        expect(Number.isInteger(wait)).toBe(true);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(whole / 2));
        expect(wait).toBeLessThanOrEqual(whole);
        expect(backoffMs(attempt + 1, random, options)).toBeGreaterThanOrEqual(wait);
      }),
    );
  });
});

describe('Retry-After', () => {
  const NOW = Date.UTC(2030, 0, 1);

  test.for([
    ['2', 2000],
    [' 2 ', 2000],
    ['0', 0],
    ['1.5', 1500],
    ['Tue, 01 Jan 2030 00:00:02 GMT', 2000],
    ['Mon, 31 Dec 2029 00:00:00 GMT', 0],
    ['Monday, 31-Dec-29 00:00:00 GMT', 0],
    ['999999999999', 3_600_000],
    ['Wed, 01 Jan 2031 00:00:00 GMT', 3_600_000],
  ] as const)('%s is %i ms', ([header, ms]) => {
    expect(retryAfterMs(header, NOW)).toBe(ms);
  });

  test.for([undefined, '', 'soon', 'NaN', 'Infinity', '-5', 'try 7'])(
    '%s says nothing',
    (header) => {
      expect(retryAfterMs(header, NOW)).toBeUndefined();
    },
  );

  test('never asks for a wait that is negative or longer than an hour', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.double().map(String), fc.date().map(String)),
        (header) => {
          const ms = retryAfterMs(header, NOW) ?? 0;
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(3_600_000);
          expect(Number.isInteger(ms)).toBe(true);
        },
      ),
    );
  });
});

test("a date in Retry-After is reckoned from the reply's own, whatever time it is here", () => {
  const date = 'Tue, 01 Jan 2030 00:00:00 GMT';
  const until = 'Tue, 01 Jan 2030 00:00:07 GMT';
  expect(sinceReply(until, date)).toBe('7');
  expect(sinceReply(date, until)).toBe('0');
  for (const header of [undefined, '', '7', 'soon', until]) {
    expect(sinceReply(header, undefined)).toBe(header);
    if (header !== until) expect(sinceReply(header, date)).toBe(header);
  }
});
