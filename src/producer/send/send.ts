/**
 * Enqueues a campaign: prepares it, claims its id, and does the rest under that claim. The same
 * command once more finds it released, and does nothing.
 */
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { CampaignHandle } from '../../shared/campaign/handle.ts';
import { conflict } from '../../shared/errors.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { redisNow } from '../../shared/redis/redis-clock.ts';
import type { ListSource } from '../list/options.ts';
import { ClaimedSend } from './claimed-send.ts';
import { type Beginning, beginWhenFree } from './enqueue-scripts.ts';
import { refuseOtherList } from './identity.ts';
import type { InnerSendOptions, SendOptions } from './options.ts';
import { hashOf, prepare } from './preparation.ts';
import { resultBefore, type SendResult } from './result.ts';

export type { SendOptions } from './options.ts';
export type { SendResult } from './result.ts';

/**
 * Enqueues a campaign: reads the list to its end, lays its jobs, and releases them all in one step, or none.
 * @throws VolleyError `bad_input`, `conflict` (another list under this id, or another `send` at work on it),
 *   `interrupted`, `unavailable`. Nothing has been sent, and nothing is left behind where Redis can be reached.
 */
export async function send(
  redis: Redis,
  keys: Keys,
  source: ListSource,
  options: InnerSendOptions,
): Promise<SendResult> {
  const preparation = await prepare(source, options, await redisNow(redis));
  const campaign = new CampaignHandle(redis, keys, preparation.id);
  const token = randomBytes(8).toString('hex');
  const claimed = await claimId(campaign, token, options);
  if (claimed.kind === 'released') {
    const listHash = await hashOf(preparation);
    refuseOtherList(campaign.id, listHash, preparation.identity, claimed.fingerprint);
    return resultBefore(campaign);
  }
  return new ClaimedSend(campaign, token, preparation).run(claimed.kind === 'abandoned');
}

/** From now on no other `send` works on this id. @throws VolleyError `conflict` where one does, or it was cancelled */
async function claimId(
  campaign: CampaignHandle,
  token: string,
  { signal, onWait }: SendOptions,
): Promise<Exclude<Beginning, { kind: 'busy' | 'cancelled' | 'unrecorded' }>> {
  const { redis, own, id } = campaign;
  const beginning = await beginWhenFree(redis, own, id, token, signal, onWait);
  if (beginning.kind === 'busy') {
    throw conflict(
      'send_at_work',
      `campaign ${id}: another send is at work on it; wait for it to end`,
    );
  }
  if (beginning.kind === 'cancelled') {
    throw conflict(
      'cancelled',
      `campaign ${id}: it was cancelled while it was being enqueued, and nothing of it was sent; ` +
        'to send it after all, choose another --campaign',
    );
  }
  if (beginning.kind === 'unrecorded') {
    throw conflict(
      'unrecorded',
      `campaign ${id}: another program, or Redis, removed its record, and what is left of it shows that it was ` +
        'sent; nothing was laid, for nobody can tell any more who of it was texted',
    );
  }
  return beginning;
}
