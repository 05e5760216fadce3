/**
 * What is said of a Redis that fails a command or a worker that starts: one line, with how to mend
 * it.
 */
import { VolleyError } from '../../shared/errors.ts';
import { isRefusal, whereIs, wordsOf } from '../../shared/redis/connection.ts';

/** @returns VolleyError `unavailable` for an error that came from Redis, or from the way to it */
export function redisFailure(error: unknown, url: string): VolleyError {
  const message = wordsOf(error);
  const what = isRefusal(error) ? message : `connection lost (${message})`;
  return new VolleyError('unavailable', `${whereIs(url)}: ${what}`, { cause: error });
}

/** What Redis itself refused, in these words; any other error as it is. */
export function explainRefusal(error: unknown, url: string): unknown {
  return isRefusal(error) ? redisFailure(error, url) : error;
}
