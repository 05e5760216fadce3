/**
 * Keeps a list from being sent twice with one template under two ids by mistake: whoever releases a
 * campaign first claims the two for a day. A claim counts only if its campaign was released by the
 * very `send` that made it, so one that died, was refused or taken back blocks nobody, and nothing
 * has to be undone.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CampaignHandle } from '../../shared/campaign/handle.ts';
import { conflict, type VolleyError } from '../../shared/errors.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { loadScript } from '../../shared/redis/script.ts';

const WINDOW_MS = 24 * 60 * 60 * 1000;
/**
 * How long a claim whose `send` has not released yet is waited for: it claims right before it
 * releases.
 */
const UNDECIDED_MS = 10_000;

const CLAIM = loadScript(new URL('claim-list.lua', import.meta.url));

/** One `send`: its campaign and its token. */
interface Claimant {
  readonly id: string;
  readonly token: string;
}

/** What may not go out twice within a day. @param listHash hex SHA-256 of the list */
export function sameListKey(keys: Keys, listHash: string, template: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([listHash, template]))
    .digest('hex');
  return keys.fleet.sameList(hash);
}

/**
 * @throws VolleyError `conflict` where another campaign sent the same within a day, unless that is
 *   wanted
 */
export async function refuseSameList(
  campaign: CampaignHandle,
  { template, again }: { template: string; again?: boolean | undefined },
  listHash: string,
): Promise<void> {
  if (again) return;
  const claim = sameListKey(campaign.keys, listHash, template);
  const there = claimantOf(await campaign.redis.get(claim));
  if (there === undefined || there.id === campaign.id) return;
  if ((await stateOf(campaign, there)) === 'sent') throw await sentBefore(campaign, claim, there);
}

/**
 * Right before the release.
 * @throws VolleyError `conflict` as above, also where the other one is at it now
 */
export async function claimSameList(
  campaign: CampaignHandle,
  claim: string,
  token: string,
): Promise<void> {
  const own = textOf({ id: campaign.id, token });
  const until = performance.now() + UNDECIDED_MS;
  let gone = '';
  for (;;) {
    const reply = await CLAIM.run(campaign.redis, [claim], [own, WINDOW_MS, gone]);
    const there = claimantOf(reply);
    if (there === undefined) return;
    const state = await stateOf(campaign, there);
    if (state === 'sent' || performance.now() > until) {
      throw await sentBefore(campaign, claim, there);
    }
    if (state === 'gone') gone = textOf(there);
    else await sleep(100);
  }
}

/** For a `send` with `again`: from now on the claim is its own, for it was the last to send. */
export async function renewSameList(
  { redis, id }: CampaignHandle,
  claim: string,
  token: string,
): Promise<void> {
  await redis.set(claim, textOf({ id, token }), 'PX', WINDOW_MS);
}

/** What came of another `send`, by its campaign. */
async function stateOf(
  { redis, keys }: CampaignHandle,
  { id, token }: Claimant,
): Promise<'sent' | 'undecided' | 'gone'> {
  const own = keys.campaign(id);
  // In this order: a lease goes with the release, or after everything else.
  const lease = await redis.get(own.lease);
  const [phase, releasedBy] = await redis.hmget(own.campaign, 'phase', 'released_by');
  if (releasedBy) return releasedBy === token ? 'sent' : 'gone';
  if (lease === token) return 'undecided';
  return phase === 'enqueuing' || !phase ? 'gone' : 'sent';
}

async function sentBefore(
  { redis, id }: CampaignHandle,
  claim: string,
  there: Claimant,
): Promise<VolleyError> {
  const left = await redis.pttl(claim);
  const minutes = Math.max(1, Math.round((WINDOW_MS - left) / 60_000));
  const ago = minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
  return conflict(
    'same_list',
    `campaign ${id}: the same list was sent with the same template ${ago} ago, as campaign ${there.id}; ` +
      '--again sends it once more',
  );
}

function textOf({ id, token }: Claimant): string {
  return `${token} ${id}`;
}

function claimantOf(text: unknown): Claimant | undefined {
  const [, token, id] = /^(\S+) (\S+)$/.exec(String(text ?? '')) ?? [];
  return token === undefined || id === undefined ? undefined : { id, token };
}
