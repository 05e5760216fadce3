import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Batcher, type BatcherOptions } from '../../../src/producer/pack/batcher.ts';
import type { Message } from '../../../src/shared/job.ts';

interface Recipient {
  to: string;
  values: string[];
}

const recipients = fc
  .array(fc.array(fc.constantFrom('', 'a', 'b', 'ab', 'aa', '\0', '1:a'), { maxLength: 3 }), {
    maxLength: 300,
  })
  .map((list) => list.map((values, index) => ({ to: `+${6581000000 + index}`, values })));
const options = fc.record({
  batchSize: fc.integer({ min: 1, max: 9 }),
  maxOpenMessages: fc.integer({ min: 1, max: 12 }),
  maxOpenNumbers: fc.integer({ min: 1, max: 40 }),
});

function batch(list: readonly Recipient[], given: BatcherOptions): Message[] {
  const batcher = new Batcher(given);
  const out: Message[] = [];
  for (const { to, values } of list) batcher.add(to, [...values], out);
  batcher.flush(out);
  return out;
}

test('puts every recipient into exactly one message, with its own params', () => {
  fc.assert(
    fc.property(recipients, options, (list, given) => {
      const messages = batch(list, given);
      const found = messages.flatMap(([numbers, values]) => numbers.map((to) => ({ to, values })));
      found.sort((a, b) => (a.to < b.to ? -1 : 1));
      expect(found).toEqual(list);
      for (const [numbers] of messages) expect(numbers.length).toBeLessThanOrEqual(given.batchSize);
    }),
  );
});

test('makes the same messages of the same recipients', () => {
  fc.assert(
    fc.property(recipients, options, (list, given) => {
      expect(batch(list, given)).toEqual(batch(list, given));
    }),
  );
});

test('fills messages of equal params where bounds allow', () => {
  fc.assert(
    fc.property(recipients, fc.integer({ min: 1, max: 9 }), (list, batchSize) => {
      const counts = new Map<string, number>();
      for (const { values } of list) {
        const key = JSON.stringify(values);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      const fewest = [...counts.values()].reduce((sum, n) => sum + Math.ceil(n / batchSize), 0);
      expect(batch(list, { batchSize }).length).toBe(fewest);
    }),
  );
});

test('keeps no more open than it may', () => {
  fc.assert(
    fc.property(recipients, options, (list, given) => {
      const batcher = new Batcher(given);
      const out: Message[] = [];
      const atMost = Math.max(given.maxOpenNumbers, given.batchSize);
      for (const [index, { to, values }] of list.entries()) {
        batcher.add(to, values, out);
        const released = out.reduce((sum, [numbers]) => sum + numbers.length, 0);
        expect(index + 1 - released).toBeLessThanOrEqual(atMost);
      }
    }),
  );
});

test('hands personal texts out in the order of the list', () => {
  const list = Array.from({ length: 50 }, (_, index) => ({
    to: `+${6581000000 + index}`,
    values: [`name ${index}`],
  }));
  const order = batch(list, { maxOpenMessages: 7 }).map(([[to]]) => to);
  expect(order).toEqual(list.map(({ to }) => to));
});
