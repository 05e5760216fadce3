/**
 * What another program, such as a dashboard, has set on a campaign's queue in BullMQ so that its jobs are not run, or
 * only slowly: a pause, a global concurrency, a global rate limit. Volley sets none of these: its own pause is in the
 * campaign's hash. So whatever is there somebody else has put there, and `resume` takes it off.
 */
import type { Redis } from 'ioredis';
import type { CampaignKeys, Keys } from '../redis/keys.ts';
import { openQueue } from '../redis/queue.ts';
import { redisNow } from '../redis/redis-clock.ts';
import { HELD_MS, HELD_SCORE } from './canary.ts';
import { readQueuedWork } from './queued-work.ts';

/** In words; undefined where there is none. */
export interface QueueBrakes {
  /** Why BullMQ gives out no job of it. */
  stops: string | undefined;
  /** Why it gives out only few. */
  slows: string | undefined;
}

/** Of BullMQ's hash of the queue's settings. */
export const BRAKE_FIELDS = ['paused', 'concurrency', 'max', 'duration'];
const BY = 'by another program';

/** @param fields the settings' values, in the order of `BRAKE_FIELDS` */
export function brakesIn(fields: unknown): QueueBrakes {
  const [paused, concurrency, max, duration]: unknown[] = Array.isArray(fields) ? fields : [];
  const isSet = (value: unknown) => value !== null && value !== undefined;
  const stops: string[] = [];
  const slows: string[] = [];
  if (isSet(paused)) stops.push(`its queue was paused in BullMQ ${BY}`);
  if (isSet(concurrency)) {
    const words = `its queue was set to run at most ${concurrency} jobs at a time, ${BY}`;
    (Number(concurrency) < 1 ? stops : slows).push(words);
  }
  if (isSet(max) && isSet(duration)) {
    const words = `its queue was limited to ${max} jobs in ${duration} ms, ${BY}`;
    (Number(max) < 1 ? stops : slows).push(words);
  }
  return { stops: stops.join('; ') || undefined, slows: slows.join('; ') || undefined };
}

export async function readBrakes(redis: Redis, own: CampaignKeys): Promise<QueueBrakes> {
  return brakesIn(await redis.hmget(own.job('meta'), ...BRAKE_FIELDS));
}

/** What is due later than that is said to be put off; a back-off is mostly shorter. */
const LONG_MS = 60_000;
/** Most jobs made due by one call. */
const MOST = 10_000;

/**
 * When the first of a campaign's jobs is due, Unix ms, where all are put off for long; undefined where they are not. A
 * job can be put off in BullMQ by any program. What a canary holds back does not count.
 */
export async function putOffUntil(
  redis: Redis,
  own: CampaignKeys,
  now: number,
): Promise<number | undefined> {
  const { ready, delayedUntil } = await readQueuedWork(redis, own);
  const isLong = ready === 0 && delayedUntil > now + LONG_MS && delayedUntil < HELD_MS;
  return isLong ? delayedUntil : undefined;
}

/**
 * Makes jobs due that are put off for long. A run sends only what is due by its ledger, and puts the job off again until
 * then; so nothing is tried before its time.
 */
async function promoteLate(redis: Redis, keys: Keys, id: string): Promise<boolean> {
  const own = keys.campaign(id);
  if ((await putOffUntil(redis, own, await redisNow(redis))) === undefined) return false;
  const queue = openQueue(redis, keys, id);
  try {
    const late = `(${HELD_SCORE}`;
    const ids = await redis.zrangebyscore(own.job('delayed'), '-inf', late, 'LIMIT', 0, MOST);
    const promoted = await Promise.allSettled(
      ids.map(async (each) => (await queue.getJob(each))?.promote()),
    );
    return promoted.some(({ status }) => status === 'fulfilled');
  } finally {
    await queue.close();
  }
}

/** @returns whether there was anything to take off */
export async function takeOffBrakes(redis: Redis, keys: Keys, id: string): Promise<boolean> {
  // Asked by hand: to open a queue writes its settings, also where there is none.
  const { stops, slows } = await readBrakes(redis, keys.campaign(id));
  if (stops === undefined && slows === undefined) return promoteLate(redis, keys, id);
  const queue = openQueue(redis, keys, id);
  try {
    await queue.resume();
    await queue.removeGlobalConcurrency();
    await queue.removeGlobalRateLimit();
    await queue.removeRateLimitKey();
  } finally {
    await queue.close();
  }
  await promoteLate(redis, keys, id);
  return true;
}
