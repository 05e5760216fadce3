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
};

const SENDING: readonly Point[] = [
  'during send',
  'job laid',
  'before the release',
  'after the release',
];
/** Passed by a producer; the others by a worker. */
export function isSending(point: Point): boolean {
  return SENDING.includes(point);
}

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
