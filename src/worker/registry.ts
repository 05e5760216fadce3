import type { Redis } from 'ioredis';
import { BRAKE_FIELDS, brakesIn, type QueueBrakes } from '../shared/campaign/queue-brakes.ts';
import { type QueuedWork, readQueuedWork } from '../shared/campaign/queued-work.ts';
import { type Halt, haltOf } from '../shared/halt.ts';
import type { Keys } from '../shared/redis/keys.ts';

/** A campaign that workers look after, as the registry has it. */
export interface Registered {
  id: string;
  /** Raised by whoever puts work back into a campaign: a removal that raced with it then fails. */
  generation: string;
  /**
   * From when on it needs a worker, Unix ms; Infinity while nobody knows: it is not released, is
   * paused, or has no job. Until then it takes no place. One that was cancelled has jobs to end at
   * any time.
   */
  dueAt: number;
  /** Nothing is pending, BullMQ has nothing left to run, and no replay is at it; or another program removed its record. */
  isOver: boolean;
  /** Its canary is over, and jobs that were held back have still to be put back. */
  hasHeld: boolean;
  /** A replay has broken off: what it had taken has still to be queued. */
  isBrokenOff: boolean;
  /** It is paused, or has a canary: some of it nobody runs. */
  isKept: boolean;
  /** The `not_after` of some of its jobs may have passed. */
  mayExpire: boolean;
  /** By `pause`, or by another program that stopped its queue. */
  isPaused: boolean;
  /** Why it has stopped by itself, where it has. */
  halt: Halt | undefined;
  /** What another program has set on its queue. */
  brakes: QueueBrakes;
  /** Recipients that nothing has become of yet; 1 where its counts are gone. */
  pending: number;
  /** All of it that had not been sent. */
  isCancelled: boolean;
  /** Messages in a job, on average. */
  messagesPerJob: number;
  /** It has limits of its own, under the fleet's. */
  isLimited: boolean;
  /** Where its requests go since the first of them; undefined while none was sent. */
  origin: string | undefined;
}

const FIELDS = [
  ...['phase', 'start_at', 'messages', 'jobs', 'rate', 'paused', 'cancelled', 'chapter'],
  ...['canary', 'paused_by', 'paused_why', 'origin', 'expiry_look'],
];

/**
 * BullMQ makes a delayed job due only while a worker serves its queue. So a worker, which looks
 * twice a second, attaches up to a second before.
 */
export const EARLY_MS = 1000;

/**
 * One pipeline for all campaigns' hashes, as every worker asks twice a second. A second round asks
 * what BullMQ has, only of those that could be sent now.
 * @param now Unix ms
 */
export async function readRegistry(redis: Redis, keys: Keys, now: number): Promise<Registered[]> {
  const serving = Object.entries(await redis.hgetall(keys.fleet.serving));
  if (serving.length === 0) return [];
  const question = redis.pipeline();
  for (const [id] of serving) {
    const own = keys.campaign(id);
    question
      .hmget(own.campaign, ...FIELDS)
      .hmget(own.counts, 'pending', 'recipients')
      .hmget(own.job('meta'), ...BRAKE_FIELDS);
  }
  const replies = ((await question.exec()) ?? []).map(([error, reply]) => {
    if (error) throw error;
    return reply;
  });
  const looks = serving.map(async ([id, generation], at): Promise<Registered> => {
    const [record, counts, meta] = replies.slice(3 * at);
    const [left, recipients] = Array.isArray(counts) ? counts : [];
    // Without its counts nobody knows what is pending.
    const isUncounted = recipients === null;
    const brakes = brakesIn(meta);
    const [phase, startAt, messages, jobs, rate, paused, cancelled, chapter, ...more] =
      Array.isArray(record) ? record : [];
    const [canary, by, why, origin, expiryLook] = more;
    const isCancelled = Number(cancelled ?? 0) >= Number(chapter ?? 1);
    // Replies that were under way may have settled the last of it: then its jobs are still to be
    // ended.
    const isStopped = paused === '1' || brakes.stops !== undefined;
    const isPaused = isStopped && !isCancelled && Number(left ?? 0) > 0;
    const opensAt = isCancelled ? 0 : Number(startAt ?? 0);
    const isOpen = phase === 'released' && !isPaused;
    const work = isOpen && opensAt <= now ? await readQueuedWork(redis, keys.campaign(id)) : null;
    const hasHeld = work !== null && work.held > 0 && (canary === null || work.pending === 0);
    const isKept = isPaused || (canary !== null && !isCancelled && Number(left ?? 0) > 0);
    const looksAt = expiryLook === null ? 1 : Number(expiryLook ?? 0);
    const workDueAt = work === null ? opensAt : dueAt(work, isCancelled || hasHeld);
    return {
      id,
      generation,
      dueAt: isOpen && brakes.stops === undefined ? workDueAt : Number.POSITIVE_INFINITY,
      brakes,
      isOver: phase === null || (!isUncounted && hasEnded(work)),
      isBrokenOff: work !== null && work.unlaid > 0 && !work.isReplayed,
      hasHeld,
      isKept,
      mayExpire: looksAt > 0 && looksAt <= now,
      isPaused,
      halt: isPaused && by === 'halt' ? haltOf(why) : undefined,
      pending: isUncounted ? 1 : Number(left ?? 0),
      isCancelled,
      messagesPerJob: Math.max(1, Number(messages ?? 1) / Math.max(1, Number(jobs ?? 1))),
      isLimited: rate !== null,
      origin: origin ?? undefined,
    };
  });
  return Promise.all(looks);
}

function hasEnded(work: QueuedWork | null): boolean {
  return work !== null && work.pending <= 0 && isIdle(work) && !work.isReplayed;
}

function isIdle({ ready, delayedUntil }: QueuedWork): boolean {
  return ready === 0 && delayedUntil === Number.POSITIVE_INFINITY;
}

/**
 * @param isAll whether what is put off is due, too: jobs of a campaign that was cancelled only have
 *   to be ended
 */
function dueAt(work: QueuedWork, isAll: boolean): number {
  if (work.ready > 0 || (isAll && !isIdle(work))) return 0;
  return work.delayedUntil - EARLY_MS;
}
