/**
 * The audit: what became of every message, read from its job and ledger, in the order of the list.
 * It streams: a piece of jobs at a time, whatever the campaign's size. Source: docs/design/ledger.md.
 */
import type { Redis } from 'ioredis';
import { CampaignHandle } from '../../shared/campaign/handle.ts';
import { readReplays } from '../../shared/campaign/replays.ts';
import { jobIds, readPiece, type StoredJob } from '../../shared/campaign/stored-jobs.ts';
import { VolleyError } from '../../shared/errors.ts';
import { NOTIFICATIONS } from '../../shared/job.ts';
import { stateOf } from '../../shared/ledger/count.ts';
import { decodeEntry } from '../../shared/ledger/entry.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { type AuditLine, type LineFilter, linesOf } from './audit-line.ts';

export type { AuditAttempt, AuditLine } from './audit-line.ts';

/** Which lines of the audit are read, and who is told of what cannot be. */
export interface AuditFilter extends LineFilter {
  /**
   * Told of jobs that another program removed, or made unreadable: nothing can be said of who is in them. By campaign, a piece
   * at a time. Without it they are left out in silence.
   */
  onMissing?: ((jobs: readonly string[], campaign: string) => void) | undefined;
}

/**
 * @param id without one, all campaigns, the oldest first
 * @throws VolleyError `not_found`
 */
export async function* audit(
  redis: Redis,
  keys: Keys,
  id: string | undefined,
  filter: AuditFilter = {},
): AsyncGenerator<AuditLine[]> {
  if (id === undefined) yield* auditAll(redis, keys, filter);
  else yield* auditOne(new CampaignHandle(redis, keys, id), filter);
}

async function* auditAll(
  redis: Redis,
  keys: Keys,
  filter: AuditFilter,
): AsyncGenerator<AuditLine[]> {
  const ids = await redis.zrange(keys.fleet.campaigns, '0', '-1');
  for (const id of [NOTIFICATIONS, ...ids]) {
    try {
      yield* auditOne(new CampaignHandle(redis, keys, id), filter);
    } catch (error) {
      // One that is being taken back, or whose jobs are gone, has nothing to say.
      if (!(error instanceof VolleyError && error.code === 'not_found')) throw error;
    }
  }
}

async function* auditOne(
  campaign: CampaignHandle,
  filter: AuditFilter,
): AsyncGenerator<AuditLine[]> {
  for await (const ids of jobIds(campaign)) yield await readLines(campaign, ids, filter);
}

/** The audit lines of these jobs of a campaign. */
async function readLines(
  campaign: CampaignHandle,
  ids: readonly string[],
  filter: AuditFilter = {},
): Promise<AuditLine[]> {
  const { jobs, missing } = await readPiece(campaign, ids, filter.to);
  if (missing.length > 0) {
    const gone = missing.map(({ id }) => id);
    filter.onMissing?.(gone, campaign.id);
  }
  return linesOfJobs(campaign, jobs, filter);
}

async function linesOfJobs(
  campaign: CampaignHandle,
  jobs: readonly StoredJob[],
  filter: AuditFilter,
): Promise<AuditLine[]> {
  const { cancelled = 0 } = (await campaign.find()) ?? {};
  const replays = await readReplays(campaign);
  return jobs.flatMap((job) => linesOf(job, cancelled, replays, filter));
}

/**
 * The line of a notification; undefined where it was removed for its age.
 * @throws VolleyError `not_found` where another program removed it: it never comes to an end
 */
export async function readNotification(
  redis: Redis,
  keys: Keys,
  job: string,
): Promise<AuditLine | undefined> {
  const notifications = new CampaignHandle(redis, keys, NOTIFICATIONS);
  // Read once: between two looks it may be removed, and would pass for one that was there and is of age.
  const { jobs, missing } = await readPiece(notifications, [job]);
  const [gone] = missing;
  if (!gone) return (await linesOfJobs(notifications, jobs, {}))[0];
  const state = stateOf(decodeEntry(gone.fields[0] ?? '', 1), 0);
  const known =
    gone.fields[0] === undefined ? 'it was not sent by then' : `by then it was ${state}`;
  throw new VolleyError(
    'not_found',
    `notification ${job}: its job is gone: another program, or Redis, removed it; ${known}`,
  );
}
