/** The record of a campaign's replays: which chapter each began, who asked for it, and when. */
import type { Redis } from 'ioredis';
import * as z from 'zod';
import type { Keys } from '../redis/keys.ts';

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
  redis: Redis,
  keys: Keys,
  id: string,
): Promise<ReadonlyMap<number, ReplayRecord>> {
  const { open: _open, ...records } = await redis.hgetall(keys.campaign(id).replays);
  return new Map(
    Object.entries(records).map(([chapter, text]) => [
      Number(chapter),
      ReplayRecord.parse(JSON.parse(text)),
    ]),
  );
}
