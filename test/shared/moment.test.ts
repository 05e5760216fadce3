import { afterEach, expect, test, vi } from 'vitest';
import { Moment } from '../../src/shared/moment.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test.for([
  ['both go on', 1000, 1000, 1000],
  ['the machine was suspended, and the monotonic clock with it', 0, 3_600_000, 3_600_000],
  ['the wall clock was set back', 700, -3_600_000, 700],
  ['the wall clock stands still', 700, 0, 700],
] as const)('%s: the greater passage counts', ([, monotonic, wall, passed]) => {
  const [atWall, atMonotonic] = [Date.now(), performance.now()];
  const wallClock = vi.spyOn(Date, 'now').mockReturnValue(atWall);
  const monotonicClock = vi.spyOn(performance, 'now').mockReturnValue(atMonotonic);
  const moment = new Moment();
  wallClock.mockReturnValue(atWall + wall);
  monotonicClock.mockReturnValue(atMonotonic + monotonic);
  expect(moment.passedMs).toBeCloseTo(passed);
});
