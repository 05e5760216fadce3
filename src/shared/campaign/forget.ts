/**
 * Forgetting a finished campaign: its jobs and ledgers go, in pieces that hold up nobody. Its id, its fingerprint and
 * its counts stay, so that the same list is still known as sent. Whoever was killed over it, another goes on.
 * Source: docs/design/retention.md.
 */
import type { Redis } from 'ioredis';
import type { CampaignKeys, Keys } from '../redis/keys.ts';
import { bytesOf } from '../redis/memory.ts';
import { loadScript } from '../redis/script.ts';

const BEGIN = loadScript(new URL('begin-forgetting.lua', import.meta.url));

/**
 * `begun`: its jobs may be removed; `forgotten`: they are gone already. Otherwise it stays: it is not released,
 * has recipients pending, or jobs that no worker has ended yet.
 */
const WORDS = ['unknown', 'enqueuing', 'pending', 'unended', 'begun', 'forgotten'] as const;
export type Forgetting = (typeof WORDS)[number];

/** Jobs a call to Redis: a call that frees many more would hold up others. */
const PIECE = 250;

/** @param now Unix ms */
export async function beginForgetting(
  redis: Redis,
  keys: Keys,
  id: string,
  now: number,
): Promise<Forgetting> {
  const own = keys.campaign(id);
  const queues = ['wait', 'active', 'delayed', 'prioritized'].map((name) => own.job(name));
  const reply = await BEGIN.run(redis, [own.campaign, own.counts, ...queues], [now]);
  const word = WORDS.find((each) => each === reply) ?? 'unknown';
  if (word !== 'begun') return word;
  await redis.hdel(keys.fleet.serving, id);
  // Due at once: if this process is killed, a worker goes on.
  await redis.zadd(keys.fleet.finished, 0, id);
  return word;
}

/**
 * Removes jobs of a campaign whose forgetting has begun, until none is left or `most` were removed.
 * @returns how many were removed; fewer than `most` only where nothing is left
 */
export async function removeJobs(
  redis: Redis,
  keys: Keys,
  id: string,
  most: number,
): Promise<number> {
  const own = keys.campaign(id);
  let removed = 0;
  for (const name of ['completed', 'failed']) {
    while (removed < most) {
      const piece = Math.min(PIECE, most - removed);
      const jobs = await redis.zrange(own.job(name), '0', String(piece - 1));
      if (jobs.length === 0) break;
      await removePiece(redis, own, name, jobs);
      removed += jobs.length;
    }
  }
  if (removed < most) await removeGone(redis, own);
  if (removed < most) await removeRest(redis, keys, id);
  return removed;
}

/** Freed and counted in one step, so that a piece is counted once. */
async function removePiece(
  redis: Redis,
  own: CampaignKeys,
  name: string,
  jobs: readonly string[],
): Promise<void> {
  const gone = jobs.flatMap((job) => [own.job(job), own.ledger(job), own.job(`${job}:logs`)]);
  const all = await redis.zcard(own.job(name));
  const [list = 0] = await bytesOf(redis, [own.job(name)], 'estimate');
  const bytes = await bytesOf(redis, gone, 'exact');
  const freed = sum(bytes) + Math.round((list * jobs.length) / Math.max(1, all));
  await redis
    .multi()
    .unlink(...gone)
    .zrem(own.job(name), ...jobs)
    .hincrby(own.campaign, 'freed_bytes', freed)
    .exec();
}

/** The ledgers of jobs that another program removed. */
async function removeGone(redis: Redis, own: CampaignKeys): Promise<void> {
  for (let cursor = '0'; ; ) {
    const [next, found] = await redis.hscan(own.gone, cursor, 'COUNT', PIECE);
    const jobs = found.filter((_each, at) => at % 2 === 0);
    if (jobs.length > 0) await redis.unlink(...jobs.map((job) => own.ledger(job)));
    if (next === '0') return;
    cursor = next;
  }
}

/** What BullMQ keeps of a queue besides its jobs, and where the campaign's own limits stood. */
async function removeRest(redis: Redis, keys: Keys, id: string): Promise<void> {
  const own = keys.campaign(id);
  const names = ['meta', 'events', 'marker', 'id', 'pc', 'stalled', 'stalled-check', 'limiter'];
  const rest = [...names.map((name) => own.job(name)), own.pacer, own.replays, own.replaying];
  rest.push(own.gone, own.retired);
  const bytes = await bytesOf(redis, rest, 'estimate');
  await redis
    .multi()
    .unlink(...rest)
    .hincrby(own.campaign, 'freed_bytes', sum(bytes))
    .hdel(own.campaign, 'forgetting')
    .exec();
  await redis.zrem(keys.fleet.finished, id);
}

function sum(bytes: readonly number[]): number {
  return bytes.reduce((total, each) => total + each, 0);
}
