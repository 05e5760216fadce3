/**
 * The valve: a set of locks in Redis, each with a reason; sending needs all of them open. The pacer's script reads it;
 * here it is locked and opened. Source: docs/design/pacing.md, "The valve".
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import * as z from 'zod';
import { isOpenedByNameOnly, LOCK_REASONS, type LockReason } from '../lock-reasons.ts';
import type { FleetKeys } from '../redis/keys.ts';
import { redisNow } from '../redis/redis-clock.ts';
import { loadScript } from '../redis/script.ts';
import { lastHasLeft } from './first-byte.ts';

export type { LockReason };

const StoredLock = z.object({
  since: z.number(),
  /** Absent: until somebody opens it. */
  until: z.number().optional(),
  detail: z.string(),
});

/** Times in Unix ms. */
export interface Lock extends z.infer<typeof StoredLock> {
  reason: LockReason;
  /** Of an `unauthorized` lock: the credentials that it holds back, and no others. */
  fingerprint?: string | undefined;
}

/** Names the credentials without telling them: one pair that is refused must not stop another. */
export function fingerprintOf(devKey: string, devSecret: string): string {
  return createHash('sha256').update(`${devKey}:${devSecret}`).digest('hex').slice(0, 8);
}

const LOCK = loadScript(new URL('lock-valve.lua', import.meta.url));

/** @returns whether this is news: the valve was not locked for that reason before */
export async function lockValve(redis: Redis, keys: FleetKeys, lock: Lock): Promise<boolean> {
  const { reason, fingerprint, ...value } = lock;
  const values = [fieldOf(reason, fingerprint), JSON.stringify(value)];
  return (await LOCK.run(redis, [keys.valve], values)) === 1;
}

/**
 * Stops the whole fleet until `operator` is opened. When this returns, nothing further leaves.
 * @returns whether this is news
 */
export async function holdFleet(redis: Redis, keys: FleetKeys, detail: string): Promise<boolean> {
  const lock = { reason: 'operator', since: await redisNow(redis), detail } as const;
  const isNew = await lockValve(redis, keys, lock);
  await lastHasLeft(redis, keys);
  return isNew;
}

/**
 * Opens the locks of one reason, or all of them but those that must be named.
 * @param fingerprint of an `unauthorized` lock; without it, those of all credentials
 * @returns the reasons that had been locked
 */
export async function openValve(
  redis: Redis,
  keys: FleetKeys,
  reason?: LockReason,
  fingerprint?: string,
): Promise<LockReason[]> {
  const fields = (await redis.hkeys(keys.valve)).filter((field) => {
    if (reason === undefined) return !isOpenedByNameOnly(reasonOf(field).reason);
    if (fingerprint !== undefined) return field === fieldOf(reason, fingerprint);
    return reasonOf(field).reason === reason;
  });
  if (fields.length > 0) await redis.hdel(keys.valve, ...fields);
  return [...new Set(fields.map((field) => reasonOf(field).reason))];
}

/** The locks that hold at `now` (Unix ms), the oldest first. */
export async function readValve(
  redis: Redis,
  keys: Pick<FleetKeys, 'valve'>,
  now: number,
): Promise<Lock[]> {
  const locks = Object.entries(await redis.hgetall(keys.valve));
  return locks
    .map(([field, text]) => ({ ...StoredLock.parse(JSON.parse(text)), ...reasonOf(field) }))
    .filter(({ until }) => until === undefined || until > now)
    .sort((a, b) => a.since - b.since);
}

/** The pacer's script reads these fields too. */
function fieldOf(reason: LockReason, fingerprint: string | undefined): string {
  return fingerprint === undefined ? reason : `${reason}:${fingerprint}`;
}

function reasonOf(field: string): { reason: LockReason; fingerprint?: string } {
  const [word, fingerprint] = field.split(':');
  const reason = LOCK_REASONS.find((each) => each === word) ?? 'operator';
  return { reason, ...(fingerprint !== undefined && { fingerprint }) };
}
