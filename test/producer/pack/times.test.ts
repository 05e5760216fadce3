import { expect, test } from 'vitest';
import { checkTimes, type Times } from '../../../src/producer/pack/times.ts';

const NOW = Date.UTC(2026, 10, 27, 1);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each<[string, Times]>([
  ['none', {}],
  ['delivered in an hour', { at: NOW + HOUR }],
  ['delivered well after the start', { startAt: NOW + HOUR, at: NOW + HOUR + 3 * MINUTE + 1 }],
  ['handed over by a moment before it is delivered', { notAfter: NOW + HOUR, at: NOW + DAY }],
  ['all three', { startAt: NOW + HOUR, notAfter: NOW + 2 * HOUR, at: NOW + 3 * HOUR }],
])('fit each other: %s', (_what, times) => {
  expect(() => checkTimes(times, NOW)).not.toThrow();
});

test.each<[string, unknown, string]>([
  [
    'delivered before the start',
    { startAt: NOW + 2 * HOUR, at: NOW + HOUR },
    'at: expected a time more than 3 minutes after the start (start-at 2026-11-27T03:00:00.000Z), got 2026-11-27T02:00:00.000Z',
  ],
  [
    'delivered at the start',
    { startAt: NOW + HOUR, at: NOW + HOUR },
    'at: expected a time more than',
  ],
  [
    'too soon after it',
    { startAt: NOW + HOUR, at: NOW + HOUR + 3 * MINUTE },
    'at: expected a time more than 3',
  ],
  ['a month before it', { startAt: NOW + 60 * DAY, at: NOW + 30 * DAY }, 'after the start'],
  ['too soon', { at: NOW + 3 * MINUTE }, 'at: expected a time more than 3 minutes and at most'],
  ['too late', { at: NOW + 30 * DAY + 1 }, 'at: expected a time more than 3 minutes and at most'],
  ['started in the past', { startAt: NOW }, 'start-at: expected a time ahead'],
  [
    'expired before the start',
    { startAt: NOW + HOUR, notAfter: NOW + HOUR },
    'not-after: expected',
  ],
  ['no number', { at: Number.NaN }, 'at: expected Unix ms, got NaN'],
  [
    'no end of days',
    { startAt: Number.POSITIVE_INFINITY },
    'start-at: expected Unix ms, got Infinity',
  ],
  ['beyond what a Date knows', { notAfter: 1e300 }, 'not-after: expected Unix ms, got 1e+300'],
  [
    'a Date',
    { startAt: new Date(NOW) },
    'start-at: expected Unix ms, got a Date; its getTime() is that',
  ],
  ['a text', { at: '2026-11-27T09:00:00Z' }, 'at: expected Unix ms, got "2026-11-27T09:00:00Z"'],
  ['null', { at: null }, 'at: expected Unix ms, got null'],
])('are refused: %s', (_what, times, words) => {
  expect(() => Reflect.apply(checkTimes, undefined, [times, NOW])).toThrow(words);
});
