/** The points on a message's way at which something can be made to fail, as the proxies see them. */
import type { Step } from './resp.ts';

export const POINTS = [
  'before the permit',
  'permit granted',
  'after the permit',
  'attempt opened',
  'request half written',
  'request received',
  'reply half sent',
  'reply read',
  'before the close',
  'after the close',
  'before the completion',
  'after the completion',
  'during send',
  'job laid',
  'before the release',
  'after the release',
  'before the replay begins',
  'replay begun',
  'before the take',
  'messages taken',
  'before the move',
  'numbers moved',
  'before the requeue',
  'job requeued',
  'before the mark',
  'marked as queued',
  'before the replay ends',
  'replay ended',
  'before the command',
  'command carried out',
  'before the opt-outs',
  'opt-outs looked up',
] as const;
export type Point = (typeof POINTS)[number];

/** Of a script: on its way to Redis, and once it was carried out and nobody knows yet. */
export const POINTS_OF_STEP: Readonly<Record<Step, { before: Point; after: Point }>> = {
  grant: { before: 'before the permit', after: 'permit granted' },
  open: { before: 'after the permit', after: 'attempt opened' },
  close: { before: 'before the close', after: 'after the close' },
  end: { before: 'before the completion', after: 'after the completion' },
  add: { before: 'during send', after: 'job laid' },
  release: { before: 'before the release', after: 'after the release' },
  begin: { before: 'before the replay begins', after: 'replay begun' },
  take: { before: 'before the take', after: 'messages taken' },
  move: { before: 'before the move', after: 'numbers moved' },
  requeue: { before: 'before the requeue', after: 'job requeued' },
  mark: { before: 'before the mark', after: 'marked as queued' },
  conclude: { before: 'before the replay ends', after: 'replay ended' },
  control: { before: 'before the command', after: 'command carried out' },
  find: { before: 'before the opt-outs', after: 'opt-outs looked up' },
};

function pointsOf(steps: readonly Step[]): readonly Point[] {
  return steps.flatMap((step) => [POINTS_OF_STEP[step].before, POINTS_OF_STEP[step].after]);
}

/** Passed by a producer that sends. */
export const SENDING = pointsOf(['add', 'release']);
/** Passed by one that replays. */
export const REPLAYING = pointsOf(['begin', 'take', 'move', 'requeue', 'mark', 'conclude']);
/** Passed by one that pauses, resumes or cancels. */
export const CONTROLLING = pointsOf(['control']);
/** Between the permit and the gate; passed by a worker, and by a producer that sends. No rows of the matrix. */
const LOOKING = pointsOf(['find']);
/** The others: passed by a worker. */
export const WORKING = POINTS.filter(
  (point) => ![...SENDING, ...REPLAYING, ...CONTROLLING, ...LOOKING].includes(point),
);

const AT_ENGAGELAB: readonly Point[] = [
  'request half written',
  'request received',
  'reply half sent',
  'reply read',
];
/** Seen between worker and EngageLab; the others are seen on the way to Redis. */
export function isAtEngageLab(point: Point): boolean {
  return AT_ENGAGELAB.includes(point);
}

/** Whether what has just passed goes on its way, or is lost together with its connection. */
export type Fate = 'pass' | 'lose';
/** Told of every point that is passed; what passes waits for it. */
export type Watch = (point: Point) => Fate | Promise<Fate>;
