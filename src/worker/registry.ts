import type { Redis } from 'ioredis';
import type { Keys } from '../shared/keys.ts';

/** A campaign that workers look after, as the registry has it. */
export interface Registered {
  id: string;
  /** Raised by whoever puts work back into a campaign: a removal that raced with it then fails. */
  generation: string;
  /** Released, its time has come, and it is not paused. One that was cancelled has jobs to end at any time. */
  isDue: boolean;
  isPaused: boolean;
  /** All of it that had not been sent. */
  isCancelled: boolean;
  /** Recipients that nothing has become of yet. */
  pending: number;
  /** Messages in a job, on average. */
  messagesPerJob: number;
  /** It has limits of its own, under the fleet's. */
  isLimited: boolean;
}

const FIELDS = ['phase', 'start_at', 'messages', 'jobs', 'rate', 'paused', 'cancelled', 'chapter'];

/** All of it in one write, for every worker asks twice a second. @param now Unix ms */
export async function readRegistry(redis: Redis, keys: Keys, now: number): Promise<Registered[]> {
  const serving = Object.entries(await redis.hgetall(keys.fleet.serving));
  if (serving.length === 0) return [];
  const question = redis.pipeline();
  for (const [id] of serving) {
    const own = keys.campaign(id);
    question.hmget(own.campaign, ...FIELDS).hget(own.counts, 'pending');
  }
  const replies = ((await question.exec()) ?? []).map(([error, reply]) => {
    if (error) throw error;
    return reply;
  });
  return serving.map(([id, generation], at) => {
    const [record, left] = replies.slice(2 * at);
    const [phase, startAt, messages, jobs, rate, paused, cancelled, chapter] = Array.isArray(record)
      ? record
      : [];
    const pending = Number(left ?? 0);
    const isCancelled = Number(cancelled ?? 0) >= Number(chapter ?? 1);
    // Replies that were under way may have settled the last of it: then its jobs are still to be ended.
    const isPaused = paused === '1' && !isCancelled && pending > 0;
    const isTime = isCancelled || Number(startAt ?? 0) <= now;
    return {
      id,
      generation,
      isDue: phase === 'released' && isTime && !isPaused,
      isPaused,
      isCancelled,
      pending,
      messagesPerJob: Math.max(1, Number(messages ?? 1) / Math.max(1, Number(jobs ?? 1))),
      isLimited: rate !== null,
    };
  });
}
