/** Moments on the command line: ISO 8601 with an offset or `Z`, for a local time would mean another moment elsewhere. */
import { VolleyError } from '../../shared/errors.ts';

const PATTERN =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?(Z|[+-]\d\d(?::?\d\d)?)?$/i;

/**
 * Unix ms.
 * @throws VolleyError `bad_input`, which names the option
 */
export function parseTime(option: string, text: string): number {
  const refuse = (expected: string): never => {
    throw new VolleyError('bad_input', `${option}: expected ${expected}, got "${text}"`);
  };
  const match = PATTERN.exec(text.trim());
  if (!match) return refuse('a time such as 2026-11-27T09:00:00+08:00 or 2026-11-27T01:00:00Z');
  const [, year, month, day, hour, minute, second = '00', offset] = match;
  if (offset === undefined) {
    return refuse('a time with an offset or Z at its end, such as 2026-11-27T09:00:00+08:00');
  }
  const wanted = [year, month, day, hour, minute, second].map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = wanted;
  const utc = new Date(Date.UTC(y, mo - 1, d, h, mi, s));
  // `Date` turns the 30th of February into a day in March.
  const got = [
    utc.getUTCFullYear(),
    utc.getUTCMonth() + 1,
    utc.getUTCDate(),
    utc.getUTCHours(),
    utc.getUTCMinutes(),
    utc.getUTCSeconds(),
  ];
  const away = offsetMs(offset);
  if (got.join() !== wanted.join() || away === undefined) return refuse('a time that exists');
  return utc.getTime() - away;
}

/** `+08:00`, `+0800` or `+08` in ms; undefined for one that no place has. */
function offsetMs(offset: string): number | undefined {
  if (offset.toUpperCase() === 'Z') return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3).replace(':', ''));
  if (hours > 14 || minutes > 59) return undefined;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
