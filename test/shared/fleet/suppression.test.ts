import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  countSuppressed,
  SuppressionList,
  suppress,
  unsuppress,
} from '../../../src/shared/fleet/suppression.ts';
import { createKeys } from '../../../src/shared/redis/keys.ts';
import { connect, testPrefix } from '../../support/redis.ts';

/** Few enough that they meet again, and of all lengths. */
const number = fc
  .tuple(fc.constantFrom('+1234567', '+6591234567', '+99912345678901'), fc.nat({ max: 9 }))
  .map(([start, digit]) => `${start}${digit}`);
const step = fc.record({
  do: fc.constantFrom('add', 'remove'),
  numbers: fc.array(number, { maxLength: 12 }),
});

test('holds exactly what was put on it and not taken off, and counts it', async () => {
  const redis = connect();
  const prefix = testPrefix();
  let lists = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), fc.array(number), async (steps, asked) => {
      const { suppression: keys } = createKeys(`${prefix}-${lists++}`);
      // asked before there was anything, so that it knows it as empty
      const list = new SuppressionList(redis, keys);
      expect(await list.find(asked)).toEqual(asked.map(() => false));
      const model = new Set<string>();
      for (const { do: verb, numbers } of steps) {
        const before = model.size;
        const change = verb === 'add' ? suppress : unsuppress;
        for (const each of numbers) verb === 'add' ? model.add(each) : model.delete(each);
        expect(await change(redis, keys, numbers)).toEqual({
          changed: Math.abs(model.size - before),
          count: model.size,
        });
        expect(await list.find(asked)).toEqual(asked.map((each) => model.has(each)));
      }
      expect(await countSuppressed(redis, keys)).toBe(model.size);
    }),
    { numRuns: 60, interruptAfterTimeLimit: 15_000 },
  );
});

test('finds numbers also beyond one call, each in its place', async () => {
  const redis = connect();
  const { suppression: keys } = createKeys(testPrefix());
  const numbers = Array.from({ length: 9000 }, (_none, at) => `+65${900_000_000 + at}`);
  const listed = numbers.filter((_each, at) => at % 7 === 0);
  await suppress(redis, keys, listed);
  const found = await new SuppressionList(redis, keys).find(numbers);
  expect(numbers.filter((_each, at) => found[at])).toEqual(listed);
});

test('keeps numbers as bare integers', async () => {
  const redis = connect();
  const { suppression: keys } = createKeys(testPrefix());
  await suppress(redis, keys, ['+999123456789012']);
  const [bucket = ''] = await redis.keys(`${keys.bucket}[0-9]*`);
  expect(await redis.object('ENCODING', bucket)).toBe('intset');
});
