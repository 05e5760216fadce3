import { afterEach, expect, test, vi } from 'vitest';
import { TROUBLE_MS, Trouble } from '../../../src/worker/trouble/trouble.ts';
import { Log } from '../../support/fleet.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('is told at once, then once a minute with its count, and is over when it comes no more', () => {
  const log = new Log();
  const trouble = new Trouble(log.logger);
  let ms = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => ms);
  expect(trouble.seen(ms)).toBeUndefined();
  for (ms = 0; ms < 150_000; ms += 500) trouble.note('notifications', 'NOPERM bzpopmin', ms);
  const told = log.lines.map((line) => JSON.parse(line));
  expect(told).toMatchObject([{ times: 1, level: 50 }, { times: 120 }, { times: 120 }]);
  expect(trouble.seen(ms)).toEqual({ error: 'NOPERM bzpopmin', since: 0, count: 300 });
  expect(trouble.seen(ms + TROUBLE_MS)).toBeUndefined();
});

test('of two kinds each is told', () => {
  const log = new Log();
  const trouble = new Trouble(log.logger);
  for (const error of ['one', 'other', 'one']) trouble.note('spring', error, 1);
  expect(log.lines).toHaveLength(2);
  expect(trouble.seen(2)).toEqual({ error: 'one', since: 1, count: 2 });
});

test('is over when Redis was away, and what comes again then is not told of before its minute', () => {
  const log = new Log();
  const trouble = new Trouble(log.logger);
  trouble.note('spring', 'one', 1);
  trouble.clear();
  expect(trouble.seen(2)).toBeUndefined();
  trouble.note('spring', 'one', 3);
  expect(trouble.seen(4)).toEqual({ error: 'one', since: 3, count: 1 });
  expect(log.lines).toHaveLength(1);
});

test('what comes every 20 s is told of once a minute', () => {
  const log = new Log();
  const trouble = new Trouble(log.logger);
  let ms = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => ms);
  for (ms = 0; ms <= 60_000; ms += 20_000) trouble.note('spring', 'one', ms);
  expect(log.lines.map((line) => JSON.parse(line).times)).toEqual([1, 3]);
});

test("of one job's lost lock the log tells, and the worker is not in trouble", () => {
  const log = new Log();
  const trouble = new Trouble(log.logger);
  for (const _job of [1, 2, 3]) trouble.mention('spring', 'Missing lock for a job');
  expect(log.lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 40, times: 1 }]);
  expect(trouble.seen(1)).toBeUndefined();
});
