/** Notes in a campaign's hash that its jobs are kept from being run, for whoever asks how it is. */
import type { Redis } from 'ioredis';
import type { Hindrance } from '../../shared/hindrance.ts';
import type { CampaignKeys } from '../../shared/redis/keys.ts';
import { loadScript } from '../../shared/redis/script.ts';

const NOTE = loadScript(new URL('note-hindrance.lua', import.meta.url));

export async function noteHindrance(
  redis: Redis,
  own: CampaignKeys,
  hindrance: Hindrance,
): Promise<void> {
  await NOTE.run(redis, [own.campaign], [hindrance]);
}
