import type { CampaignRecord } from '../../shared/campaign/campaign.ts';
import type { CampaignHandle } from '../../shared/campaign/handle.ts';
import { readReplays } from '../../shared/campaign/replays.ts';

/** A replay that broke off, or was stopped. */
export interface BrokenOffReplay {
  /** The chapter that it began. */
  chapter: number;
  /** When it was asked for, Unix ms, and by whom. */
  at: number;
  by: string;
}

/** @returns null where the last replay has come to its end, is alive, or was cancelled */
export async function brokenOffReplay(
  campaign: CampaignHandle,
  { cancelled = 0 }: CampaignRecord,
): Promise<BrokenOffReplay | null> {
  const { redis, own } = campaign;
  const open = await redis.hget(own.replays, 'open');
  if (open === null || (await redis.exists(own.replayLease)) === 1) return null;
  const chapter = Number(open.split(' ')[0]);
  if (chapter <= cancelled) return null;
  const record = (await readReplays(campaign)).get(chapter);
  return record ? { chapter, at: record.at, by: record.by } : null;
}
