/**
 * A replay's steps in the record, each one script on the campaign's slot: begin a chapter, take messages into it where
 * they are, end it. The record is changed before any job is queued again; what still has to be queued stands in a hash, in
 * the same step. `move.ts` is its other half. Source: docs/design/replay.md.
 */
import type { Redis } from 'ioredis';
import { ALL_ACCEPTED } from '../ledger/fold.ts';
import type { CampaignKeys } from '../redis/keys.ts';
import { loadScript } from '../redis/script.ts';
import { REPLAYED } from './fields.ts';

const BEGIN = loadScript(new URL('begin-replay.lua', import.meta.url));

/** The options of a replay, as text: run again after it broke off, the same one goes on. */
export type ReplayFingerprint = string;

/** @returns the chapter; undefined while the campaign is being enqueued */
export async function beginReplay(
  redis: Redis,
  keys: CampaignKeys,
  fingerprint: ReplayFingerprint,
  record: object,
): Promise<number | undefined> {
  const reply = await BEGIN.run(
    redis,
    [keys.campaign, keys.replays, keys.counts],
    [fingerprint, JSON.stringify(record)],
  );
  const chapter = Number(Array.isArray(reply) ? reply[0] : Number.NaN);
  return Number.isNaN(chapter) ? undefined : chapter;
}

/** @returns the chapter of the same replay, where it began and has not come to its end */
export async function unfinishedReplay(
  redis: Redis,
  keys: CampaignKeys,
  fingerprint: ReplayFingerprint,
): Promise<number | undefined> {
  const open = (await redis.hget(keys.replays, 'open')) ?? '';
  const [chapter = '', ...what] = open.split(' ');
  return what.join(' ') === fingerprint ? Number(chapter) : undefined;
}

const END = loadScript(new URL('end-replay.lua', import.meta.url));

export async function endReplay(redis: Redis, keys: CampaignKeys, chapter: number): Promise<void> {
  await END.run(redis, [keys.replays], [chapter]);
}

const TAKE = loadScript(new URL('take.lua', import.meta.url), { ALL_ACCEPTED, REPLAYED });

export interface Taking {
  index: number;
  /** How many numbers the message has. */
  numbers: number;
  /** The head of its entry as it was chosen: one that has changed since is left as it is. */
  head: string;
}

export type TakeRefusal = 'closed' | 'cancelled' | 'gone' | 'busy';

/**
 * @param notAfter the job's, Unix ms
 * @returns for each whether it is in the chapter now; or why none is. `busy`: a worker is at the job
 */
export async function takeMessages(
  redis: Redis,
  keys: CampaignKeys,
  jobId: string,
  chapter: number,
  now: number,
  takings: readonly Taking[],
  notAfter?: number,
): Promise<boolean[] | TakeRefusal> {
  const values: (string | number)[] = [jobId, chapter, now, notAfter ?? ''];
  for (const { index, numbers, head } of takings) values.push(index, numbers, head);
  const job = [keys.ledger(jobId), keys.counts, keys.campaign, keys.job(jobId), keys.lock(jobId)];
  const sets = [keys.job('failed'), keys.job('completed'), keys.replaying, keys.gone];
  const reply = await TAKE.run(redis, [...job, ...sets], values);
  if (Array.isArray(reply)) return reply.map((each) => each === 1);
  return reply === 'cancelled' || reply === 'gone' || reply === 'busy' ? reply : 'closed';
}

const QUEUED = loadScript(new URL('mark-queued.lua', import.meta.url));

/** Takes jobs that are in their queue off what a replay still has to do. */
export async function markQueued(
  redis: Redis,
  keys: CampaignKeys,
  queued: readonly (readonly [jobId: string, value: string])[],
): Promise<void> {
  await QUEUED.run(redis, [keys.replaying], queued.flat());
}
