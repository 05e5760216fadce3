/**
 * What a canary holds back stands in BullMQ's delayed set with a time that is years away. As long as the campaign's
 * hash has its `canary`, it stays there; the step that takes the field off is what decides that the rest goes. Putting
 * the jobs back is work that anybody may go on with, wherever it broke off: resume, cancel, or a worker.
 */
import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../redis/keys.ts';
import { loadScript } from '../redis/script.ts';

/** BullMQ's scores are ms × 4096, and must stay exact: this one is in 2036. */
export const HELD_MS = 2_100_000_000_000;
export const SCORE_UNIT = 4096;
export const HELD_SCORE = HELD_MS * SCORE_UNIT;
const AT_ONCE = 1000;

const PUT_BACK = loadScript(new URL('put-back-held.lua', import.meta.url));

/**
 * Moves one piece of what is held back no more; nothing while the campaign has its canary and anybody is pending. Run
 * twice, or broken off and run again, it comes to the same.
 * @returns how many jobs are left to move
 */
export async function putBackHeld(redis: Redis, keys: CampaignKeys): Promise<number> {
  const lists = [
    keys.campaign,
    keys.job('delayed'),
    keys.job('wait'),
    keys.job('marker'),
    keys.counts,
  ];
  return Number(await PUT_BACK.run(redis, lists, [HELD_SCORE, AT_ONCE]));
}
