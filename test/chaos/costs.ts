/**
 * The rows of the matrix that are no point of a message's way: something about EngageLab, a machine or a command that
 * could cost a promise, alone and together with what else can fail.
 * Longer than 250 lines, because each row is told with all that it needs.
 */
import { CUT_SHORT } from '../../src/sandbox/faults.ts';
import type { OnUnconfirmed } from '../../src/shared/job.ts';
import type { Cell } from './cells.ts';
import type { Deed } from './deeds.ts';
import { HANDIWORK, type Handiwork, takesAway } from './hands.ts';
import type { Point } from './points.ts';
import { STOPS, type Stop } from './promises.ts';
import { RIGHTS, type Right } from './rights.ts';
import type { Clock, Victim } from './stage.ts';

/** No victim, or the clock of the machine that was suspended. */
export const EXTRA_COLUMNS = [
  'nothing else',
  'monotonic clock still',
  'wall clock set back',
] as const;
export type Column = Victim | (typeof EXTRA_COLUMNS)[number];

const CUT = 'a 5xx cut short';
const EARLY = 'before its start time';
const OPT_OUT = 'somebody opts out';
const CANARY = 'a canary paused half-way';
const PLACES = 'places taken';
const STRANGER = 'a worker with another base URL';
const REFUSING = 'everything refused';
const OFF = 'clocks a day off';
const suspendedRow = (stop: Stop) => `machine suspended, ${stop}`;
const handsRow = (deed: Handiwork) => `another program: ${deed}`;
const rightRow = (right: Right) => `a right taken away: ${right}`;
export const COSTS: readonly string[] = [
  ...[CUT, EARLY],
  ...STOPS.map(suspendedRow),
  ...[OPT_OUT, CANARY, PLACES, STRANGER, REFUSING, OFF],
  ...HANDIWORK.map(handsRow),
  ...RIGHTS.map(rightRow),
];

const CLOCKS: Record<Exclude<Clock, 'off'>, Column> = {
  monotonic: 'monotonic clock still',
  wall: 'wall clock set back',
};
/** Between which step and the first byte the machine is suspended. */
export const SUSPENDED_AT: Record<Stop, readonly Point[]> = {
  pause: ['attempt opened', 'opt-outs looked up', 'permit granted'],
  cancel: ['attempt opened', 'opt-outs looked up', 'permit granted'],
  hold: ['permit granted', 'attempt opened', 'opt-outs looked up'],
  suppress: ['opt-outs looked up', 'attempt opened'],
};

type Rest = Omit<Cell, 'point' | 'victim' | 'policy' | 'strikes'>;
/** Who fails there, at which points; one victim a cell. */
type Blows = Partial<Record<Victim, readonly [at: Point, nth: number]>>;

function row(point: string, policy: OnUnconfirmed, rest: Rest, blows: Blows): Cell[] {
  const alone: Cell = { point, policy, victim: 'nothing else', strikes: [], ...rest };
  const others = victimsOf(blows).map(([victim, [at, nth]]): Cell => {
    // What the victim had under way comes on top.
    const most = rest.most + 2 * rest.workers * rest.concurrency;
    return { ...alone, victim, strikes: [{ at, nth, victim }], most };
  });
  return [alone, ...others];
}

function victimsOf(blows: Blows): [Victim, readonly [Point, number]][] {
  return VICTIM_ORDER.flatMap((victim) => {
    const blow = blows[victim];
    return blow ? [[victim, blow] satisfies [Victim, readonly [Point, number]]] : [];
  });
}

const VICTIM_ORDER = [
  'worker killed',
  'worker frozen',
  'Redis killed',
  'Redis frozen',
  'worker–Redis cut',
  'producer killed',
  'producer–Redis cut',
] as const satisfies readonly Victim[];

const FIVES: Rest = {
  recipients: 200,
  workers: 2,
  concurrency: 5,
  isDirect: true,
  faults: {
    latency: [1, 20],
    seed: 5,
    rates: Object.fromEntries(CUT_SHORT.map((name) => [name, 0.02])),
  },
  most: 0,
};
const SCHEDULED: Rest = {
  recipients: 300,
  workers: 2,
  concurrency: 20,
  startInMs: 6000,
  deeds: [{ do: 'cancel early' }],
  most: 0,
};
const OPTING: Rest = {
  recipients: 900,
  workers: 2,
  concurrency: 10,
  redisMs: 3,
  faults: { latency: [20, 40] },
  deeds: [{ do: 'opt out in turn', people: 200 }],
  most: 0,
  mostUnsent: 200,
};
/** Slow enough for a pause and a resume, each a process, before its end. */
const FIRST = 110;
const CANARIES: Rest = {
  recipients: 160,
  workers: 2,
  concurrency: 2,
  canary: FIRST,
  faults: { latency: [80, 120] },
  deeds: [
    { do: 'pause', after: 15 },
    { do: 'resume canary', of: FIRST },
  ],
  most: 0,
};
const CROWDED: Rest = {
  recipients: 100,
  workers: 1,
  concurrency: 10,
  waiting: 3,
  environment: { VOLLEY_MAX_CAMPAIGNS: '3' },
  most: 0,
};
const BESIDE: Rest = {
  recipients: 200,
  workers: 2,
  concurrency: 5,
  isDirect: true,
  hasStranger: true,
  faults: { latency: [10, 20] },
  most: 0,
};
/** It halts; then EngageLab refuses nothing any more, and what it had refused is replayed. */
const HALTING: Rest = {
  recipients: 200,
  workers: 2,
  concurrency: 5,
  faults: { latency: [1, 20], rates: { '5001': 1 } },
  deeds: [{ do: 'resume halted' }, { do: 'replay' }],
  most: 0,
};
/** A tenth is put off. Nobody may expire. */
const WRONG_CLOCKS: Rest = {
  recipients: 100,
  workers: 2,
  concurrency: 10,
  clock: 'off',
  startInMs: 3000,
  expiresInMs: 600_000,
  faults: { seed: 7, rates: { '1000': 0.1 } },
  deeds: [],
  most: 0,
};
/** A machine passes a point a few times before it is suspended there; then the rest is sent. */
export const SUSPENDING = {
  recipients: 250,
  workers: 2,
  concurrency: 5,
  faults: { latency: [20, 40] },
} satisfies Partial<Cell>;

