import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Pack, Packer } from '../../../src/producer/pack/packer.ts';
import {
  MAX_MESSAGES_PER_JOB,
  MAX_NUMBERS_PER_JOB,
  type Message,
} from '../../../src/shared/job.ts';

const messages = fc
  .array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 1500 })), { maxLength: 400 })
  .map((sizes) =>
    sizes.map((size, index): Message => [Array<string>(size).fill('+6591234567'), [String(index)]]),
  );

function pack(list: readonly Message[]): Pack[] {
  const packer = new Packer();
  const out: Pack[] = [];
  for (const message of list) packer.add(message, out);
  packer.flush(out);
  return out;
}

test('packs every message once, in order, within what a job may hold', () => {
  fc.assert(
    fc.property(messages, (list) => {
      const packs = pack(list);
      expect(packs.flat()).toEqual(list);
      for (const one of packs) {
        expect(one.length).toBeGreaterThan(0);
        expect(one.length).toBeLessThanOrEqual(MAX_MESSAGES_PER_JOB);
        const numbers = one.reduce((sum, [to]) => sum + to.length, 0);
        expect(one.length === 1 || numbers <= MAX_NUMBERS_PER_JOB).toBe(true);
      }
    }),
    { numRuns: 30 },
  );
});

test('fills packs of personal texts to the brim', () => {
  const list = Array.from({ length: 250 }, (_, index): Message => [['+6591234567'], [`${index}`]]);
  expect(pack(list).map((one) => one.length)).toEqual([100, 100, 50]);
});

test('makes nothing of nothing', () => {
  expect(pack([])).toEqual([]);
});
