import type { Redis } from 'ioredis';
import { serve } from '../../shared/campaign/serving.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { onceForFleet } from './once-for-fleet.ts';

const PIECE = 500;

/**
 * Puts campaigns that are released and not finished back among those that workers look after, where
 * another program, or Redis, has removed that list. Whichever worker comes first does it for the
 * fleet. One that is being released at this moment may be put there twice, which does nothing.
 * @returns those that were not there
 */
export async function serveUnserved(redis: Redis, keys: Keys): Promise<string[]> {
  const { sweepUnserved } = keys.fleet;
  const found = await onceForFleet(redis, sweepUnserved, async () => {
    const done = await serveAll(redis, keys);
    return { done, isMore: false };
  });
  return found ?? [];
}

async function serveAll(redis: Redis, keys: Keys): Promise<string[]> {
  const { campaigns, serving } = keys.fleet;
  const served = new Set(await redis.hkeys(serving));
  const ids = (await redis.zrange(campaigns, '0', '-1')).filter((id) => !served.has(id));
  const found: string[] = [];
  for (let first = 0; first < ids.length; first += PIECE) {
    const piece = ids.slice(first, first + PIECE);
    const question = redis.pipeline();
    for (const id of piece) {
      const own = keys.campaign(id);
      question.hmget(own.campaign, 'phase').hmget(own.counts, 'pending', 'recipients');
    }
    const replies = (await question.exec()) ?? [];
    for (const [at, id] of piece.entries()) {
      const [phase] = listIn(replies[2 * at]);
      const [pending, recipients] = listIn(replies[2 * at + 1]);
      const isUnfinished = Number(pending ?? 0) > 0 || recipients === null;
      if (phase !== 'released' || !isUnfinished) continue;
      await serve(redis, keys.fleet, id);
      found.push(id);
    }
  }
  return found;
}

function listIn(reply: [error: Error | null, result: unknown] | undefined): unknown[] {
  const [error, result] = reply ?? [];
  if (error) throw error;
  return Array.isArray(result) ? result : [];
}
