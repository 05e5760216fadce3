import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberSet } from '../../../src/producer/list/number-set.ts';

const number = fc.oneof(
  fc.integer({ min: 1_000_000, max: 1_000_300 }).map((digits) => `+${digits}`),
  fc.stringMatching(/^\+[1-9]\d{6,14}$/),
);

test('agrees with a Set on every number', () => {
  fc.assert(
    fc.property(fc.array(number, { maxLength: 2000 }), (numbers) => {
      const set = new NumberSet();
      const exact = new Set<string>();
      for (const one of numbers) {
        expect(set.has(one)).toBe(exact.has(one));
        expect(set.add(one)).toBe(!exact.has(one));
        exact.add(one);
      }
      expect(set.size).toBe(exact.size);
    }),
  );
});

test('holds a run of numbers through many splits of its pages', () => {
  const set = new NumberSet();
  const count = 200_000;
  for (let index = 0; index < count; index++) expect(set.add(`+${6581000000 + index}`)).toBe(true);
  for (let index = 0; index < count; index += 7) {
    expect(set.add(`+${6581000000 + index}`)).toBe(false);
    expect(set.has(`+${6590000000 + index}`)).toBe(false);
  }
  expect(set.size).toBe(count);
});

test('tells numbers apart that share their low 32 bits', () => {
  const set = new NumberSet();
  for (let index = 0; index < 1000; index++) set.add(`+${1234567 + index * 2 ** 32}`);
  expect(set.size).toBe(1000);
});

test('needs at most 24 bytes a number, also while it grows', () => {
  const set = new NumberSet();
  let worst = 0;
  for (let index = 0; index < 400_000; index++) {
    set.add(`+${6581000000 + index}`);
    if (index >= 100_000 && index % 500 === 0) worst = Math.max(worst, set.byteLength / set.size);
  }
  expect(worst).toBeLessThanOrEqual(24);
});
