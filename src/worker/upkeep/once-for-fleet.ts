import type { Redis } from 'ioredis';

const MINUTE_MS = 60_000;

/**
 * Does a piece of work for the whole fleet, in whichever worker comes first; nobody does it again
 * for a while, unless there is more of it. It goes in pieces, so that a stop need not wait for it
 * all.
 * @param mark the key that says that a worker has taken it up
 * @param everyMs how long nobody does it again
 * @returns what the work says it did; undefined where another worker did it within that time
 */
export async function onceForFleet<Done>(
  redis: Redis,
  mark: string,
  work: () => Promise<{ done: Done; isMore: boolean }>,
  everyMs = MINUTE_MS,
): Promise<Done | undefined> {
  if ((await redis.set(mark, '1', 'PX', everyMs, 'NX')) === null) return undefined;
  const { done, isMore } = await work();
  if (isMore) await redis.unlink(mark);
  return done;
}
