/**
 * The list of campaigns that workers look after: how one gets on it and off it. What workers read there:
 * `worker/registry.ts`.
 */
import { randomInt } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { FleetKeys } from '../redis/keys.ts';
import { loadScript } from '../redis/script.ts';

/** Far beyond what one generation could meet another by chance. */
const MOST = 2 ** 40;

/**
 * Puts a campaign among those that workers look after, or raises its generation: a removal that was decided before then
 * fails. By chance, not by one: once it has been taken off it begins again from nothing, and a worker that stood still
 * would take the second life's generation for the first's.
 */
export async function serve(redis: Redis, keys: FleetKeys, id: string): Promise<void> {
  await redis.hincrby(keys.serving, id, randomInt(1, MOST));
}

const UNSERVE = loadScript(new URL('unserve.lua', import.meta.url));

/**
 * Takes it off again, unless somebody has put it there since `generation` was read.
 * @param finishedAt Unix ms, where it goes because it is finished: that is noted
 */
export async function unserve(
  redis: Redis,
  keys: FleetKeys,
  id: string,
  generation: string,
  finishedAt?: number,
): Promise<boolean> {
  const own = [keys.serving, keys.finished];
  return (await UNSERVE.run(redis, own, [id, generation, finishedAt ?? ''])) === 1;
}
