/**
 * Campaigns whose `send` died before the release, and was not run again: what they have laid fills
 * Redis, and would for ever. After a day it is cleared, and the id is free again. Nothing of it was
 * sent. Whoever takes the id's lease meanwhile clears and goes on himself: each step looks.
 */
import type { Redis } from 'ioredis';
import {
  isLongAbandoned,
  removeAbandoned,
  withdrawAbandoned,
} from '../../shared/campaign/laid-jobs.ts';
import { unlistSends } from '../../shared/campaign/listed-sends.ts';
import { unserve } from '../../shared/campaign/serving.ts';
import { parseOr } from '../../shared/campaign/stored-jobs.ts';
import { Job } from '../../shared/job.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { onceForFleet } from './once-for-fleet.ts';

/** How often the fleet looks. */
const EVERY_MS = 10 * 60_000;
/** Most pieces of jobs removed in one look; the next goes on with the rest. */
const PIECES = 20;
/** Campaigns asked about at once. */
const AT_ONCE = 500;

/** Whichever worker comes first does it for the fleet. @returns the campaigns that are gone now */
export async function sweepAbandoned(redis: Redis, keys: Keys): Promise<string[]> {
  const mark = keys.fleet.sweepAbandoned;
  return (await onceForFleet(redis, mark, () => clearAbandoned(redis, keys), EVERY_MS)) ?? [];
}

async function clearAbandoned(
  redis: Redis,
  keys: Keys,
): Promise<{ done: string[]; isMore: boolean }> {
  const done: string[] = [];
  let left = PIECES;
  for (const id of await unreleased(redis, keys)) {
    const own = keys.campaign(id);
    if (!(await isLongAbandoned(redis, own))) continue;
    await unlist(redis, keys, id);
    let removed = await removeAbandoned(redis, own);
    while (removed === 'more' && --left > 0) removed = await removeAbandoned(redis, own);
    if (removed === 'more') return { done, isMore: true };
    if (removed === 'done' && (await withdraw(redis, keys, id))) done.push(id);
  }
  return { done, isMore: false };
}

async function unreleased(redis: Redis, keys: Keys): Promise<string[]> {
  const found: string[] = [];
  const { campaigns } = keys.fleet;
  for (let first = 0; ; first += AT_ONCE) {
    const ids = await redis.zrange(campaigns, String(first), String(first + AT_ONCE - 1));
    if (ids.length === 0) return found;
    const pipeline = redis.pipeline();
    for (const id of ids) pipeline.hget(keys.campaign(id).campaign, 'phase');
    const replies = (await pipeline.exec()) ?? [];
    found.push(...ids.filter((_id, at) => replies[at]?.[1] === 'enqueuing'));
  }
}

/**
 * It had listed itself among those of its template, perhaps, right before it died. Who it was only
 * its jobs tell.
 */
async function unlist(redis: Redis, keys: Keys, id: string): Promise<void> {
  const own = keys.campaign(id);
  const [held] = await redis.zrange(own.job('delayed'), '0', '0');
  const job = (await redis.lindex(own.job('wait'), -1)) ?? held;
  if (job === undefined) return;
  const [name = '', data] = await redis.hmget(own.job(job), 'name', 'data');
  const token = /^send (\S+)$/.exec(name ?? '')?.[1];
  const laid = Job.safeParse(parseOr(data));
  if (token === undefined || !laid.success) return;
  await unlistSends(redis, keys, laid.data.template, [{ id, token }]);
}

async function withdraw(redis: Redis, keys: Keys, id: string): Promise<boolean> {
  const own = keys.campaign(id);
  const { fleet } = keys;
  // Read while nobody has begun anew for certain: what another release puts there later stays.
  const generation = await redis.hget(fleet.serving, id);
  if (!(await withdrawAbandoned(redis, own))) return false;
  if (generation !== null) await unserve(redis, fleet, id, generation);
  const score = await redis.zscore(fleet.campaigns, id);
  await redis.zrem(fleet.campaigns, id);
  // One that has begun anew, right now, had found itself listed.
  if (score !== null && (await redis.exists(own.campaign)) === 1)
    await redis.zadd(fleet.campaigns, 'NX', score, id);
  return true;
}
