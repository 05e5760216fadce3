/**
 * Whether a campaign that began more than a day ago is still texting people, or was a day after it
 * began: one that is slow, was paused, waits for its canary's end, or was replayed. What is sent
 * every day, and done within hours, is not held up by it. It reads no jobs.
 */
import type { CampaignRecord } from '../../shared/campaign/campaign.ts';
import { CampaignHandle } from '../../shared/campaign/handle.ts';
import { type Listed, WINDOW_MS } from './listed.ts';

/** Asked at once: there may be thousands. */
const PIECE = 100;

/**
 * @param old campaigns that began more than a day ago
 * @param since Unix ms
 * @returns those that came to their end before then, or within a day
 */
export async function whichAreOver<Each extends Listed>(
  { redis, keys }: CampaignHandle,
  old: readonly Each[],
  since: number,
): Promise<ReadonlySet<Each>> {
  const over = new Set<Each>();
  for (let first = 0; first < old.length; first += PIECE) {
    const ask = async (each: Each) => {
      if (!(await wasAtWork(new CampaignHandle(redis, keys, each.id), since))) over.add(each);
    };
    await Promise.all(old.slice(first, first + PIECE).map(ask));
  }
  return over;
}

async function wasAtWork(campaign: CampaignHandle, since: number): Promise<boolean> {
  const { redis, fleet, id } = campaign;
  const record = await campaign.find();
  if (record?.phase !== 'released') return false;
  if ((await campaign.counts()).pending > 0) return true;
  const finished = await redis.zscore(fleet.finished, id);
  // Workers that have not let go of it yet may have texted the last just now.
  return (
    finished === null ||
    Number(finished) >= Math.max(since, beganAt(record, since + WINDOW_MS) + WINDOW_MS)
  );
}

/** Its release, or its start where that was later and has come. @param now Unix ms, by Redis's clock */
export function beganAt(record: CampaignRecord | undefined, now: number): number {
  const { released_at: released = now, start_at: start = 0 } = record ?? {};
  return start <= now ? Math.max(released, start) : released;
}
