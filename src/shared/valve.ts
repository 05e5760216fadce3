/**
 * The valve: a set of locks in Redis, each with a reason; sending needs all of them open.
 * The pacer's script reads it; here it is locked and opened. Source: DESIGN.md, "Pacing".
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import * as z from 'zod';
import type { FleetKeys } from './keys.ts';

const Lock = z.object({
  since: z.number(),
  /** Unix ms; absent: until somebody opens it. */
  until: z.number().optional(),
  detail: z.string(),
});
export type Lock = z.infer<typeof Lock> & { reason: string };

/** Names the credentials without telling them: one pair that is refused must not stop another. */
export function fingerprintOf(devKey: string, devSecret: string): string {
  return createHash('sha256').update(`${devKey}:${devSecret}`).digest('hex').slice(0, 8);
}

export function unauthorizedReason(fingerprint: string): string {
  return `unauthorized:${fingerprint}`;
}

/** Locks for `reason`; a lock that is there stays, except that a later `until` moves it. */
export async function lockValve(redis: Redis, keys: FleetKeys, lock: Lock): Promise<boolean> {
  const { reason, ...value } = lock;
  const before = await readLock(redis, keys, reason);
  if (before && (before.until === undefined || before.until >= (lock.until ?? Infinity))) {
    return false;
  }
  await redis.hset(
    keys.valve,
    reason,
    JSON.stringify({ ...value, since: before?.since ?? value.since }),
  );
  return before === undefined || (before.until ?? Infinity) < value.since;
}

export async function openValve(redis: Redis, keys: FleetKeys, reason: string): Promise<boolean> {
  return (await redis.hdel(keys.valve, reason)) > 0;
}

/** The locks that hold at `now` (Unix ms). */
export async function readValve(redis: Redis, keys: FleetKeys, now: number): Promise<Lock[]> {
  const locks = Object.entries(await redis.hgetall(keys.valve));
  return locks.flatMap(([reason, text]) => {
    const lock = { ...Lock.parse(JSON.parse(text)), reason };
    return lock.until !== undefined && lock.until <= now ? [] : [lock];
  });
}

async function readLock(redis: Redis, keys: FleetKeys, reason: string) {
  const text = await redis.hget(keys.valve, reason);
  return text === null ? undefined : Lock.parse(JSON.parse(text));
}
