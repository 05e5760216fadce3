/**
 * The plan of a replay: what there is to replay, in groups that a person can judge, and which messages were chosen. It
 * streams through the campaign's jobs and changes nothing.
 */
import type { Redis } from 'ioredis';
import { type CampaignRecord, readCampaign } from '../../shared/campaign/campaign.ts';
import { jobIds, readPiece, type StoredJob } from '../../shared/campaign/stored-jobs.ts';
import { conflict, VolleyError } from '../../shared/errors.ts';
import { NOTIFICATIONS } from '../../shared/job.ts';
import { decodeAttempt, type Entry } from '../../shared/ledger/entry.ts';
import { unfinishedReplay } from '../../shared/ledger/replay.ts';
import { acceptedBefore } from '../../shared/ledger/replay-fields.ts';
import type { LedgerFields } from '../../shared/ledger/result.ts';
import type { FinalState } from '../../shared/outcome.ts';
import { maskPhone, maskPhonesIn } from '../../shared/phone.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { readJobs } from '../report/stored-jobs.ts';
import {
  fingerprintOfChoice,
  type Judgement,
  judge,
  type ReplayChoice,
  type ReplayLabel,
} from './choice.ts';

/** Messages with one state, code, text and label. */
export interface ReplayGroup {
  state: FinalState;
  /** As the campaign's `codes` have it. */
  code: string | null;
  /** EngageLab's words, or the error, of the last attempt; numbers in them are masked. */
  detail: string | null;
  label: ReplayLabel;
  messages: number;
  recipients: number;
  /** How many of its messages would be replayed. */
  chosen: number;
  /** A few of its numbers, masked. */
  examples: string[];
}

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
  /** Jobs that other hands removed, or made unreadable: nobody in them can be replayed. */
  gone: number;
}

const EXAMPLES = 3;
/** Texts that are all different make no groups that anybody reads. */
const MOST_GROUPS = 100;

/** @throws VolleyError `not_found`; `conflict` while it is being enqueued; `bad_input` for the notifications */
export async function planReplay(
  redis: Redis,
  keys: Keys,
  id: string,
  choice: ReplayChoice,
): Promise<ReplayPlan> {
  const own = keys.campaign(id);
  const { cancelled = 0 } = await readReleased(redis, keys, id);
  const begun = await unfinishedReplay(redis, own, fingerprintOfChoice(choice));
  // One that was cancelled is over.
  const resumes = begun !== undefined && begun > cancelled ? begun : undefined;
  const groups = new Map<string, ReplayGroup>();
  const chosen = new Map<string, number[]>();
  const plan = { messages: 0, recipients: 0 };
  let left = choice.limit ?? Number.POSITIVE_INFINITY;
  if (resumes !== undefined && choice.limit !== undefined)
    left -= await countTaken(redis, keys, id, resumes);
  let gone = 0;
  for await (const ids of jobIds(redis, keys, id)) {
    const piece = await readPiece(redis, keys, id, ids);
    gone += piece.missing.length;
    for (const stored of piece.jobs) {
      const indexes: number[] = [];
      for (const [index, judgement] of judgements(stored, cancelled, choice, resumes)) {
        const isChosen = judgement.isChosen && left > 0;
        const numbers = stored.job.messages[index]?.[0] ?? [];
        addTo(groups, stored, index, judgement, isChosen);
        if (!isChosen) continue;
        left -= 1;
        indexes.push(index);
        plan.messages += 1;
        plan.recipients += numbers.length;
      }
      if (indexes.length > 0) chosen.set(stored.id, indexes);
    }
  }
  return {
    campaign: id,
    groups: [...groups.values()].sort(byWeight),
    ...plan,
    chosen,
    resumes,
    unqueued: await redis.hlen(own.replaying),
    gone,
  };
}

/** @throws VolleyError as `planReplay` does */
export async function readReleased(redis: Redis, keys: Keys, id: string): Promise<CampaignRecord> {
  if (id === NOTIFICATIONS) {
    throw new VolleyError(
      'bad_input',
      'notifications are not replayed: each was for its moment; send what is still wanted with volley notify',
    );
  }
  const campaign = await readCampaign(redis, keys, id);
  if (!campaign)
    throw new VolleyError('not_found', `no campaign ${id}; volley campaigns lists them`);
  if (campaign.phase !== 'enqueuing') return campaign;
  throw conflict(
    'not_released',
    `campaign ${id}: it has not been released, so nothing of it was sent; there is nothing to replay`,
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
export function* judgements(
  { job, entries, fields }: StoredJob,
  cancelled: number,
  choice: ReplayChoice,
  resumes: number | undefined,
): Generator<[index: number, judgement: Judgement]> {
  for (const [index, entry] of entries.entries()) {
    if (resumes !== undefined && entry.chapter >= resumes) continue;
    const accepted = knownAccepted(entry, fields, index);
    const unsure = entry.state === 'accepted' ? 0 : countUnsure(entry, fields, index);
    const judgement = judge(job, index, { ...entry, accepted, unsure }, cancelled, choice);
    if (judgement) yield [index, judgement];
  }
}

/** How many messages a replay that broke off had taken. */
async function countTaken(redis: Redis, keys: Keys, id: string, chapter: number): Promise<number> {
  let taken = 0;
  for await (const ids of jobIds(redis, keys, id)) {
    for (const { entries, fields } of await readJobs(redis, keys, id, ids)) {
      taken += entries.filter(
        (entry, index) =>
          entry.chapter === chapter && (entry.isMoved || `${index}@${chapter}` in fields),
      ).length;
    }
  }
  return taken;
}

function addTo(
  groups: Map<string, ReplayGroup>,
  { job, entries }: StoredJob,
  index: number,
  { state, code, label }: Judgement,
  isChosen: boolean,
): void {
  const [to = []] = job.messages[index] ?? [];
  const words = maskPhonesIn(entries[index]?.last?.words ?? '').replace(/\d{6,}/g, '…');
  const keyOf = (detail: string) => [state, code, label, detail].join('\n');
  const detail = groups.has(keyOf(words)) || groups.size < MOST_GROUPS ? words : '(other words)';
  let group = groups.get(keyOf(detail));
  if (!group) {
    const counts = { messages: 0, recipients: 0, chosen: 0, examples: [] };
    group = { state, code: code || null, detail: detail || null, label, ...counts };
    groups.set(keyOf(detail), group);
  }
  group.messages += 1;
  group.recipients += to.length;
  if (isChosen) group.chosen += 1;
  if (group.examples.length < EXAMPLES && to[0] !== undefined)
    group.examples.push(maskPhone(to[0]));
}

const LABELS: readonly ReplayLabel[] = ['safe', 'may_double', 'pointless'];

function byWeight(one: ReplayGroup, other: ReplayGroup): number {
  const label = LABELS.indexOf(one.label) - LABELS.indexOf(other.label);
  return label || other.messages - one.messages;
}
