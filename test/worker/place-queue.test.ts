import { expect, test } from 'vitest';
import { PlaceQueue } from '../../src/worker/place-queue.ts';
import type { Registered } from '../../src/worker/registry.ts';

function registered(id: string): Registered {
  return {
    ...{ id, generation: '1', dueAt: 0, isOver: false, hasHeld: false },
    ...{ isKept: false, mayExpire: false, isBrokenOff: false },
    ...{ isPaused: false, halt: undefined, pending: 1, isCancelled: false },
    ...{ messagesPerJob: 1, isLimited: false, origin: undefined },
    brakes: { stops: undefined, slows: undefined },
  };
}

test('whoever has waited longest for a place is first, wherever the registry has it', () => {
  const queue = new PlaceQueue();
  const inTurn = (now: number, ...ids: string[]) =>
    queue.inTurn(ids.map(registered), now).map(({ id }) => id);
  expect(inTurn(0, 'late', 'later')).toEqual(['late', 'later']);
  expect(inTurn(1, 'back-off', 'late', 'later')).toEqual(['late', 'later', 'back-off']);
  // 'late' has got a place, and comes again when it has let go of it
  expect(inTurn(2, 'back-off', 'later')).toEqual(['later', 'back-off']);
  expect(inTurn(3, 'late', 'back-off', 'later')).toEqual(['later', 'back-off', 'late']);
});
