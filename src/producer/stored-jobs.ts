import type { Redis } from 'ioredis';
import type { Keys } from '../shared/keys.ts';
import { readPiece, type StoredJob } from '../shared/stored-jobs.ts';

export { jobIds, type StoredJob } from '../shared/stored-jobs.ts';

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
