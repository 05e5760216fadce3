import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Waiter, Waiters } from '../../../src/worker/pacing/waiters.ts';

interface Named extends Waiter {
  name: string;
}

function waiter(name: string, { isUrgent = false, numbers = 1 } = {}): Named {
  return { name, campaign: name.charAt(0), isUrgent, numbers };
}

function queueOf(...all: readonly Named[]): Waiters<Named> {
  const waiters = new Waiters<Named>();
  for (const each of all) waiters.add(each);
  return waiters;
}

function takeAll(waiters: Waiters<Named>): string[] {
  const names: string[] = [];
  for (let next = waiters.take(); next; next = waiters.take()) names.push(next.name);
  return names;
}

describe('next is', () => {
  test('the urgent, in the order they came', () => {
    const [first, second] = [waiter('n1', { isUrgent: true }), waiter('n2', { isUrgent: true })];
    const waiters = queueOf(waiter('a1'), first, waiter('a2'), second);
    expect(takeAll(waiters)).toEqual(['n1', 'n2', 'a1', 'a2']);
  });

  test('each campaign in turn, however many wait for it', () => {
    const large = ['a1', 'a2', 'a3', 'a4'].map((name) => waiter(name));
    const waiters = queueOf(...large, waiter('b1'), waiter('c1'), waiter('c2'));
    expect(takeAll(waiters)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3', 'a4']);
  });

  test('a campaign that comes late after one turn of the others', () => {
    const waiters = queueOf(waiter('a1'), waiter('a2'), waiter('b1'), waiter('b2'));
    expect(waiters.take()?.name).toBe('a1');
    waiters.add(waiter('c1'));
    expect(takeAll(waiters)).toEqual(['b1', 'a2', 'c1', 'b2']);
  });

  test('the one of the size that is charged, or whose turn it is, but nobody larger', () => {
    const [urgent, b1] = [waiter('n1', { isUrgent: true }), waiter('b1', { numbers: 500 })];
    const waiters = queueOf(urgent, waiter('a1', { numbers: 50 }), b1, waiter('c1'));
    expect(waiters.takeFor(500)?.name).toBe('b1');
    expect(waiters.takeFor(500)?.name).toBe('n1');
    expect(waiters.takeFor(49)).toBeUndefined();
    expect(waiters.takeFor(1)?.name).toBe('c1');
    expect(waiters.takeFor(51)?.name).toBe('a1');
  });

  test('after one was taken for its size, the campaign whose turn it had been', () => {
    const b1 = waiter('b1', { numbers: 500 });
    const waiters = queueOf(waiter('a1'), waiter('a2'), b1, waiter('b2'));
    expect(waiters.takeFor(500)?.name).toBe('b1');
    expect(takeAll(waiters)).toEqual(['a1', 'b2', 'a2']);
  });

  test('nobody where nobody waits', () => {
    const only = waiter('a1');
    const waiters = queueOf(only);
    expect(waiters.remove(only)).toBe(true);
    expect(waiters.remove(only)).toBe(false);
    expect(waiters.take()).toBeUndefined();
    expect(waiters.size).toBe(0);
  });
});

const Step = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    campaign: fc.constantFrom('a', 'b', 'c', 'd'),
    isUrgent: fc.boolean(),
    numbers: fc.integer({ min: 1, max: 500 }),
  }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('remove' as const), which: fc.nat() }),
);

test('what lies ahead is what will be taken, and nobody is lost', () => {
  fc.assert(
    fc.property(fc.array(Step, { maxLength: 80 }), fc.nat({ max: 100 }), (steps, most) => {
      const waiters = new Waiters<Named>();
      const waiting = new Set<Named>();
      for (const [at, step] of steps.entries()) {
        if (step.do === 'add') {
          const { campaign, isUrgent, numbers } = step;
          const added = { name: `${campaign}${at}`, campaign, isUrgent, numbers };
          waiters.add(added);
          waiting.add(added);
        } else if (step.do === 'take') {
          const isAnybodyThere = waiting.size > 0;
          const taken = waiters.take();
          expect(taken !== undefined && waiting.delete(taken)).toBe(isAnybodyThere);
        } else {
          const leaving = [...waiting][step.which % Math.max(1, waiting.size)];
          if (leaving === undefined) continue;
          expect(waiters.remove(leaving)).toBe(true);
          waiting.delete(leaving);
        }
        expect(waiters.size).toBe(waiting.size);
      }
      const ahead = waiters.ahead(most);
      const taken: Named[] = [];
      for (let next = waiters.take(); next; next = waiters.take()) taken.push(next);
      expect(ahead).toEqual(taken.slice(0, most));
      expect(new Set(taken)).toEqual(waiting);
      expect(taken).toHaveLength(waiting.size);
    }),
    { numRuns: 500 },
  );
});
