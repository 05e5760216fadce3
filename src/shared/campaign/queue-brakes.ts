/**
 * What another program, such as a dashboard, has set on a campaign's queue in BullMQ so that its jobs are not run, or
 * only slowly: a pause, a global concurrency, a global rate limit. Volley sets none of these: its own pause is in the
 * campaign's hash. So whatever is there somebody else has put there, and `resume` takes it off.
 */
import type { Redis } from 'ioredis';
import type { CampaignKeys, Keys } from '../redis/keys.ts';
import { openQueue } from '../redis/queue.ts';

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

/** @returns whether there was anything to take off */
export async function takeOffBrakes(redis: Redis, keys: Keys, id: string): Promise<boolean> {
  // Asked by hand: to open a queue writes its settings, also where there is none.
  const { stops, slows } = await readBrakes(redis, keys.campaign(id));
  if (stops === undefined && slows === undefined) return false;
  const queue = openQueue(redis, keys, id);
  try {
    await queue.resume();
    await queue.removeGlobalConcurrency();
    await queue.removeGlobalRateLimit();
    await queue.removeRateLimitKey();
  } finally {
    await queue.close();
  }
  return true;
}
