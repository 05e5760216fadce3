/** The moments of a message that may be chosen: whether they fit each other, and what EngageLab takes. Sends nothing. */
import { VolleyError } from '../../shared/errors.ts';
import { describeGiven } from '../../shared/given-value.ts';

/** EngageLab's bounds for `schedule_time`. */
const LEAST_AHEAD_MS = 180_000;
const MOST_AHEAD_MS = 30 * 86_400_000;
/** The last moment that `Date` knows. */
export const LAST_MS = 8.64e15;

/** Unix ms. */
export interface Times {
  at?: number | undefined;
  startAt?: number | undefined;
  notAfter?: number | undefined;
}

/**
 * `at` may be after `notAfter`: that one ends the handing over to EngageLab, which delivers at its own time.
 * @throws VolleyError `bad_input` for times that EngageLab would refuse, or that leave no time to send
 */
export function checkTimes({ at, startAt, notAfter }: Times, now: number): void {
  checkAreTimes({ at, startAt, notAfter });
  if (at !== undefined && (at <= now + LEAST_AHEAD_MS || at > now + MOST_AHEAD_MS)) {
    throw wrong('at', 'a time more than 3 minutes and at most 30 days ahead', at);
  }
  if (startAt !== undefined && startAt <= now) throw wrong('start-at', 'a time ahead', startAt);
  if (at !== undefined && startAt !== undefined && at <= startAt + LEAST_AHEAD_MS) {
    // Nearer than that, each message would go out at once when its turn comes, without its time.
    const start = new Date(startAt).toISOString();
    throw wrong('at', `a time more than 3 minutes after the start (start-at ${start})`, at);
  }
  if (notAfter !== undefined && notAfter <= Math.max(now, startAt ?? now)) {
    throw wrong('not-after', 'a time ahead, and after the start', notAfter);
  }
}

/** @throws VolleyError `bad_input` for what is no time at all */
export function checkAreTimes({ at, startAt, notAfter }: Times): void {
  for (const [name, time] of Object.entries({ at, 'start-at': startAt, 'not-after': notAfter })) {
    if (time !== undefined && !isTime(time)) throw wrong(name, 'Unix ms', time);
  }
}

/** A program may give anything, such as a `Date`. */
function isTime(time: unknown): time is number {
  return typeof time === 'number' && Math.abs(time) <= LAST_MS;
}

function wrong(name: string, expected: string, got: unknown): VolleyError {
  return new VolleyError('bad_input', `${name}: expected ${expected}, got ${describeTime(got)}`);
}

/** As ISO 8601 where it is a time at all. */
export function describeTime(given: unknown): string {
  if (isTime(given)) return new Date(given).toISOString();
  return `${describeGiven(given)}${given instanceof Date ? '; its getTime() is that' : ''}`;
}
