import type { Redis } from 'ioredis';
import { readCampaign } from '../../shared/campaign/campaign.ts';
import { beginForgetting, type Forgetting, removeJobs } from '../../shared/campaign/forget.ts';
import { noCampaign } from '../../shared/campaign/handle.ts';
import { conflict, type VolleyError } from '../../shared/errors.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { redisNow } from '../../shared/redis/redis-clock.ts';
import { refuseNotifications } from './refuse-notifications.ts';

/** What forgetting a campaign came to. */
export interface ForgetResult {
  campaign: string;
  /** Unix ms; null where a cancel had cleared it before its release: then there was nothing to forget. */
  forgotten_at: number | null;
  /** What that has freed in Redis altogether, in bytes. */
  freed_bytes: number;
  /** Jobs removed by this call. */
  jobs: number;
  /** False where its jobs had been forgotten before. */
  changed: boolean;
}

/**
 * Removes a finished campaign's jobs and ledgers, so its audit. Its id, fingerprint and counts stay. Killed in the
 * middle, it goes on when it is called again, or a worker does.
 * @throws VolleyError `not_found`; `conflict` for a campaign that is not finished; `bad_input` for `notifications`
 */
export async function forget(redis: Redis, keys: Keys, id: string): Promise<ForgetResult> {
  refuseNotifications('forget', id, 'they go by themselves after VOLLEY_RETAIN_DAYS');
  const begun = await beginForgetting(redis, keys, id, await redisNow(redis));
  const jobs = begun === 'begun' ? await removeJobs(redis, keys, id, Number.MAX_SAFE_INTEGER) : 0;
  const record = await readCampaign(redis, keys, id);
  const isCleared = record?.phase === 'enqueuing' && record.cancelled !== undefined;
  if (begun !== 'begun' && begun !== 'forgotten' && !isCleared) throw refusal(id, begun);
  return {
    campaign: id,
    forgotten_at: record?.forgotten_at ?? null,
    freed_bytes: record?.freed_bytes ?? 0,
    jobs,
    changed: begun === 'begun',
  };
}

function refusal(id: string, why: Exclude<Forgetting, 'begun' | 'forgotten'>): VolleyError {
  if (why === 'unknown') return noCampaign(id);
  const reasons = {
    enqueuing: 'it has not been released; volley cancel ends it',
    pending: 'it has recipients pending; wait for its end, or volley cancel it',
    unended: 'some of its jobs have still to be put away; a running worker does that',
  };
  const reason = why === 'enqueuing' ? 'not_released' : why;
  return conflict(reason, `campaign ${id}: expected one that is finished; ${reasons[why]}`);
}
