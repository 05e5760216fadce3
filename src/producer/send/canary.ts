/**
 * A canary: the first recipients of a campaign are sent to, and the rest waits until somebody has looked. The jobs of
 * the rest are laid into BullMQ's delayed set with a time that is years away, so nothing picks them up and nothing has
 * to watch for the canary's end; going on makes them due, however many they are.
 */
import type { Redis } from 'ioredis';
import { HELD_SCORE, putBackHeld } from '../../shared/campaign/canary.ts';
import type { CampaignKeys } from '../../shared/redis/keys.ts';
import { loadScript } from '../../shared/redis/script.ts';

const AT_ONCE = 1000;

const HOLD = loadScript(new URL('hold-back.lua', import.meta.url));

/** Before the release, while nothing serves the queue. @param jobs how many stay to be sent at once */
export async function holdBack(redis: Redis, keys: CampaignKeys, jobs: number): Promise<void> {
  const lists = [keys.job('wait'), keys.job('delayed')];
  while (Number(await HOLD.run(redis, lists, [jobs, HELD_SCORE, AT_ONCE])) > 0);
}

/** Puts back whatever is held back no more: after a resume or a cancel has decided so, and nothing before. */
export async function endCanary(redis: Redis, keys: CampaignKeys): Promise<void> {
  while ((await putBackHeld(redis, keys)) > 0);
}
