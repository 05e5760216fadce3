import { expect, test } from 'vitest';
import { ClockWatch } from '../../../src/worker/trouble/clock-watch.ts';
import { Log } from '../../support/fleet.ts';

/** What the log tells, by how far the clock was off each half second. */
function told(...offs: number[]): unknown[] {
  const log = new Log();
  const watch = new ClockWatch(log.logger);
  for (const off of offs) watch.look(off);
  return log.lines.map((line) => JSON.parse(line).clock_off_ms);
}

test('a clock that is off is told once, and again when it has changed by much', () => {
  expect(told(0, 1999, -1999)).toEqual([]);
  expect(told(3000, 3001, 4900, 3000)).toEqual([3000]);
  expect(told(86_400_000, 86_403_000, 86_400_000)).toEqual([86_400_000]);
  expect(told(3000, -3000, 86_400_000)).toEqual([3000, -3000, 86_400_000]);
});

test('that it is right again is told, and then it is told anew', () => {
  expect(told(3000, 10, 0, 3000)).toEqual([3000, 10, 3000]);
});
