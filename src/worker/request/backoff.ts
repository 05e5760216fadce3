/** Milliseconds. Source: docs/design/outcomes.md, "Retries". */
export interface BackoffOptions {
  baseMs: number;
  capMs: number;
}

/**
 * How long to wait before attempt `attempt + 1`: uniform in [half, whole] of min(cap, base · 2^(attempt − 1)).
 * @param attempt the attempt that failed, counted from 1
 * @param random from 0 to 1
 */
export function backoffMs(attempt: number, random: number, options: BackoffOptions): number {
  const whole = Math.min(options.capMs, options.baseMs * 2 ** (attempt - 1));
  return Math.round(whole / 2 + (whole / 2) * random);
}

const LONGEST_RETRY_AFTER_MS = 3_600_000;

/**
 * A `Retry-After` that is a date, as seconds from the reply's own `Date`: both are of the clock over
 * there, which ours need not agree with. Any other is left as it is.
 */
export function sinceReply(header: string | undefined, date: string | undefined) {
  if (header === undefined || date === undefined) return header;
  const ms = parseHttpDate(header.trim()) - parseHttpDate(date.trim());
  return Number.isNaN(ms) ? header : String(Math.max(0, ms) / 1000);
}

/**
 * `Retry-After` in milliseconds from `now` (Unix ms); undefined where it says nothing that can be used.
 * Capped at an hour: a mistaken header must not stop the fleet for a day.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : parseHttpDate(text) - now;
  if (Number.isNaN(ms)) return undefined;
  return Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, Math.round(ms)));
}

/** `Date.parse` alone would read "-5" and "try 7" as days of the year 2001. */
function parseHttpDate(text: string): number {
  return /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) : Number.NaN;
}
