import type { Redis } from 'ioredis';
import type { CampaignCounts } from '../../shared/campaign/campaign.ts';
import { CampaignHandle } from '../../shared/campaign/handle.ts';
import { jobIds, readPiece } from '../../shared/campaign/stored-jobs.ts';
import { conflict } from '../../shared/errors.ts';
import { NOTIFICATIONS } from '../../shared/job.ts';
import { Recount } from '../../shared/ledger/recount.ts';
import { isBalanced, STATES } from '../../shared/outcome.ts';
import type { Keys } from '../../shared/redis/keys.ts';

/** What a recount from the jobs and ledgers came to. Counts are of jobs, messages and recipients. */
export interface Verification {
  campaign: string;
  /** Whether every count is what the jobs say, and both equations hold. */
  verified: boolean;
  jobs: number;
  messages: number;
  recipients: number;
  /**
   * Jobs that another program removed, or made unreadable, and their recipients: what these came to stands in the counts, and
   * in no job that could be recounted.
   */
  gone: { jobs: number; recipients: number };
  /** Counts that are not what the jobs say. */
  differences: { count: string; stored: number; recounted: number }[];
}

/** How often a campaign that is being sent meanwhile is counted again, before that is said. */
const TRIES = 3;

/**
 * Recounts a campaign from its jobs and ledgers, and compares that with the counts that were moved on the way.
 * @throws VolleyError `not_found`; `conflict` while messages are settled faster than they can be counted
 */
export async function verify(redis: Redis, keys: Keys, id: string): Promise<Verification> {
  const campaign = new CampaignHandle(redis, keys, id);
  for (let tried = 0; tried < TRIES; tried++) {
    const before = await campaign.counts();
    const retired = await readRetired(campaign);
    const verification = await recount(campaign, before, retired);
    const after = [await campaign.counts(), await readRetired(campaign)];
    if (JSON.stringify([before, retired]) === JSON.stringify(after)) return verification;
  }
  throw conflict(
    'counting',
    `campaign ${id}: it is being sent, so its counts move while they are checked; pause it or wait for its end`,
  );
}

/** What the jobs that were removed for their age had counted as: a removal moves it from one side to the other. */
function readRetired({ redis, own }: CampaignHandle): Promise<Record<string, string>> {
  return redis.hgetall(own.retired);
}

async function recount(
  campaign: CampaignHandle,
  stored: CampaignCounts,
  retired: Readonly<Record<string, string>>,
): Promise<Verification> {
  const found = await countJobs(campaign);
  const { sum, jobs, messages, gone } = found;
  const recounted = sum.counts;
  const read = recounted['recipients'] ?? 0;
  for (const [name, count] of Object.entries(retired)) sum.add(name, Number(count));
  const names = new Set([...STATES, 'recipients', ...Object.keys(recounted)]);
  for (const code of Object.keys(stored.codes)) names.add(`code:${code}`);
  // Of jobs that nobody has written off yet, the counts alone tell what they came to: no less than the others'.
  if (found.unknown > 0)
    for (const name of names)
      sum.add(name, Math.max(0, countOf(stored, name) - (recounted[name] ?? 0)));
  const differences = [...names]
    .map((count) => ({ count, stored: countOf(stored, count), recounted: recounted[count] ?? 0 }))
    .filter((each) => each.stored !== each.recounted);
  // Of notifications some were removed for their age, and are in no job either.
  const ofGone = campaign.id === NOTIFICATIONS ? found.ofGone : stored.recipients - read;
  return {
    campaign: campaign.id,
    verified: differences.length === 0 && isBalanced(stored),
    jobs,
    messages,
    recipients: recounted['recipients'] ?? 0,
    gone: { jobs: gone, recipients: ofGone },
    differences,
  };
}

/** As the recount calls them: a state, `recipients`, or a code. */
function countOf(stored: CampaignCounts, name: string): number {
  if (name.startsWith('code:')) return stored.codes[name.slice('code:'.length)] ?? 0;
  return Number(Reflect.get(stored, name));
}

/** What a campaign's jobs come to, from the first to the last. */
interface JobCount {
  sum: Recount;
  jobs: number;
  messages: number;
  /** Jobs that are missing, and as many of their recipients as are known. */
  gone: number;
  ofGone: number;
  /** Of these, jobs that no count knows as lost yet. */
  unknown: number;
}

/** @throws VolleyError `not_found` */
async function countJobs(campaign: CampaignHandle): Promise<JobCount> {
  const { cancelled = 0, gone: foundGone = 0 } = await campaign.record();
  const sum = new Recount(cancelled);
  const count: JobCount = { sum, jobs: 0, messages: 0, gone: 0, ofGone: 0, unknown: 0 };
  for await (const ids of jobIds(campaign)) {
    const piece = await readPiece(campaign, ids);
    count.jobs += piece.jobs.length;
    for (const { job, entries } of piece.jobs) {
      count.messages += job.messages.length;
      sum.addJob(
        entries,
        job.messages.map(([to]) => to.length),
      );
    }
    for (const { fields, sizes, found } of piece.missing) {
      count.gone += 1;
      count.ofGone += sizes?.reduce((total, size) => total + size, 0) ?? 0;
      // Without a ledger it was not begun, or that is gone, too: the counts alone tell which.
      if (sizes && Object.keys(fields).length > 0) sum.addLedger(fields, sizes);
      else if (found === 0 || found > foundGone) count.unknown += 1;
    }
  }
  return count;
}
