import type { Redis } from 'ioredis';
import { readPiece, type StoredJob } from '../../shared/campaign/stored-jobs.ts';
import type { Keys } from '../../shared/redis/keys.ts';

export { jobIds, type StoredJob } from '../../shared/campaign/stored-jobs.ts';

/** Those of the jobs that are there and can be read. `readPiece` tells of the others, too. */
export async function readJobs(
  redis: Redis,
  keys: Keys,
  campaign: string,
  ids: readonly string[],
  number?: string,
): Promise<StoredJob[]> {
  return (await readPiece(redis, keys, campaign, ids, number)).jobs;
}
