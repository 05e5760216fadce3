import type { Redis } from 'ioredis';
import { readCampaign } from '../../shared/campaign/campaign.ts';
import { beginForgetting, type Forgetting, removeJobs } from '../../shared/campaign/forget.ts';
import { VolleyError } from '../../shared/errors.ts';
import { NOTIFICATIONS } from '../../shared/job.ts';
import type { Keys } from '../../shared/redis/keys.ts';

export interface ForgetResult {
  campaign: string;
  /** Unix ms; null where a cancel had cleared it before its release: then there was nothing to forget. */
  forgotten_at: number | null;
  /** What that has freed in Redis altogether. */
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
  if (id === NOTIFICATIONS) {
    throw new VolleyError(
      'bad_input',
      `forget: expected a campaign of a list, got ${NOTIFICATIONS}; ` +
        'they go by themselves after VOLLEY_RETAIN_DAYS',
    );
  }
  const begun = await beginForgetting(redis, keys, id, Date.now());
  const jobs = begun === 'begun' ? await removeJobs(redis, keys, id, Number.MAX_SAFE_INTEGER) : 0;
  const campaign = await readCampaign(redis, keys, id);
  const isCleared = campaign?.phase === 'enqueuing' && campaign.cancelled !== undefined;
  if (begun !== 'begun' && begun !== 'forgotten' && !isCleared) throw refusal(id, begun);
  return {
    campaign: id,
    forgotten_at: campaign?.forgotten_at ?? null,
    freed_bytes: campaign?.freed_bytes ?? 0,
    jobs,
    changed: begun === 'begun',
  };
}

function refusal(id: string, why: Exclude<Forgetting, 'begun' | 'forgotten'>): VolleyError {
  if (why === 'unknown')
    return new VolleyError('not_found', `no campaign ${id}; volley campaigns lists them`);
  const reasons = {
    enqueuing: 'it has not been released; volley cancel ends it',
    pending: 'it has recipients pending; wait for its end, or volley cancel it',
    unended: 'some of its jobs have still to be put away; a running worker does that',
  };
  return new VolleyError(
    'conflict',
    `campaign ${id}: expected one that is finished; ${reasons[why]}`,
  );
}
