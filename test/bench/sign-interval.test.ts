import { expect, test } from 'vitest';
import { middleOf } from '../../bench/harness/sign-interval.ts';

const upTo = (count: number) => Array.from({ length: count }, (_none, at) => count - at);

test.for([
  [1, 1, 1, 0],
  [5, 1, 5, 0.9375],
  [6, 1, 6, 0.96875],
  [11, 2, 10, 0.98828],
  [21, 6, 16, 0.97341],
] as const)('of %i values it goes from the %i. to the %i.', ([count, least, most, confidence]) => {
  const interval = middleOf(upTo(count));
  expect(interval).toMatchObject({ least, most });
  expect(interval.confidence).toBeCloseTo(confidence, 4);
});
