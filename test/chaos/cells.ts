/** The matrix as data: what fails, at which point, under which policy. */
import { isSending, POINTS, type Point } from './points.ts';
import type { Scenario } from './scenario.ts';
import { VICTIMS, type Victim } from './stage.ts';

export interface Cell extends Scenario {
  /** The row. */
  point: string;
  victim: Victim;
  /** Most recipients that may end unconfirmed. */
  most: number;
}

/** Nothing of the message on its way was written down yet: a failure there may cost nothing. */
const UNOPENED: readonly Point[] = ['before the permit', 'permit granted', 'after the permit'];
const SENDERS: readonly Victim[] = [
  'Redis killed',
  'Redis frozen',
  'producer killed',
  'producer–Redis cut',
  'producer–Redis silent',
];
const WORKERS: readonly Victim[] = VICTIMS.filter((victim) => !victim.startsWith('producer'));

/** Who can fail there. What replay and cancel pass on their way is to have its own line here. */
export function victimsAt(point: Point): readonly Victim[] {
  return isSending(point) ? SENDERS : WORKERS;
}

export const MIDDLE = 'in the middle of a pack';
/** The rows in their order. */
export const ROWS: readonly string[] = [...POINTS, MIDDLE];
export const COLUMNS = VICTIMS;

/** Every cell in which something can happen. */
export function matrix(): Cell[] {
  const policies = ['park', 'resend'] as const;
  return policies.flatMap((policy) => [
    ...POINTS.flatMap((point) => {
      const isSent = isSending(point);
      const victims = victimsAt(point);
      // One message at a time, and some of them settled before: what is found is this point's and no other's.
      const nth = /completion|release|permit/.test(point) ? 1 : 3;
      return victims.map((victim): Cell => {
        const isFrozen = victim.endsWith('frozen') || victim.endsWith('silent');
        return {
          point,
          victim,
          policy,
          strikes: [{ at: point, nth, victim }],
          recipients: isSent ? 450 : 6,
          // Whoever takes over the job of one that sleeps.
          workers: isFrozen && !isSent ? 2 : 1,
          concurrency: isSent ? 50 : 1,
          most: UNOPENED.includes(point) && !isFrozen ? 0 : isSent ? 0 : 2,
        };
      });
    }),
    ...WORKERS.map(
      (victim): Cell => ({
        point: MIDDLE,
        victim,
        policy,
        strikes: [{ at: 'request received', nth: 40, victim }],
        recipients: 150,
        workers: 2,
        concurrency: 10,
        faults: { latency: [1, 10] },
        most: 2 * 10,
      }),
    ),
  ]);
}

/** A few cells from all over the matrix, for every run of the tests. */
export function crossSection(): Cell[] {
  const chosen: Record<string, readonly Victim[]> = {
    'after the permit': ['worker killed'],
    'attempt opened': ['worker–Redis cut'],
    'request half written': ['worker frozen'],
    'request received': ['worker killed'],
    'reply read': ['Redis killed'],
    'after the close': ['worker–Redis silent'],
    'before the completion': ['worker killed'],
    [MIDDLE]: ['Redis killed'],
    'during send': ['producer killed'],
    'after the release': ['producer–Redis cut'],
  };
  const cells = matrix().filter(({ point, victim }) => chosen[point]?.includes(victim));
  // Resent is what had no reply: elsewhere the policies do the same.
  return cells.filter(({ point, policy }) => policy === 'park' || point === 'request received');
}
