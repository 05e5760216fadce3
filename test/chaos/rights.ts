/** The user that workers are in Redis loses a right in the middle of a campaign, and gets it back. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Surroundings } from './deeds.ts';
import type { Victim } from './stage.ts';

/** A step's first half, every script, and everything. */
export const RIGHTS = ['hset', 'evalsha', '@all'] as const;
export type Right = (typeof RIGHTS)[number];

export const USER = 'workers';
export const PASSWORD = 'geheim';

/** The user is there anew after each start of Redis. */
export async function setRights(redis: Redis, taken: Right | undefined): Promise<void> {
  const rights = ['on', `>${PASSWORD}`, '~*', '&*', '+@all'];
  if (taken) rights.push(`-${taken}`);
  await redis.call('ACL', 'SETUSER', USER, ...rights);
}

const TAKEN_MS = 1500;

/** @param victim fails in the middle of it */
export async function takeRight(
  right: Right,
  victim: Victim | undefined,
  { takeRight: take, strike }: Surroundings,
): Promise<void> {
  await take(right);
  await sleep(TAKEN_MS / 2);
  if (victim) await strike(victim);
  await sleep(TAKEN_MS / 2);
  await take(undefined);
}
