import type { Closing } from './close.ts';
import { type Attempt, type Entry, encodeAttempt } from './entry.ts';

/** Closes an attempt that an earlier run left open: whether it was sent, nobody here can know. */
export function lostAttempt(
  entry: Entry,
  last: Attempt,
  index: number,
  numbers: number,
  due: number,
): Closing {
  const attempt = encodeAttempt(
    { ...last, outcome: 'worker_lost', words: 'its worker was lost' },
    numbers,
  );
  const { run } = last;
  return {
    index,
    number: entry.number,
    run,
    verdict: 'worker_lost',
    numbers,
    code: 'no_reply',
    due,
    attempt,
  };
}
