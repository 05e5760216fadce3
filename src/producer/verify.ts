import type { Redis } from 'ioredis';
import { type CampaignCounts, readCampaign, readCounts } from '../shared/campaign.ts';
import { VolleyError } from '../shared/errors.ts';
import type { Keys } from '../shared/keys.ts';
import { countEntry, stateOf } from '../shared/ledger/count.ts';
import { isBalanced, STATES } from '../shared/outcome.ts';
import { jobIds, readJobs } from './stored-jobs.ts';

export interface Verification {
  campaign: string;
  /** Whether every count is what the jobs say, and both equations hold. */
  verified: boolean;
  jobs: number;
  messages: number;
  recipients: number;
  differences: { count: string; stored: number; recounted: number }[];
}

/** How often a campaign that is being sent meanwhile is counted again, before that is said. */
const TRIES = 3;

/**
 * Recounts a campaign from its jobs and ledgers, and compares that with the counts that were moved on the way.
 * @throws VolleyError `not_found`; `corrupt`; `conflict` while messages are settled faster than they can be counted
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
  const cancelled = campaign.cancelled ?? 0;
  const recounted: Record<string, number> = {};
  const add = (name: string, by: number) => {
    if (by !== 0) recounted[name] = (recounted[name] ?? 0) + by;
  };
  for (const [name, count] of Object.entries(retired)) add(name, Number(count));
  let jobs = 0;
  let messages = 0;
  for await (const ids of jobIds(redis, keys, id)) {
    const piece = await readJobs(redis, keys, id, ids);
    jobs += piece.length;
    for (const { job, entries } of piece) {
      messages += job.messages.length;
      for (const [index, [to]] of job.messages.entries()) {
        const entry = entries[index];
        if (!entry || entry.isMoved) continue;
        const counts = countEntry(entry, to.length, cancelled);
        for (const [state, count] of Object.entries(counts)) add(state, count);
        add('recipients', to.length);
        const lacking = counts[stateOf(entry, cancelled)] ?? 0;
        // What has opted out since its last failure lacks nothing any more.
        if (entry.code !== '' && !['p', 'o', 'a', 'd'].includes(entry.state))
          add(`code:${entry.code}`, lacking);
      }
    }
  }
  const names = new Set([...STATES, 'recipients', ...Object.keys(recounted)]);
  for (const code of Object.keys(stored.codes)) names.add(`code:${code}`);
  const storedCount = (name: string) =>
    name.startsWith('code:')
      ? (stored.codes[name.slice(5)] ?? 0)
      : Number(Reflect.get(stored, name));
  const differences = [...names]
    .map((count) => ({ count, stored: storedCount(count), recounted: recounted[count] ?? 0 }))
    .filter((each) => each.stored !== each.recounted);
  return {
    campaign: id,
    verified: differences.length === 0 && isBalanced(stored),
    jobs,
    messages,
    recipients: recounted['recipients'] ?? 0,
    differences,
  };
}
