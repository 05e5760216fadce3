import type { Redis } from 'ioredis';
import { VolleyError } from '../errors.ts';
import { whereIs } from './connection.ts';

/** BullMQ's scripts, and ours, use commands that older ones do not have. */
export const OLDEST_REDIS = '6.2';

/** @returns undefined where Redis does not tell: a user may not be allowed INFO */
export async function readVersion(redis: Redis): Promise<string | undefined> {
  const info = await redis.info('server').catch(() => '');
  return /^redis_version:(\S+)/m.exec(info)?.[1];
}

export function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = OLDEST_REDIS.split('.').map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}

/** @throws VolleyError `unavailable` where the scripts could not run */
export async function refuseOld(redis: Redis, url: string): Promise<void> {
  const version = await readVersion(redis);
  if (version === undefined || !isTooOld(version)) return;
  const what = `expected Redis ${OLDEST_REDIS} or newer, got ${version}`;
  throw new VolleyError('unavailable', `${whereIs(url)}: ${what}`);
}
