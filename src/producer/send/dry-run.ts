/**
 * A `send` that enqueues nothing: reads the whole list as it would, and says what it would come to, and what it would
 * be refused for. Without Redis, what is known only there is left out: opt-outs, and what was sent before.
 */
import type { Redis } from 'ioredis';
import { CampaignHandle } from '../../shared/campaign/handle.ts';
import { VolleyError } from '../../shared/errors.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { redisNow } from '../../shared/redis/redis-clock.ts';
import type { ListSource } from '../list/options.ts';
import { findSuppressedWith } from '../opt-outs/suppress.ts';
import { SentBeforeCheck } from '../sent-before/sent-before.ts';
import { refuseOtherList } from './identity.ts';
import type { InnerSendOptions } from './options.ts';
import { checkRead, type Preparation, prepare, previewOf, readList } from './preparation.ts';
import type { Preview } from './preview.ts';

/** What a campaign would be, and what `send` would be refused for. */
export interface DryRun extends Preview {
  /** Why `send` would be refused. */
  readonly problem: VolleyError | undefined;
  /** The same command had been run before: `send` would enqueue nothing. */
  readonly isSent: boolean;
}

export interface Connection {
  readonly redis: Redis;
  readonly keys: Keys;
}

/** @throws VolleyError `bad_input` for options or a list that cannot be used as a whole */
export async function dryRun(
  source: ListSource,
  options: InnerSendOptions,
  connection: Connection | undefined,
): Promise<DryRun> {
  const now = connection ? await redisNow(connection.redis) : Date.now();
  const preparation = await prepare(source, options, now);
  const campaign =
    connection && new CampaignHandle(connection.redis, connection.keys, preparation.id);
  const findSuppressed = campaign
    ? findSuppressedWith(campaign.redis, campaign.keys, options.findSuppressed)
    : options.findSuppressed;
  const { template, again = false, signal } = options;
  const check = campaign && (await SentBeforeCheck.open(campaign, { template, again, signal }));
  const people = check?.people;
  const reading = await readList(preparation, { findSuppressed, signal, people });
  const preview = () => previewOf(preparation, reading, check?.found);
  try {
    checkRead(preparation, reading.totals);
    const isSent =
      campaign !== undefined && (await wasReleased(campaign, preparation, reading.sha256));
    const problem = isSent ? undefined : await check?.look();
    return { ...preview(), problem, isSent };
  } catch (error) {
    const isExpected = error instanceof VolleyError && error.code !== 'unavailable';
    if (isExpected) return { ...preview(), problem: error, isSent: false };
    throw error;
  }
}

/**
 * @returns whether this very campaign was released before
 * @throws VolleyError `conflict` where another list was, under this id
 */
async function wasReleased(
  campaign: CampaignHandle,
  { identity }: Preparation,
  listHash: string,
): Promise<boolean> {
  const known = await campaign.find();
  if (known === undefined || known.phase === 'enqueuing') return false;
  refuseOtherList(campaign.id, listHash, identity, known.fingerprint);
  return true;
}
