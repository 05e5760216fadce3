/**
 * Whether a campaign that began more than a day ago is still texting people, or was a day after it
 * began: one that is slow, was paused, waits for its canary's end, or was replayed. What is sent
 * every day, and done within hours, is not held up by it. It reads no jobs.
 */
import type { CampaignRecord } from '../../shared/campaign/campaign.ts';
import type { CampaignHandle } from '../../shared/campaign/handle.ts';
import { WINDOW_MS } from './listed.ts';

/**
 * @param since Unix ms
 * @returns false where it came to its end before then, or within a day
 */
export async function wasAtWork(campaign: CampaignHandle, since: number): Promise<boolean> {
  const { redis, fleet, id } = campaign;
  const record = await campaign.find();
  if (record?.phase !== 'released') return false;
  if ((await campaign.counts()).pending > 0) return true;
  const finished = await redis.zscore(fleet.finished, id);
  // Workers that have not let go of it yet may have texted the last just now.
  return finished === null || Number(finished) >= Math.max(since, beganAt(record) + WINDOW_MS);
}

/** Its release, or its start where that was later and has come. */
export function beganAt(record: CampaignRecord | undefined): number {
  const { released_at: released = Date.now(), start_at: start = 0 } = record ?? {};
  return start <= Date.now() ? Math.max(released, start) : released;
}
