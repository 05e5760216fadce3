/**
 * A campaign's jobs as Redis holds them, each with its ledger, wherever that stands: in a hash, folded into the return
 * value, or, for a job that a replay has made and not yet laid, among what it still has to queue.
 */
import { VolleyError } from '../errors.ts';
import { JOB_VERSION, Job, jobIdAt, NOTIFICATIONS } from '../job.ts';
import { isUnrecorded } from '../ledger/begun.ts';
import { ACCEPTED_ENTRY, decodeEntry, type Entry, UNTOUCHED } from '../ledger/entry.ts';
import { ALL_ACCEPTED } from '../ledger/fold.ts';
import { fieldsOf, type LedgerFields } from '../ledger/result.ts';
import { fieldsIn, loadScript } from '../redis/script.ts';
import type { CampaignRecord } from './campaign.ts';
import type { CampaignHandle } from './handle.ts';
import { sizesOf } from './notifications.ts';

/** A job as Redis holds it, taken apart. */
export interface StoredJob {
  id: string;
  job: Job;
  entries: Entry[];
  fields: LedgerFields;
  enqueuedAt: number;
  finishedAt: number | null;
}

/** A job that a campaign has and Redis has not, or not in a form that can be read: its data is gone, or its ledger. */
export interface MissingJob {
  id: string;
  fields: LedgerFields;
  /** The numbers of each of its messages, where they are known all the same: only of notifications. */
  sizes: readonly number[] | undefined;
  /**
   * `gone`: it is not there, or was found so before; `bad`: not as a job is written; `newer`: by a newer Volley;
   * `unrecorded`: it was begun, and its ledger is gone.
   */
  why: 'gone' | 'bad' | 'newer' | 'unrecorded';
  /** Which time of finding jobs gone it was found, 0 for not yet. */
  found: number;
}

export interface Piece {
  jobs: StoredJob[];
  missing: MissingJob[];
}

/** Jobs read in one script, so that a ledger and the return value it is folded into are of one moment. */
const PIECE = 25;

const READ = loadScript(new URL('read-jobs.lua', import.meta.url));

/** The ids of all jobs of a campaign, a piece at a time, in the order in which they were enqueued. */
export async function* jobIds(campaign: CampaignHandle): AsyncGenerator<string[]> {
  const { id } = campaign;
  const { jobs = 0 } = await readKept(campaign);
  if (id === NOTIFICATIONS) {
    yield* notificationIds(campaign);
    return;
  }
  for (let first = 0; first < jobs; first += PIECE) {
    const length = Math.min(PIECE, jobs - first);
    yield Array.from({ length }, (_none, at) => jobIdAt(id, first + at));
  }
}

async function readKept(campaign: CampaignHandle): Promise<CampaignRecord> {
  const { id } = campaign;
  const record = await campaign.record();
  if (record.phase !== 'forgotten') return record;
  const at = new Date(record.forgotten_at ?? 0).toISOString();
  throw new VolleyError(
    'not_found',
    `campaign ${id}: its jobs were forgotten at ${at}; volley status ${id} still has its counts`,
  );
}

/** By time, not by rank: ranks shift while old jobs are being removed. */
async function* notificationIds({ redis, own }: CampaignHandle): AsyncGenerator<string[]> {
  const { jobs } = own;
  let from = 0;
  let seen = new Set<string>();
  for (;;) {
    const limit = PIECE + seen.size;
    const found = await redis.zrangebyscore(jobs, from, '+inf', 'WITHSCORES', 'LIMIT', 0, limit);
    const ids = found.filter((_each, at) => at % 2 === 0).filter((each) => !seen.has(each));
    if (ids.length === 0) return;
    yield ids;
    const last = Number(found.at(-1));
    const atLast = found.filter((_each, at) => at % 2 === 0 && Number(found[at + 1]) === last);
    seen = new Set(last === from ? [...seen, ...atLast] : atLast);
    from = last;
  }
}

/**
 * Of notifications, those that are still there: they may be removed for their age while they are looked through.
 * @param number in E.164: only jobs with a message to it
 * @throws VolleyError `not_found` where the campaign was forgotten
 */
export async function readPiece(
  campaign: CampaignHandle,
  ids: readonly string[],
  number?: string,
): Promise<Piece> {
  const { redis, own } = campaign;
  const piece: Piece = { jobs: [], missing: [] };
  if (ids.length === 0) return piece;
  const read = await READ.run(
    redis,
    [
      ...[own.replaying, own.gone, own.sizes, own.jobs],
      ...ids.flatMap((id) => [own.job(id), own.ledger(id)]),
    ],
    [...ids],
  );
  const isNotification = campaign.id === NOTIFICATIONS;
  // A job that a replay has made may not have got into its queue yet.
  const [unlaid, marks, sizes, listed, ...replies] = listOf(read);
  for (const [at, id] of ids.entries()) {
    const [data = null, ...rest] = listOf(replies[2 * at]);
    const text = data ?? listOf(unlaid)[at] ?? null;
    const fields = fieldsIn(replies[2 * at + 1]);
    const found = Number.parseInt(String(listOf(marks)[at] ?? '0'), 10);
    if (isNotification && text === null && (listOf(listed)[at] ?? null) === null) continue;
    const isThere = text !== null && found === 0;
    if (isThere && number !== undefined && !String(text).includes(`"${number}"`)) continue;
    const stored = isThere ? readJob(campaign.id, id, text, rest, fields) : 'gone';
    if (typeof stored !== 'string') {
      piece.jobs.push(stored);
      continue;
    }
    const size =
      isNotification && stored !== 'unrecorded' ? sizesOf(id, listOf(sizes)[at]) : undefined;
    piece.missing.push({ id, fields, sizes: size, why: stored, found });
  }
  // One is gone with its campaign, perhaps, while that was being read.
  if (piece.missing.length > 0 && !isNotification) await readKept(campaign);
  return piece;
}

function listOf(reply: unknown): unknown[] {
  return Array.isArray(reply) ? reply : [];
}

/** @returns why it is missing, if it is */
function readJob(
  campaign: string,
  id: string,
  data: unknown,
  [timestamp, finishedOn, returned, name]: readonly unknown[],
  written: LedgerFields,
): StoredJob | MissingJob['why'] {
  const parsed = parseOr(data);
  const job = Job.safeParse(parsed);
  if (!job.success) return Number(Reflect.get(Object(parsed), 'v')) > JOB_VERSION ? 'newer' : 'bad';
  // Workers refuse it.
  if (job.data.campaign !== campaign) return 'bad';
  const isEmpty = Object.keys(written).length === 0;
  const folded = isEmpty ? fieldsOf(parseOr(returned)) : undefined;
  if (folded === undefined && isUnrecorded(name, written)) return 'unrecorded';
  const fields = folded ?? (isEmpty && name === ALL_ACCEPTED ? acceptedFields(job.data) : written);
  return {
    id,
    job: job.data,
    fields,
    entries: job.data.messages.map(([to], index) => {
      const text = fields[index];
      return text === undefined ? { ...UNTOUCHED } : decodeEntry(text, to.length);
    }),
    enqueuedAt: Number(timestamp),
    finishedAt: finishedOn === null || finishedOn === undefined ? null : Number(finishedOn),
  };
}

/** What is left of a record that another program deleted. */
function acceptedFields({ messages }: Job): LedgerFields {
  return Object.fromEntries(messages.map((_message, index) => [index, ACCEPTED_ENTRY]));
}

/** @returns undefined for what is no JSON */
export function parseOr(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
