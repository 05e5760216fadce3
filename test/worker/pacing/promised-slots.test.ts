import { expect, test } from 'vitest';
import { Moment } from '../../../src/shared/moment.ts';
import { PromisedSlots, type Slot } from '../../../src/worker/pacing/promised-slots.ts';

function slot(charged: number, more: Partial<Slot> = {}): Slot {
  const base = { at: 0, count: 0, epoch: 0, isProbe: false, round: 0 };
  return {
    askedAt: new Moment(),
    ...base,
    charged,
    isByRecipients: true,
    ...more,
  };
}

function promisedOf(...slots: readonly Slot[]): PromisedSlots {
  const promised = new PromisedSlots();
  for (const each of slots) promised.add(each);
  return promised;
}

const sizes = (...numbers: readonly number[]) => numbers.map((each) => ({ numbers: each }));

test('a slot is for one who has as many numbers as it was charged with, whoever came in between', () => {
  const promised = promisedOf(slot(500), slot(50));
  expect(promised.unserved(sizes(1, 500, 50, 500))).toEqual(sizes(1, 500));
});

test("a slot that nobody of its size waits for is nobody's", () => {
  expect(promisedOf(slot(500)).unserved(sizes(1, 50))).toEqual(sizes(1, 50));
});

test('where recipients do not matter, and of a probe, it is for whoever is next', () => {
  const requests = promisedOf(slot(500, { isByRecipients: false }), slot(7, { isProbe: true }));
  expect(requests.unserved(sizes(1, 50, 500))).toEqual(sizes(500));
});

test('one that was used is for nobody any more', () => {
  const used = slot(500);
  const promised = promisedOf(used, slot(500));
  promised.delete(used);
  expect(promised.size).toBe(1);
  expect(promised.unserved(sizes(500, 500))).toEqual(sizes(500));
});
