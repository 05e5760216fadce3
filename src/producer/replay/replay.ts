/**
 * Sends again what of a campaign was not accepted: plans, asks, and has the plan carried out. Source: docs/design/replay.md.
 */
import type { Redis } from 'ioredis';
import { CampaignHandle } from '../../shared/campaign/handle.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { redisNow } from '../../shared/redis/redis-clock.ts';
import { checkChoice } from './choice.ts';
import type { ReplayOptions, ReplayResult } from './options.ts';
import { planReplay } from './plan.ts';
import { Replaying } from './replaying.ts';

export type { ReplayOptions, ReplayResult } from './options.ts';

/**
 * @throws VolleyError `bad_input`; `not_found`; `conflict` while the campaign is being enqueued, or when it is cancelled
 *   meanwhile; `corrupt`
 */
export async function replay(
  redis: Redis,
  keys: Keys,
  id: string,
  options: ReplayOptions = {},
): Promise<ReplayResult> {
  checkChoice(options, await redisNow(redis));
  const plan = await planReplay(redis, keys, id, options);
  const { groups, messages, recipients, gone } = plan;
  const result: ReplayResult = {
    ...{ campaign: id, groups, planned: { messages, recipients } },
    ...{ replayed: null, chapter: null, busy: 0, changed: 0, gone },
  };
  if (options.dryRun || (options.confirm && !(await options.confirm(plan)))) return result;
  await new Replaying(new CampaignHandle(redis, keys, id), options, result).run(plan);
  return result;
}
