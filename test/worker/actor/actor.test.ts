import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Actor, type Rhythm } from '../../../src/worker/actor/actor.ts';
import { Log } from '../../support/fleet.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Its work is under way until the test ends it. */
class Patient extends Actor {
  /** Each piece of work that was begun, in order. */
  readonly pieces: PromiseWithResolvers<void>[] = [];
  readonly log: Log;

  constructor(rhythm: Rhythm) {
    const log = new Log();
    super(rhythm, log.logger, 'not done');
    this.log = log;
  }

  once(): Promise<void> {
    const piece = Promise.withResolvers<void>();
    this.pieces.push(piece);
    return piece.promise;
  }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test('the next piece of work begins so long after the end of the last, never beside it', async () => {
  const actor = new Patient({ everyMs: 500 });
  actor.start();
  await pass(499);
  expect(actor.pieces).toHaveLength(0);
  await pass(1);
  expect(actor.pieces).toHaveLength(1);
  await pass(60_000);
  expect(actor.pieces).toHaveLength(1);
  actor.pieces[0]?.resolve();
  await pass(499);
  expect(actor.pieces).toHaveLength(1);
  await pass(1);
  expect(actor.pieces).toHaveLength(2);
});

test('the first may begin earlier', async () => {
  const actor = new Patient({ everyMs: 500, firstAfterMs: 0 });
  actor.start();
  expect(actor.pieces).toHaveLength(0);
  await pass(0);
  actor.pieces[0]?.resolve();
  await pass(499);
  expect(actor.pieces).toHaveLength(1);
  await pass(1);
  expect(actor.pieces).toHaveLength(2);
});

test('a second start changes nothing', async () => {
  const actor = new Patient({ everyMs: 500 });
  actor.start();
  actor.start();
  await pass(500);
  actor.start();
  await pass(60_000);
  expect(actor.pieces).toHaveLength(1);
});

test('one that fails is told of, and the next is tried', async () => {
  const actor = new Patient({ everyMs: 500 });
  actor.start();
  await pass(500);
  actor.pieces[0]?.reject(new Error('no answer'));
  await pass(500);
  expect(actor.log.lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 50, msg: 'not done', error: 'no answer', times: 1 },
  ]);
  expect(actor.pieces).toHaveLength(2);
});

test.for(['ends well', 'fails'] as const)(
  'a stop waits for what is under way, which %s, and begins no more',
  async (end) => {
    const actor = new Patient({ everyMs: 500 });
    actor.start();
    await pass(500);
    let isStopped = false;
    const stopped = actor.stop().then(() => {
      isStopped = true;
    });
    await pass(60_000);
    expect(isStopped).toBe(false);
    if (end === 'fails') actor.pieces[0]?.reject(new Error('no answer'));
    else actor.pieces[0]?.resolve();
    await stopped;
    await pass(60_000);
    expect(actor.pieces).toHaveLength(1);
  },
);

test('a stop between two begins no more, and a start after it neither', async () => {
  const actor = new Patient({ everyMs: 500 });
  actor.start();
  await pass(499);
  await actor.stop();
  actor.start();
  await pass(60_000);
  expect(actor.pieces).toHaveLength(0);

  const never = new Patient({ everyMs: 500 });
  await never.stop();
  never.start();
  await pass(60_000);
  expect(never.pieces).toHaveLength(0);
});

test('what fails again and again is told of once a minute, with how often', async () => {
  const actor = new Patient({ everyMs: 500 });
  actor.start();
  for (let piece = 0; piece < 130; piece++) {
    await pass(500);
    actor.pieces[piece]?.reject(new Error('no answer'));
  }
  await pass(0);
  const told = actor.log.lines.map((line) => JSON.parse(line));
  expect(told).toMatchObject([{ times: 1 }, { times: 120 }]);
});