/** What another program does to the queue of a campaign that is being sent. */
function handsCells(policy: OnUnconfirmed): Cell[] {
  return HANDIWORK.flatMap((deed) => {
    const rest = {
      ...{ recipients: 250, workers: 2, concurrency: 5, faults: { latency: [20, 40] } },
      ...{ deeds: [{ do: deed, after: 60 }], most: 0, mostUnsent: takesAway(deed) ? 250 : 0 },
    } satisfies Rest;
    return row(handsRow(deed), policy, rest, {
      'worker killed': ['attempt opened', 20],
      'Redis killed': ['before the close', 20],
    });
  });
}

function suspendedCells(policy: OnUnconfirmed): Cell[] {
  return STOPS.flatMap((stop) =>
    (['monotonic', 'wall'] as const).map((clock): Cell => {
      const [at = 'attempt opened'] = SUSPENDED_AT[stop];
      const deeds: Deed[] = [{ do: 'suspend', at, stop }];
      return {
        point: suspendedRow(stop),
        ...{ policy, victim: CLOCKS[clock], strikes: [], clock, deeds, ...SUSPENDING },
        // Its jobs are taken over meanwhile.
        most: 10,
        mostUnsent: 40,
      };
    }),
  );
}

const ROBBED: Rest = {
  recipients: 200,
  workers: 2,
  concurrency: 5,
  faults: { latency: [10, 20] },
  most: 0,
};
/** The victim fails while it is away. */
function rightCells(policy: OnUnconfirmed): Cell[] {
  const victims = ['worker killed', 'Redis killed', 'worker–Redis cut'] as const;
  return RIGHTS.flatMap((right) => {
    const cell = (victim: Victim | undefined): Cell => {
      const deeds: Deed[] = [{ do: 'take a right', right, after: 60, ...(victim && { victim }) }];
      const most = victim ? 2 * ROBBED.workers * ROBBED.concurrency : 0;
      const column = victim ?? 'nothing else';
      return {
        ...ROBBED,
        point: rightRow(right),
        policy,
        victim: column,
        strikes: [],
        deeds,
        most,
      };
    };
    return [cell(undefined), ...victims.map(cell)];
  });
}

export function costCells(policy: OnUnconfirmed): Cell[] {
  const fives = row(CUT, policy, FIVES, {
    'worker killed': ['before the close', 20],
    'worker frozen': ['before the close', 20],
    'Redis killed': ['before the close', 20],
    'worker–Redis cut': ['before the close', 20],
  });
  // Elsewhere the policies do the same.
  if (policy === 'resend') return [...fives, ...rightCells(policy)];
  return [
    ...fives,
    ...row(EARLY, policy, SCHEDULED, {
      'worker killed': ['before the completion', 1],
      'Redis killed': ['replay begun', 1],
      'Redis frozen': ['messages taken', 1],
      'worker–Redis cut': ['before the completion', 1],
      'producer–Redis cut': ['job requeued', 1],
    }),
    ...suspendedCells(policy),
    ...row(OPT_OUT, policy, OPTING, {
      'worker killed': ['opt-outs looked up', 100],
      'worker frozen': ['opt-outs looked up', 100],
      'Redis killed': ['opt-outs looked up', 100],
      'worker–Redis cut': ['opt-outs looked up', 100],
    }),
    ...row(CANARY, policy, CANARIES, {
      'worker killed': ['attempt opened', 20],
      'Redis killed': ['command carried out', 1],
      'producer killed': ['command carried out', 1],
      'producer–Redis cut': ['command carried out', 2],
    }),
    ...row(STRANGER, policy, BESIDE, {
      'worker killed': ['after the close', 20],
      'worker frozen': ['after the close', 20],
      'Redis killed': ['after the close', 20],
      'worker–Redis cut': ['after the close', 20],
    }),
    ...handsCells(policy),
    ...rightCells(policy),
    ...row(PLACES, policy, CROWDED, {
      'worker killed': ['attempt opened', 5],
      'Redis killed': ['attempt opened', 5],
    }),
    ...row(REFUSING, policy, HALTING, {
      'worker killed': ['after the close', 8],
      'worker frozen': ['before the close', 8],
      'Redis killed': ['after the close', 8],
      'worker–Redis cut': ['after the close', 8],
      'producer killed': ['command carried out', 1],
    }),
    ...row(OFF, policy, WRONG_CLOCKS, {
      'worker killed': ['before the close', 20],
      'worker frozen': ['before the close', 20],
      'Redis killed': ['before the completion', 1],
      'worker–Redis cut': ['before the completion', 1],
    }),
  ];
}
