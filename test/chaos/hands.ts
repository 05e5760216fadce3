/** What another program does to a campaign's queue while it is being sent. */
import { Redis } from 'ioredis';
import { createKeys } from '../../src/shared/redis/keys.ts';
import { openQueue } from '../../src/shared/redis/queue.ts';
import type { Surroundings } from './deeds.ts';

export const HANDIWORK = [
  'pause the queue',
  'retry and promote all',
  'delete the ledgers',
  'drain',
  'obliterate',
] as const;
export type Handiwork = (typeof HANDIWORK)[number];

/** Whether it takes jobs or ledgers away, so that their recipients may end lost. */
export function takesAway(deed: string): boolean {
  return deed === 'delete the ledgers' || deed === 'drain' || deed === 'obliterate';
}

export async function workOn(deed: Handiwork, around: Surroundings): Promise<void> {
  const { campaign, prefix, redisUrl } = around;
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const keys = createKeys(prefix);
  const queue = openQueue(redis, keys, campaign);
  try {
    switch (deed) {
      case 'pause the queue': {
        await queue.pause();
        await around.until((status) => status.paused?.by === 'queue' || status.pending === 0);
        await around.operator.run('resume', campaign);
        return;
      }
      case 'retry and promote all':
        await queue.retryJobs({ state: 'failed' });
        await queue.retryJobs({ state: 'completed' });
        return await queue.promoteJobs();
      case 'delete the ledgers': {
        const ledgers = await redis.keys(`${keys.campaign(campaign).ledger('')}*`);
        if (ledgers.length > 0) await redis.del(...ledgers);
        return;
      }
      case 'drain':
        return await queue.drain(true);
      case 'obliterate':
        return await queue.obliterate({ force: true });
    }
  } finally {
    await queue.close();
    redis.disconnect();
  }
}
