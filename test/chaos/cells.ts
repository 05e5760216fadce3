/** The matrix as data: what fails, at which point, under which policy. */
import { COSTS, type Column, costCells, EXTRA_COLUMNS } from './costs.ts';
import type { Deed } from './deeds.ts';
import { CONTROLLING, type Point, REPLAYING, SENDING, WORKING } from './points.ts';
import type { Scenario } from './scenario.ts';
import { VICTIMS, type Victim } from './stage.ts';

export interface Cell extends Scenario {
  /** The row. */
  point: string;
  victim: Column;
  /** Most recipients that may end unconfirmed. */
  most: number;
  /** Most that may be left unsent although somebody gave commands. Default: 0. */
  mostUnsent?: number;
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

/** Who can fail while somebody gives commands. */
const OPERATORS: readonly Victim[] = [...SENDERS, 'worker killed'];

/** Who can fail there. */
export function victimsAt(point: Point): readonly Victim[] {
  if (SENDING.includes(point)) return SENDERS;
  return WORKING.includes(point) ? WORKERS : OPERATORS;
}

const MIDDLE = 'in the middle of a pack';
const COMMANDS = ['pause', 'cancel'] as const;
const rowOf = (point: Point, command: string) => point.replace('command', command);
/** The rows in their order. */
export const ROWS: readonly string[] = [
  ...WORKING,
  ...SENDING,
  MIDDLE,
  ...REPLAYING,
  ...COMMANDS.flatMap((command) => CONTROLLING.map((point) => rowOf(point, command))),
  ...COSTS,
];
export const COLUMNS: readonly Column[] = [...VICTIMS, ...EXTRA_COLUMNS];

/** Every cell in which something can happen. */
export function matrix(): Cell[] {
  const policies = ['park', 'resend'] as const;
  return policies.flatMap((policy) => [
    ...[...WORKING, ...SENDING].flatMap((point) => {
      const isSent = SENDING.includes(point);
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
    ...REPLAYING.flatMap((point) => {
      // The move's points are passed by a replay that changes the request.
      const deeds: Deed[] = [{ do: /move/.test(point) ? 'move' : 'replay' }];
      return OPERATORS.map((victim): Cell => {
        const strikes = [{ at: point, nth: REPEATED.test(point) ? 2 : 1, victim }];
        return { point, policy, victim, strikes, deeds, ...REFUSED };
      });
    }),
    ...COMMANDS.flatMap((command) =>
      CONTROLLING.flatMap((at) =>
        OPERATORS.map((victim): Cell => {
          const point = rowOf(at, command);
          const deeds = [{ do: command, after: 60 }];
          return { point, policy, victim, strikes: [{ at, nth: 1, victim }], deeds, ...UNDER_WAY };
        }),
      ),
    ),
    ...costCells(policy),
  ]);
}

/** Points that a replay passes once for each job. */
const REPEATED = /take|move|requeue/;
/** Half of it is refused at first. */
const REFUSED = {
  recipients: 350,
  workers: 2,
  concurrency: 20,
  faults: { rates: { '5001': 0.5 } },
  // By chance, some day.
  haltAfter: 'never' as const,
  most: 2 * 20,
};
/** Slow enough to be under way when a command comes. */
const UNDER_WAY = {
  recipients: 250,
  workers: 2,
  concurrency: 5,
  faults: { latency: [40, 80] },
  most: 2 * 5,
} satisfies Partial<Cell>;

/** A few cells from all over the matrix, for every run of the tests. */
export function crossSection(): Cell[] {
  const chosen: Record<string, readonly Column[]> = {
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
    'messages taken': ['producer killed'],
    'cancel carried out': ['producer–Redis cut'],
    'a 5xx cut short': ['nothing else'],
    'before its start time': ['nothing else'],
    'machine suspended, pause': ['monotonic clock still'],
    'somebody opts out': ['nothing else'],
    'a canary paused half-way': ['nothing else'],
    'places taken': ['nothing else'],
    'a worker with another base URL': ['worker killed'],
    'everything refused': ['worker killed'],
    'clocks a day off': ['nothing else'],
    'another program: delete the ledgers': ['worker killed'],
    'another program: pause the queue': ['nothing else'],
    'a right taken away: hset': ['worker killed'],
  };
  const cells = matrix().filter(({ point, victim }) => chosen[point]?.includes(victim));
  // Resent is what had no reply: elsewhere the policies do the same.
  return cells.filter(({ point, policy }) => policy === 'park' || point === 'request received');
}
