/**
 * Which campaigns were sent with a template within a day, as Redis knows them: a list for each
 * template, and for each `send` on it the sketch of its people. A `send` lists itself right before
 * its release. It counts only once its campaign was released by that very `send`, so one that died,
 * was refused or taken back blocks nobody. Both expire, a week after the day that counts, for a
 * campaign may still text people then; what is left of the dead is taken away by whoever comes upon
 * it.
 */
import type { CampaignHandle } from '../../shared/campaign/handle.ts';
import { type Listed, listOf, memberOf, unlistSends } from '../../shared/campaign/listed-sends.ts';
import { redisNow } from '../../shared/redis/redis-clock.ts';
import { loadScript } from '../../shared/redis/script.ts';
import { decodeSketch, encodeSketch, type Sketch } from './sketch.ts';

/** How long a campaign counts as sent: from its release, or from the time it starts. */
export const WINDOW_MS = 24 * 60 * 60 * 1000;
/** How long it is known: one that is slow, paused or replayed texts people long after its release. */
const KEPT_MS = 8 * WINDOW_MS;
/** Most campaigns of a template that are known, the newest: 20 MB of sketches, where all are large. */
const MOST_LISTED = 5000;
/** Sketches fetched at once, 400 kB. */
const PIECE = 100;

const LIST = loadScript(new URL('list.lua', import.meta.url));

export { type Listed, memberOf };

/** @returns those of other campaigns, the oldest first */
export async function readListed(campaign: CampaignHandle, template: string): Promise<Listed[]> {
  const { redis } = campaign;
  return listedIn(campaign, await redis.zrange(keyOf(campaign, template), '0', '-1'));
}

/**
 * Lists a `send` of this campaign; again, where Redis may have lost that.
 * @param from Unix ms of when people are texted first
 * @returns those of other campaigns that were listed before it, the oldest first
 */
export async function listSend(
  campaign: CampaignHandle,
  template: string,
  token: string,
  sketch: Sketch,
  from: number,
): Promise<Listed[]> {
  const { redis, own } = campaign;
  const now = await redisNow(redis);
  const ms = Math.max(0, from - now) + KEPT_MS;
  // First, so that whoever finds it listed finds its people.
  await redis.set(own.sketch(token), encodeSketch(sketch), 'PX', ms);
  const member = memberOf({ id: campaign.id, token });
  const reply = await LIST.run(redis, [keyOf(campaign, template)], [member, now, ms, MOST_LISTED]);
  return listedIn(campaign, Array.isArray(reply) ? reply : []);
}

/** Takes off those that have come to nothing. */
export async function unlist(
  campaign: CampaignHandle,
  template: string,
  gone: readonly Listed[],
): Promise<void> {
  await unlistSends(campaign.redis, campaign.keys, template, gone);
}

/** Takes off those whose sketch is gone already. */
export async function unlistExpired(
  campaign: CampaignHandle,
  template: string,
  expired: readonly Listed[],
): Promise<void> {
  if (expired.length === 0) return;
  await campaign.redis.zrem(keyOf(campaign, template), ...expired.map(memberOf));
}

/** What is known of a listed `send`'s people. */
export interface Known {
  readonly sketch: Sketch;
  /** It was released, or started, more than a day ago. */
  readonly isOld: boolean;
}

/** In pieces: each with its sketch, or with none where that has expired. */
export async function* readSketches(
  { redis, keys }: CampaignHandle,
  listed: readonly Listed[],
): AsyncGenerator<[Listed, Known | undefined]> {
  for (let first = 0; first < listed.length; first += PIECE) {
    const piece = listed.slice(first, first + PIECE);
    const pipeline = redis.pipeline();
    for (const { id, token } of piece) {
      const key = keys.campaign(id).sketch(token);
      pipeline.getBuffer(key).pttl(key);
    }
    const replies = (await pipeline.exec()) ?? [];
    for (const [at, each] of piece.entries()) {
      const [error, bytes] = replies[2 * at] ?? [];
      if (error) throw error;
      const sketch = Buffer.isBuffer(bytes) ? decodeSketch(bytes) : undefined;
      // By how long it is kept still: so no clock is compared with another.
      const isOld = Number(replies[2 * at + 1]?.[1]) < KEPT_MS - WINDOW_MS;
      yield [each, sketch && { sketch, isOld }];
    }
  }
}

/** What came of a `send`, by its campaign. */
export async function stateOf(
  { redis, keys }: CampaignHandle,
  { id, token }: Listed,
): Promise<'sent' | 'undecided' | 'gone'> {
  const own = keys.campaign(id);
  // In this order: a lease goes with the release, or after everything else.
  const lease = await redis.get(own.lease);
  const [phase, releasedBy] = await redis.hmget(own.campaign, 'phase', 'released_by');
  if (releasedBy) return releasedBy === token ? 'sent' : 'gone';
  if (lease === token) return 'undecided';
  return phase === 'enqueuing' || !phase ? 'gone' : 'sent';
}

function listedIn({ id }: CampaignHandle, members: readonly unknown[]): Listed[] {
  return members.flatMap((member) => {
    const [token, other] = String(member).split(' ');
    return token && other && other !== id ? [{ id: other, token }] : [];
  });
}

function keyOf({ keys }: CampaignHandle, template: string): string {
  return listOf(keys, template);
}
