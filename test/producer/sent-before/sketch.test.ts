/** What two sketches tell of two lists. The lists are drawn; their overlap is known. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Candidate, toLookAt } from '../../../src/producer/sent-before/choice.ts';
import { PairHash } from '../../../src/producer/sent-before/pair.ts';
import { ListPeople } from '../../../src/producer/sent-before/people.ts';
import {
  compare,
  decodeSketch,
  encodeSketch,
  estimate,
  MOST,
  type Sketch,
} from '../../../src/producer/sent-before/sketch.ts';

const numberAt = (at: number) => `+${6_590_000_000 + at}`;

/** People from one place to before another, each with a value of their own; `step` of them apart. */
function sketchOf(first: number, end: number, step = 1, value = 'Ada'): Sketch {
  const people = new ListPeople(false);
  const recipients = [];
  for (let at = first; at < end; at += step)
    recipients.push({ to: numberAt(at), values: [`${value} ${at}`] });
  people.take(recipients, ['name']);
  return people.sketch();
}

function candidate(own: Sketch, other: Sketch): Candidate {
  const comparison = compare(own, other);
  const about = estimate(own, other, comparison);
  return { id: 'x', token: 'y', isOld: false, comparison, about };
}

describe('a sketch', () => {
  test('takes 4 kB at the most, whatever the list', () => {
    expect(encodeSketch(sketchOf(0, 50_000)).length).toBe(8 * (MOST + 1));
    expect(encodeSketch(sketchOf(0, 3)).length).toBe(32);
  });

  test('comes back as it was written, and what is none does not', () => {
    for (const sketch of [sketchOf(0, 0), sketchOf(0, 7), sketchOf(0, 3000)])
      expect(decodeSketch(encodeSketch(sketch))).toEqual(sketch);
    for (const bytes of ['', 'abc']) expect(decodeSketch(Buffer.from(bytes))).toBeUndefined();
  });

  test('is the same in whatever order and pieces the list comes', () => {
    const rows = Array.from({ length: 5000 }, (_none, at) => {
      return { to: numberAt(at * 7), values: [`${at}`, 'x'] };
    });
    const whole = new ListPeople(false);
    whole.take(rows, ['name', 'code']);
    const turned = new ListPeople(false);
    const swapped = rows.map(({ to, values: [name = '', code = ''] }) => {
      return { to, values: [code, name] };
    });
    swapped.reverse();
    for (let at = 0; at < 5000; at += 700)
      turned.take(swapped.slice(at, at + 700), ['code', 'name']);
    expect(turned.sketch()).toEqual(whole.sketch());
  });
});

test('lists of up to 500 people are never said to be apart where they are not, and counted exactly', () => {
  const range = fc
    .tuple(fc.nat(600), fc.nat(MOST))
    .map(([first, length]) => [first, length] as const);
  fc.assert(
    fc.property(range, range, ([first, length], [second, others]) => {
      const own = sketchOf(first, first + length);
      const other = sketchOf(second, second + others);
      const shared = Math.max(
        0,
        Math.min(first + length, second + others) - Math.max(first, second),
      );
      const each = candidate(own, other);
      expect(each.about).toBe(shared);
      expect(toLookAt([each])).toHaveLength(shared > 0 ? 1 : 0);
    }),
    { numRuns: 200 },
  );
});

test('of larger lists a fifth in common, or a small list in a large one, is always looked at', () => {
  const sizes = fc.integer({ min: 1, max: 20_000 });
  fc.assert(
    fc.property(sizes, sizes, fc.integer({ min: 20, max: 100 }), (size, other, percent) => {
      const shared = Math.ceil((Math.min(size, other) * percent) / 100);
      const each = candidate(sketchOf(0, size), sketchOf(size - shared, size - shared + other));
      if (shared >= size / 5) expect(toLookAt([each])).toHaveLength(1);
    }),
    { numRuns: 100 },
  );
});

test('an estimate is within what chance allows', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1000, max: 30_000 }),
      fc.integer({ min: 0, max: 100 }),
      (size, percent) => {
        const shared = Math.round((size * percent) / 100);
        const { about = Number.NaN } = candidate(
          sketchOf(0, size),
          sketchOf(size - shared, 2 * size - shared),
        );
        // Six times the spread of a share among at least 250 that are compared.
        expect(Math.abs(about - shared) / size).toBeLessThan(6 * Math.sqrt(0.25 / 250));
      },
    ),
    { numRuns: 100 },
  );
});

test('large lists without anybody in common are not looked at, nor the same people with another text', () => {
  const own = sketchOf(0, 30_000);
  expect(toLookAt([candidate(own, sketchOf(30_000, 60_000))])).toEqual([]);
  expect(toLookAt([candidate(own, sketchOf(0, 30_000, 1, 'Bob'))])).toEqual([]);
});

test('a few of a large list are looked at, for nothing is known of them', () => {
  const large = sketchOf(0, 50_000);
  const few = sketchOf(60_000, 60_005);
  expect(candidate(few, large)).toMatchObject({ about: undefined });
  expect(toLookAt([candidate(few, large), candidate(large, few)])).toHaveLength(2);
});

test('many lists with a little in common each are all looked at', () => {
  const own = sketchOf(0, 20_000);
  const others = Array.from({ length: 100 }, (_none, at) => {
    const people = new ListPeople(false);
    const recipients = Array.from({ length: 20_000 }, (_each, place) => {
      const who = place < 50 ? at * 50 + place : 1_000_000 * (at + 1) + place;
      return { to: numberAt(who), values: [`Ada ${who}`] };
    });
    people.take(recipients, ['name']);
    return candidate(own, people.sketch());
  });
  expect(others.some(({ comparison }) => comparison.shared === 0)).toBe(true);
  expect(toLookAt(others)).toHaveLength(100);
});

describe('a pair', () => {
  const pair = (to: string, params: Record<string, string>) =>
    new PairHash(Object.keys(params)).take(Object.values(params)).of(to);

  test('is of a number and its values by name, in any order', () => {
    const one = pair('+6591234567', { name: 'Ada', code: '7' });
    expect(pair('+6591234567', { code: '7', name: 'Ada' })).toBe(one);
    for (const other of [
      pair('+6591234568', { name: 'Ada', code: '7' }),
      pair('+16591234567', { name: 'Ada', code: '7' }),
      pair('+6591234567', { name: '7', code: 'Ada' }),
      pair('+6591234567', { name: 'Ada', code: '7', more: '' }),
      pair('+6591234567', { name: 'Ada7', code: '' }),
      pair('+6591234567', { name: 'ada', code: '7' }),
      pair('+6591234567', {}),
    ])
      expect(other).not.toBe(one);
  });

  test('is a whole number from 1 to below 2^53, and of a million there are a million', () => {
    const found = new Set<number>();
    const hash = new PairHash(['name']);
    for (let at = 0; at < 500_000; at++) {
      found.add(hash.take(['']).of(numberAt(at)));
      found.add(hash.take([`${at}`]).of('+6590000000'));
    }
    expect(found.size).toBe(1_000_000);
    for (const each of found) if (!(Number.isSafeInteger(each) && each > 0)) expect.fail(`${each}`);
  });

  test('of the longest and the shortest numbers are told apart', () => {
    const numbers = [
      '+1',
      '+12',
      '+123456789',
      '+1234567890',
      '+123456789012345',
      '+999999999999999',
    ];
    const hash = new PairHash([]);
    expect(new Set(numbers.map((each) => hash.of(each))).size).toBe(numbers.length);
  });
});
