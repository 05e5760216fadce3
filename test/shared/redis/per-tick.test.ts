import { expect, test } from 'vitest';
import { PerTick } from '../../../src/shared/redis/per-tick.ts';

test('carries out in one call what one turn of the event loop asks for', async () => {
  const calls: number[][] = [];
  const turn = new PerTick(async (items: number[]) => {
    calls.push(items);
    return items.map((item) => 10 * item);
  });
  expect(await Promise.all([1, 2, 3].map((item) => turn.add(item)))).toEqual([10, 20, 30]);
  expect(await turn.add(4)).toBe(40);
  expect(calls).toEqual([[1, 2, 3], [4]]);
});

test('what is asked for while a call is under way goes into the next', async () => {
  const calls: number[][] = [];
  const go = Promise.withResolvers<void>();
  const called = Promise.withResolvers<void>();
  const turn = new PerTick(async (items: number[]) => {
    calls.push(items);
    called.resolve();
    await go.promise;
    return items;
  });
  const first = turn.add(1);
  await called.promise;
  const second = turn.add(2);
  go.resolve();
  expect(await Promise.all([first, second])).toEqual([1, 2]);
  expect(calls).toEqual([[1], [2]]);
});

test('a call that fails fails for all that were in it, and for no other', async () => {
  let isBroken = true;
  const turn = new PerTick(async (items: number[]) => {
    if (isBroken) throw new Error('Redis is away');
    return items;
  });
  const results = await Promise.allSettled([turn.add(1), turn.add(2)]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  isBroken = false;
  expect(await turn.add(3)).toBe(3);
});

test('an answer that lacks a result leaves nobody waiting', async () => {
  const turn = new PerTick(async (items: number[]) => items.slice(1));
  const results = await Promise.allSettled([turn.add(1), turn.add(2)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});
