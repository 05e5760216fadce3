/**
 * Pause, resume and cancel one campaign. When a pause or a cancel returns, nothing further of the campaign leaves; what
 * was under way is still written down. It holds no job and waits for no worker: the gate does the rest.
 * Source: docs/design/control.md.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { CampaignHandle, noCampaign } from '../../shared/campaign/handle.ts';
import { removeLaidJobs } from '../../shared/campaign/laid-jobs.ts';
import { takeOffBrakes } from '../../shared/campaign/queue-brakes.ts';
import { conflict } from '../../shared/errors.ts';
import { LAST_LEAVING_MS } from '../../shared/fleet/first-byte.ts';
import { NOTIFICATIONS } from '../../shared/job.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { type CampaignStatus, campaignStatus } from '../report/status.ts';
import { endCanary } from '../send/canary.ts';
import {
  type Control,
  type Controlled,
  control,
  controlResume,
  type Found,
} from './control-scripts.ts';
import { refuseNotifications } from './refuse-notifications.ts';

/** What stops notifications, too. */
const INSTEAD = 'volley hold stops the whole fleet';

/** The campaign as it is after the call. */
export interface ControlResult extends CampaignStatus {
  /** False where it was so already. */
  changed: boolean;
  /** After a `resume` of one that had halted: the code it does not stop for again. */
  passes?: string;
}

/**
 * Sends nothing further of a campaign until `resume`. One that is being enqueued, or scheduled, is paused from its
 * release on.
 * @throws VolleyError `not_found`; `conflict` where it is finished, cancelled or forgotten; `bad_input` for `notifications`
 */
export async function pause(redis: Redis, keys: Keys, id: string): Promise<ControlResult> {
  const campaign = new CampaignHandle(redis, keys, id);
  return resultOf(campaign, await carryOut(campaign, 'pause'));
}

/** What a canary holds back, before it is sent. */
export interface HeldBack {
  campaign: string;
  /** How many people would be texted. */
  recipients: number;
}

/** On what condition a campaign is resumed. Default: on none. */
export interface ResumeOptions {
  /** Asked before the rest behind a canary is sent; where the answer is false, nothing is changed. */
  confirm?: ((held: HeldBack) => boolean | Promise<boolean>) | undefined;
  /** How many recipients the caller saw pending; where they are others by now, nothing is changed. */
  expectPending?: number | undefined;
}

/**
 * Takes off a pause: whatever was before it goes on, also a canary to its own end. One that had halted does not stop for
 * the same code again, whatever is sent of it by now. Only where nobody paused it and its canary is over, it sends the
 * rest. A canary under way is left as it is. What another program has set on its queue in BullMQ it takes off in any
 * case, of the notifications too.
 * @throws VolleyError `not_found`; `conflict` where it is cancelled or forgotten, or is not any more what was expected or
 *   asked about; `bad_input` for `notifications` that nothing holds up
 */
export async function resume(
  redis: Redis,
  keys: Keys,
  id: string,
  options: ResumeOptions = {},
): Promise<ControlResult> {
  const campaign = new CampaignHandle(redis, keys, id);
  if (id === NOTIFICATIONS && (await takeOffBrakes(redis, keys, id)))
    return resultOf(campaign, 'done');
  refuseNotifications('resume', id, INSTEAD);
  let { expectPending } = options;
  const look = await controlResume(redis, campaign.own, 'look', expectPending);
  let { found, passes } = look;
  if (found === 'rest' && options.confirm) {
    const isWanted = await options.confirm({ campaign: id, recipients: look.pending });
    if (!isWanted) return resultOf(campaign, 'already');
    expectPending = look.pending;
  }
  // Only what was found is done, whatever others do meanwhile.
  if (found === 'unpause' || found === 'rest') {
    // Before the gate opens, so that it is never open to a queue that stands still.
    await takeOffBrakes(redis, keys, id);
    const done = await controlResume(redis, campaign.own, found, expectPending);
    checkFound(done, id, 'resume', expectPending);
    ({ found, passes } = done);
  } else {
    checkFound(look, id, 'resume', expectPending);
    if (await takeOffBrakes(redis, keys, id)) found = 'done';
  }
  await endCanary(redis, campaign.own);
  const result = await resultOf(campaign, found);
  return passes === undefined ? result : { ...result, passes };
}

/**
 * Ends a campaign: what has not been sent never is, and counts as `cancelled`. One that is being enqueued is stopped,
 * and what was laid of it cleared. However large it is, that takes the same time.
 * @throws VolleyError `not_found`; `conflict` where it is finished or forgotten; `bad_input` for `notifications`
 */
export async function cancel(redis: Redis, keys: Keys, id: string): Promise<ControlResult> {
  const campaign = new CampaignHandle(redis, keys, id);
  const found = await carryOut(campaign, 'cancel');
  // Its jobs are still to be ended.
  await takeOffBrakes(redis, keys, id);
  const record = await campaign.find();
  if (record?.phase === 'enqueuing') await clearLaid(campaign);
  else await endCanary(redis, campaign.own);
  return resultOf(campaign, found);
}

/** Once it returns, nothing further of the campaign leaves. */
async function carryOut(
  { redis, own, id }: CampaignHandle,
  verb: 'pause' | 'cancel',
): Promise<Found> {
  refuseNotifications(verb, id, INSTEAD);
  const done = await control(redis, own, verb);
  checkFound(done, id, verb);
  // A job that nobody holds has no attempt that could still leave.
  if (done.active > 0) await sleep(LAST_LEAVING_MS);
  return done.found;
}

/** @throws VolleyError where nothing was done, and it was not so already */
function checkFound(
  { found, pending }: Controlled,
  id: string,
  verb: Control,
  expected?: number,
): void {
  if (found === 'unknown') throw noCampaign(id);
  if (found === 'done' || found === 'already') return;
  const reasons = {
    finished: 'it is finished: nothing of it is left to send',
    cancelled: 'it was cancelled: nothing further of it is sent',
    forgotten: 'it is finished, and its jobs were forgotten',
    changed: `${expected} recipients were expected to be pending, and ${pending} are now`,
    paused: 'it was paused meanwhile',
    unpause: 'it is paused',
    rest: 'its canary is over',
  };
  const isOver = found === 'finished' || found === 'cancelled' || found === 'forgotten';
  const why = isOver ? found : 'changed';
  throw conflict(why, `campaign ${id}: expected one to ${verb}; ${reasons[found]}`);
}

async function resultOf({ redis, keys, id }: CampaignHandle, found: Found): Promise<ControlResult> {
  return { ...(await campaignStatus(redis, keys, id)), changed: found === 'done' };
}

/** A `send` that is alive clears what it laid when it notices; after one that died, this does. */
async function clearLaid({ redis, own }: CampaignHandle): Promise<void> {
  while ((await redis.exists(own.lease)) === 1) await sleep(100);
  await removeLaidJobs(redis, own, undefined);
}
