import type { Redis } from 'ioredis';
import { type CampaignCounts, readCampaign, readCounts } from '../../shared/campaign/campaign.ts';
import { jobIds, readPiece } from '../../shared/campaign/stored-jobs.ts';
import { VolleyError } from '../../shared/errors.ts';
import { NOTIFICATIONS } from '../../shared/job.ts';
import { Recount } from '../../shared/ledger/recount.ts';
import { isBalanced, STATES } from '../../shared/outcome.ts';
import type { Keys } from '../../shared/redis/keys.ts';

export interface Verification {
  campaign: string;
  /** Whether every count is what the jobs say, and both equations hold. */
  verified: boolean;
  jobs: number;
  messages: number;
  recipients: number;
  /**
   * Jobs that other hands removed, or made unreadable, and their recipients: what these came to stands in the counts, and
   * in no job that could be recounted.
   */
  gone: { jobs: number; recipients: number };
  differences: { count: string; stored: number; recounted: number }[];
}

/** How often a campaign that is being sent meanwhile is counted again, before that is said. */
const TRIES = 3;

/**
 * Recounts a campaign from its jobs and ledgers, and compares that with the counts that were moved on the way.
 * @throws VolleyError `not_found`; `conflict` while messages are settled faster than they can be counted
 */
export async function verify(redis: Redis, keys: Keys, id: string): Promise<Verification> {
  for (let tried = 0; tried < TRIES; tried++) {
    const before = await readCounts(redis, keys, id);
    const retired = await readRetired(redis, keys, id);
    const verification = await recount(redis, keys, id, before, retired);
    const after = [await readCounts(redis, keys, id), await readRetired(redis, keys, id)];
    if (JSON.stringify([before, retired]) === JSON.stringify(after)) return verification;
  }
  throw new VolleyError(
    'conflict',
    `campaign ${id}: it is being sent, so its counts move while they are checked; pause it or wait for its end`,
  );
}

/** What the jobs that were removed for their age had counted as: a removal moves it from one side to the other. */
function readRetired(redis: Redis, keys: Keys, id: string): Promise<Record<string, string>> {
  return redis.hgetall(keys.campaign(id).retired);
}

async function recount(
  redis: Redis,
  keys: Keys,
  id: string,
  stored: CampaignCounts,
  retired: Readonly<Record<string, string>>,
): Promise<Verification> {
  const campaign = await readCampaign(redis, keys, id);
  if (!campaign)
    throw new VolleyError('not_found', `no campaign ${id}; volley campaigns lists them`);
  const sum = new Recount(campaign.cancelled ?? 0);
  const recounted = sum.counts;
  let jobs = 0;
  let messages = 0;
  let gone = 0;
  let ofGone = 0;
  let unknown = 0;
  for await (const ids of jobIds(redis, keys, id)) {
    const piece = await readPiece(redis, keys, id, ids);
    jobs += piece.jobs.length;
    for (const { job, entries } of piece.jobs) {
      messages += job.messages.length;
      sum.addJob(
        entries,
        job.messages.map(([to]) => to.length),
      );
    }
    for (const { fields, sizes, found } of piece.missing) {
      gone += 1;
      ofGone += sizes?.reduce((total, size) => total + size, 0) ?? 0;
      if (sizes) sum.addLedger(fields, sizes);
      else if (found === 0 || found > (campaign.gone ?? 0)) unknown += 1;
    }
  }
  const read = recounted['recipients'] ?? 0;
  for (const [name, count] of Object.entries(retired)) sum.add(name, Number(count));
  const names = new Set([...STATES, 'recipients', ...Object.keys(recounted)]);
  for (const code of Object.keys(stored.codes)) names.add(`code:${code}`);
  const storedCount = (name: string) =>
    name.startsWith('code:')
      ? (stored.codes[name.slice(5)] ?? 0)
      : Number(Reflect.get(stored, name));
  // Of jobs that nobody has written off yet, the counts alone tell what they came to: no less than the others'.
  if (unknown > 0)
    for (const name of names)
      sum.add(name, Math.max(0, storedCount(name) - (recounted[name] ?? 0)));
  const differences = [...names]
    .map((count) => ({ count, stored: storedCount(count), recounted: recounted[count] ?? 0 }))
    .filter((each) => each.stored !== each.recounted);
  return {
    campaign: id,
    verified: differences.length === 0 && isBalanced(stored),
    jobs,
    messages,
    recipients: recounted['recipients'] ?? 0,
    // Of notifications some were removed for their age, and are in no job either.
    gone: { jobs: gone, recipients: id === NOTIFICATIONS ? ofGone : stored.recipients - read },
    differences,
  };
}
