/** What a worker says of itself, every half second, for `status` and health checks. */
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import * as z from 'zod';
import type { FleetKeys } from '../redis/keys.ts';

const Heartbeat = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.int(),
  /** Requests under way. */
  in_flight: z.int(),
  /** Requests started in the last second. */
  sent_per_s: z.number(),
  /** Of its credentials, as in the valve's lock for them. */
  fingerprint: z.string().optional(),
  /** Where its requests go, and which campaigns it may send there (`shared/destination.ts`). */
  origin: z.string().optional(),
  reach: z.enum(['own', 'new', 'any']).optional(),
  /** By Redis's clock, Unix ms. */
  started_at: z.int().optional(),
  /** The campaigns that have a place with it, and how many places it has. Unknown of a worker of an older version. */
  serving: z.array(z.string()).optional(),
  max_campaigns: z.int().optional(),
  /** What keeps it from fetching or moving jobs, since when, and how often it came. */
  trouble: z.object({ error: z.string(), since: z.int(), count: z.int() }).optional(),
  /** By how much its machine's clock is ahead of Redis's; negative where it is behind. Unknown of older workers. */
  clock_off_ms: z.int().optional(),
  /** Unix ms, by Redis's clock. */
  seen_at: z.int(),
});
export type Heartbeat = z.infer<typeof Heartbeat>;

/** A worker that was silent for so long is not counted as running. */
export const FRESH_MS = 10_000;
/** Of a clock that is further off than this, people are told. */
const CLOCK_OFF_MS = 60_000;
const FORGOTTEN_MS = 24 * 3_600_000;

export function newWorkerId(): string {
  return randomBytes(4).toString('hex');
}

export async function beat(redis: Redis, keys: FleetKeys, heartbeat: Heartbeat): Promise<void> {
  await redis.hset(keys.workers, heartbeat.id, JSON.stringify(heartbeat));
}

export async function leave(redis: Redis, keys: FleetKeys, id: string): Promise<void> {
  await redis.hdel(keys.workers, id);
}

/** Whether its machine's clock is so far from Redis's that somebody should set it. Nothing is sent by it. */
export function isClockOff({
  clock_off_ms,
}: {
  clock_off_ms?: number | null | undefined;
}): boolean {
  return Math.abs(clock_off_ms ?? 0) > CLOCK_OFF_MS;
}

/** Workers seen lately. Entries of workers that died without a word are removed after a day. */
export async function readWorkers(
  redis: Redis,
  keys: FleetKeys,
  now: number,
): Promise<Heartbeat[]> {
  const all = Object.entries(await redis.hgetall(keys.workers));
  const fresh: Heartbeat[] = [];
  for (const [id, text] of all) {
    const heartbeat = read(text);
    if (heartbeat && heartbeat.seen_at > now - FRESH_MS) fresh.push(heartbeat);
    else if (!heartbeat || heartbeat.seen_at < now - FORGOTTEN_MS)
      await redis.hdel(keys.workers, id);
  }
  return fresh;
}

/** One that cannot be read, left by another version, must not keep anybody from seeing the others. */
function read(text: string): Heartbeat | undefined {
  try {
    return Heartbeat.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
