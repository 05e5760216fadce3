import type { CampaignHandle } from '../../shared/campaign/handle.ts';
import { readPiece, type StoredJob } from '../../shared/campaign/stored-jobs.ts';

export { jobIds, type StoredJob } from '../../shared/campaign/stored-jobs.ts';

/** Those of the jobs that are there and can be read. `readPiece` tells of the others, too. */
export async function readJobs(
  campaign: CampaignHandle,
  ids: readonly string[],
): Promise<StoredJob[]> {
  return (await readPiece(campaign, ids)).jobs;
}
