import type { CampaignRecord } from '../../shared/campaign/campaign.ts';
import type { CampaignHandle } from '../../shared/campaign/handle.ts';
import { jobIdAt, NOTIFICATIONS } from '../../shared/job.ts';
import { bytesOf } from '../../shared/redis/memory.ts';

/** Most jobs that are measured, evenly spread over the list; the others are reckoned from these. */
const SAMPLES = 32;

/**
 * What a campaign takes up in Redis, in bytes; of a large one an estimate, which costs no more than
 * of a small one.
 */
export async function campaignMemory(
  campaign: CampaignHandle,
  { phase, jobs }: CampaignRecord,
): Promise<number> {
  const { redis, own } = campaign;
  const lists = ['wait', 'active', 'delayed', 'completed', 'failed', 'meta', 'events'];
  const whole = [own.campaign, own.counts, own.jobs, own.retired, own.gone, own.pacer];
  const fixed = [...whole, ...lists.map((name) => own.job(name))];
  const { total, sample } =
    phase === 'forgotten' ? { total: 0, sample: [] } : await sampleJobs(campaign, jobs);
  const sampled = sample.flatMap((job) => [own.job(job), own.ledger(job)]);
  const ofJobs = sum(await bytesOf(redis, sampled, 'exact')) / Math.max(1, sample.length);
  return Math.round(sum(await bytesOf(redis, fixed, 'estimate')) + total * ofJobs);
}

function sum(bytes: readonly number[]): number {
  return bytes.reduce((total, each) => total + each, 0);
}

async function sampleJobs(
  { redis, own, id }: CampaignHandle,
  jobs: number | undefined,
): Promise<{ total: number; sample: string[] }> {
  if (id === NOTIFICATIONS) {
    const total = await redis.zcard(own.jobs);
    return { total, sample: await redis.zrandmember(own.jobs, SAMPLES) };
  }
  // While it is being enqueued, what was laid so far.
  const total = jobs ?? (await redis.llen(own.job('wait')));
  const count = Math.min(SAMPLES, total);
  const sample = Array.from({ length: count }, (_none, at) =>
    jobIdAt(id, Math.floor(((at + 0.5) * total) / count)),
  );
  return { total, sample };
}
