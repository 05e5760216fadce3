/**
 * Pause, resume and cancel one campaign. When a pause or a cancel returns, nothing further of the campaign leaves; what
 * was under way is still written down. It holds no job and waits for no worker: the gate does the rest.
 * Source: docs/design.md, "Pause, resume, cancel".
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { readCampaign } from '../shared/campaign.ts';
import { VolleyError } from '../shared/errors.ts';
import { LAST_LEAVING_MS } from '../shared/first-byte.ts';
import { NOTIFICATIONS } from '../shared/job.ts';
import type { Keys } from '../shared/keys.ts';
import { openQueue } from '../shared/queue.ts';
import { endCanary } from './canary.ts';
import { type Control, control, type Found } from './control-scripts.ts';
import { removeLaidJobs } from './laid-jobs.ts';
import { type CampaignStatus, campaignStatus } from './status.ts';

/** The campaign as it is after the call. */
export interface ControlResult extends CampaignStatus {
  /** False where it was so already. */
  changed: boolean;
}

/**
 * Sends nothing further of a campaign until `resume`. One that is being enqueued, or scheduled, is paused from its
 * release on.
 * @throws VolleyError `not_found`; `conflict` where it is finished, cancelled or forgotten; `bad_input` for `notifications`
 */
export async function pause(redis: Redis, keys: Keys, id: string): Promise<ControlResult> {
  const { found, active } = await carryOut(redis, keys, id, 'pause');
  // A job that nobody holds has no attempt that could still leave.
  if (active > 0) await sleep(LAST_LEAVING_MS);
  return resultOf(redis, keys, id, found);
}

/** @throws VolleyError `not_found`; `conflict` where it is cancelled or forgotten; `bad_input` for `notifications` */
export async function resume(redis: Redis, keys: Keys, id: string): Promise<ControlResult> {
  // Refused before anything is changed.
  await carryOut(redis, keys, id, 'resume', 'look');
  await resumeQueue(redis, keys, id);
  const { found } = await carryOut(redis, keys, id, 'resume');
  const wasCanary = await endCanary(redis, keys.campaign(id));
  return resultOf(redis, keys, id, wasCanary ? 'done' : found);
}

/**
 * Ends a campaign: what has not been sent never is, and counts as `cancelled`. One that is being enqueued is stopped,
 * and what was laid of it cleared. However large it is, that takes the same time.
 * @throws VolleyError `not_found`; `conflict` where it is finished or forgotten; `bad_input` for `notifications`
 */
export async function cancel(redis: Redis, keys: Keys, id: string): Promise<ControlResult> {
  const { found, active } = await carryOut(redis, keys, id, 'cancel');
  if (active > 0) await sleep(LAST_LEAVING_MS);
  const campaign = await readCampaign(redis, keys, id);
  if (campaign?.phase === 'enqueuing') await clearLaid(redis, keys, id);
  // Nothing is held back any more: those jobs are to be ended, and a replay is not a canary.
  else await endCanary(redis, keys.campaign(id));
  return resultOf(redis, keys, id, found);
}

async function carryOut(
  redis: Redis,
  keys: Keys,
  id: string,
  verb: Control,
  step: Control | 'look' = verb,
): Promise<{ found: Found; active: number }> {
  if (id === NOTIFICATIONS) {
    throw new VolleyError(
      'bad_input',
      `${verb}: expected a campaign of a list, got ${NOTIFICATIONS}; volley hold stops the whole fleet`,
    );
  }
  const done = await control(redis, keys.campaign(id), step);
  const { found } = done;
  if (found === 'unknown')
    throw new VolleyError('not_found', `no campaign ${id}; volley campaigns lists them`);
  if (found === 'done' || found === 'already') return done;
  const reasons = {
    finished: 'it is finished: nothing of it is left to send',
    cancelled: 'it was cancelled: nothing further of it is sent',
    forgotten: 'it is finished, and its jobs were forgotten',
  };
  throw new VolleyError('conflict', `campaign ${id}: expected one to ${verb}; ${reasons[found]}`);
}

async function resultOf(
  redis: Redis,
  keys: Keys,
  id: string,
  found: Found,
): Promise<ControlResult> {
  return { ...(await campaignStatus(redis, keys, id)), changed: found === 'done' };
}

/** Whatever had paused BullMQ's queue: before the gate opens, so that it is never open to a queue that stands still. */
async function resumeQueue(redis: Redis, keys: Keys, id: string): Promise<void> {
  // Asked by hand: to open a queue writes its settings, also where there is none.
  if ((await redis.hexists(keys.campaign(id).job('meta'), 'paused')) === 0) return;
  const queue = openQueue(redis, keys, id);
  try {
    await queue.resume();
  } finally {
    await queue.close();
  }
}

/** A `send` that is alive clears what it laid when it notices; after one that died, this does. */
async function clearLaid(redis: Redis, keys: Keys, id: string): Promise<void> {
  const own = keys.campaign(id);
  while ((await redis.exists(own.lease)) === 1) await sleep(100);
  await removeLaidJobs(redis, own, undefined);
}
