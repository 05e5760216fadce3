/**
 * The plan of a replay: what there is to replay, in groups that a person can judge, and which messages were chosen. It
 * streams through the campaign's jobs and changes nothing.
 */
import type { Redis } from 'ioredis';
import type { CampaignRecord } from '../../shared/campaign/campaign.ts';
import { CampaignHandle } from '../../shared/campaign/handle.ts';
import { jobIds, readPiece, type StoredJob } from '../../shared/campaign/stored-jobs.ts';
import { conflict, VolleyError } from '../../shared/errors.ts';
import { NOTIFICATIONS } from '../../shared/job.ts';
import { decodeAttempt, type Entry } from '../../shared/ledger/entry.ts';
import type { LedgerFields } from '../../shared/ledger/result.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { acceptedBefore } from '../../shared/replay/fields.ts';
import { unfinishedReplay } from '../../shared/replay/steps.ts';
import { readJobs } from '../report/stored-jobs.ts';
import { type Assessment, assess, fingerprintOfChoice, type ReplayChoice } from './choice.ts';
import { type ReplayGroup, ReplayGroups } from './groups.ts';

export type { ReplayGroup } from './groups.ts';

/** What there is to replay, and what would be. Nothing has been changed yet. */
export interface ReplayPlan {
  campaign: string;
  groups: ReplayGroup[];
  /** What would be replayed. */
  messages: number;
  recipients: number;
  /** Indexes of the chosen messages, by job. */
  chosen: ReadonlyMap<string, readonly number[]>;
  /** The chapter that the same replay began before it broke off. */
  resumes: number | undefined;
  /** Jobs that such a one took and did not get to queue. */
  unqueued: number;
  /** Jobs that another program removed, or made unreadable: nobody in them can be replayed. */
  gone: number;
}

/** @throws VolleyError `not_found`; `conflict` while it is being enqueued; `bad_input` for the notifications */
export async function planReplay(
  redis: Redis,
  keys: Keys,
  id: string,
  choice: ReplayChoice,
): Promise<ReplayPlan> {
  const campaign = new CampaignHandle(redis, keys, id);
  const { cancelled = 0 } = await readReleased(campaign);
  const begun = await unfinishedReplay(redis, campaign.own, fingerprintOfChoice(choice));
  // One that was cancelled is over.
  const resumes = begun !== undefined && begun > cancelled ? begun : undefined;
  let limit = choice.limit ?? Number.POSITIVE_INFINITY;
  if (resumes !== undefined && choice.limit !== undefined)
    limit -= await countTaken(campaign, resumes);
  const chosen = new Chosen(limit);
  let gone = 0;
  for await (const ids of jobIds(campaign)) {
    const piece = await readPiece(campaign, ids);
    gone += piece.missing.length;
    for (const stored of piece.jobs)
      chosen.add(stored, assessments(stored, cancelled, choice, resumes));
  }
  const unqueued = await redis.hlen(campaign.own.replaying);
  return { campaign: id, ...chosen.plan(), resumes, unqueued, gone };
}

/** The part of a plan that grows with each job. */
class Chosen {
  readonly #groups = new ReplayGroups();
  readonly #chosen = new Map<string, number[]>();
  #messages = 0;
  #recipients = 0;
  /** How many messages more it may be. */
  #left: number;

  constructor(limit: number) {
    this.#left = limit;
  }

  plan(): Pick<ReplayPlan, 'groups' | 'messages' | 'recipients' | 'chosen'> {
    return {
      groups: this.#groups.list(),
      messages: this.#messages,
      recipients: this.#recipients,
      chosen: this.#chosen,
    };
  }

  add(stored: StoredJob, judged: Iterable<[index: number, assessment: Assessment]>): void {
    const indexes: number[] = [];
    for (const [index, assessment] of judged) {
      const isChosen = assessment.isChosen && this.#left > 0;
      this.#groups.add(stored, index, assessment, isChosen);
      if (!isChosen) continue;
      this.#left -= 1;
      indexes.push(index);
      this.#messages += 1;
      this.#recipients += stored.job.messages[index]?.[0].length ?? 0;
    }
    if (indexes.length > 0) this.#chosen.set(stored.id, indexes);
  }
}

/** @throws VolleyError as `planReplay` does */
export async function readReleased(campaign: CampaignHandle): Promise<CampaignRecord> {
  if (campaign.id === NOTIFICATIONS) {
    throw new VolleyError(
      'bad_input',
      'notifications are not replayed: each was for its moment; send what is still wanted with volley notify',
    );
  }
  const record = await campaign.record();
  if (record.phase !== 'enqueuing') return record;
  throw conflict(
    'not_released',
    `campaign ${campaign.id}: it has not been released, so nothing of it was sent; there is nothing to replay`,
  );
}

/** Also of one that was cancelled while it waited for its replay. */
function knownAccepted(entry: Entry, fields: LedgerFields, index: number): number {
  return Math.max(entry.accepted ?? 0, acceptedBefore(fields, index, entry.chapter));
}

/**
 * How many attempts of a message may have been sent: those that nobody saw the end of, and one more where an answer,
 * perhaps a late refusal, says that some numbers were accepted.
 */
export function countUnsure(entry: Entry, fields: LedgerFields, index: number): number {
  const earlier = Object.keys(fields).filter((field) => field.startsWith(`${index}.`));
  const attempts = [entry.last, ...earlier.map((field) => decodeAttempt(fields[field] ?? '', 1))];
  const isKnown =
    knownAccepted(entry, fields, index) > 0 ||
    attempts.some((attempt) => (attempt?.accepted_count ?? 0) > 0);
  return entry.unsure + (isKnown ? 1 : 0);
}

/** What of a job can be replayed. @param resumes the chapter whose messages were taken already */
export function* assessments(
  { job, entries, fields }: StoredJob,
  cancelled: number,
  choice: ReplayChoice,
  resumes: number | undefined,
): Generator<[index: number, assessment: Assessment]> {
  for (const [index, entry] of entries.entries()) {
    if (resumes !== undefined && entry.chapter >= resumes) continue;
    const accepted = knownAccepted(entry, fields, index);
    const unsure = entry.state === 'accepted' ? 0 : countUnsure(entry, fields, index);
    const assessment = assess(job, index, { ...entry, accepted, unsure }, cancelled, choice);
    if (assessment) yield [index, assessment];
  }
}

/** How many messages a replay that broke off had taken. */
async function countTaken(campaign: CampaignHandle, chapter: number): Promise<number> {
  let taken = 0;
  for await (const ids of jobIds(campaign)) {
    for (const { entries, fields } of await readJobs(campaign, ids)) {
      taken += entries.filter(
        (entry, index) =>
          entry.chapter === chapter && (entry.isMoved || `${index}@${chapter}` in fields),
      ).length;
    }
  }
  return taken;
}
