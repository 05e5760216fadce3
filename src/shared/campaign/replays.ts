/** The record of a campaign's replays: which chapter each began, who asked for it, and when. */
import * as z from 'zod';
import type { CampaignHandle } from './handle.ts';

export const ReplayRecord = z.object({
  /** Unix ms. */
  at: z.int(),
  by: z.string(),
  /** The options that it was asked for with. */
  options: z.record(z.string(), z.unknown()),
});
export type ReplayRecord = z.infer<typeof ReplayRecord>;

/** By chapter. */
export async function readReplays(
  campaign: CampaignHandle,
): Promise<ReadonlyMap<number, ReplayRecord>> {
  const { open: _open, ...records } = await campaign.redis.hgetall(campaign.own.replays);
  return new Map(
    Object.entries(records).map(([chapter, text]) => [
      Number(chapter),
      ReplayRecord.parse(JSON.parse(text)),
    ]),
  );
}
