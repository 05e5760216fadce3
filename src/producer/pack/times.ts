import { VolleyError } from '../../shared/errors.ts';

/** EngageLab's bounds for `schedule_time`. */
const LEAST_AHEAD_MS = 180_000;
const MOST_AHEAD_MS = 30 * 86_400_000;

/** Unix ms. */
export interface Times {
  at?: number | undefined;
  startAt?: number | undefined;
  notAfter?: number | undefined;
}

/** @throws VolleyError `bad_input` for times that EngageLab would refuse, or that leave no time to send */
export function checkTimes({ at, startAt, notAfter }: Times, now: number): void {
  if (at !== undefined && (at <= now + LEAST_AHEAD_MS || at > now + MOST_AHEAD_MS)) {
    throw wrong('at', 'a time more than 3 minutes and at most 30 days ahead', at);
  }
  if (startAt !== undefined && startAt <= now) throw wrong('start-at', 'a time ahead', startAt);
  if (notAfter !== undefined && notAfter <= Math.max(now, startAt ?? now)) {
    throw wrong('not-after', 'a time ahead, and after the start', notAfter);
  }
}

function wrong(name: string, expected: string, got: number): VolleyError {
  const text = new Date(got).toISOString();
  return new VolleyError('bad_input', `${name}: expected ${expected}, got ${text}`);
}
