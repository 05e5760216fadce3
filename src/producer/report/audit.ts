/**
 * The audit: what became of every message, read from its job and ledger, in the order of the list.
 * It streams: a piece of jobs at a time, whatever the campaign's size. Source: docs/design.md, "Written back to the job".
 */
import type { Redis } from 'ioredis';
import { readCampaign } from '../../shared/campaign/campaign.ts';
import { type ReplayRecord, readReplays } from '../../shared/campaign/replays.ts';
import { jobIds, readPiece, type StoredJob } from '../../shared/campaign/stored-jobs.ts';
import { VolleyError } from '../../shared/errors.ts';
import { type Message, messageName, NOTIFICATIONS } from '../../shared/job.ts';
import { stateOf } from '../../shared/ledger/count.ts';
import { type Attempt, decodeAttempt, decodeEntry, UNTOUCHED } from '../../shared/ledger/entry.ts';
import { optedOutPlaces, wasAccepted } from '../../shared/ledger/left-out.ts';
import { toldOutcome } from '../../shared/ledger/letters.ts';
import { chaptersOf, movedField, namesIn, originOf } from '../../shared/ledger/replay-fields.ts';
import type { Outcome, State } from '../../shared/outcome.ts';
import type { Keys } from '../../shared/redis/keys.ts';

/** One message. Times are Unix ms, `ms` a duration; what EngageLab did not say is null. */
export interface AuditLine {
  campaign: string;
  message: string;
  job: string;
  state: State;
  /** Empty where a replay has moved the numbers to other messages. */
  to: string[];
  /** Those of `to` that count as opted out. */
  opted_out: string[];
  template: string;
  params: Record<string, string>;
  plan_id: string | null;
  message_id: string | null;
  task_id: string | null;
  total_count: number | null;
  accepted_count: number | null;
  http_status: number | null;
  code: number | null;
  /** EngageLab's words, or the error, of the attempt that decided. */
  detail: string | null;
  /** Those of all chapters. */
  attempts: AuditAttempt[];
  /** Where it was replayed as it is: each time, and by whom. */
  replays: { chapter: number; at: number | null; by: string | null }[];
  /** The messages that have its numbers now; a message of theirs names this one as `replayed_from`. */
  replayed_as: string[];
  replayed_from: string | null;
  enqueued_at: number;
  finished_at: number | null;
}

export interface AuditAttempt {
  at: number;
  ms: number | null;
  /** `open` while the request is under way. */
  outcome: Outcome | 'open';
  http_status: number | null;
  code: number | null;
  message: string | null;
  plan_id: string | null;
  total_count: number | null;
  accepted_count: number | null;
  /** The numbers that had opted out, and were left out of its request. */
  opted_out: string[];
  note: string | null;
}

export interface AuditFilter {
  states?: readonly State[] | undefined;
  codes?: readonly number[] | undefined;
  /** A number in E.164. */
  to?: string | undefined;
  /**
   * Told of jobs that other hands removed, or made unreadable: nothing can be said of who is in them. By campaign, a piece
   * at a time. Without it they are left out in silence.
   */
  onMissing?: ((jobs: readonly string[], campaign: string) => void) | undefined;
}

const RECORD_DELETED = 'its record was deleted by another program, which retried the completed job';

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
  if (id === undefined) {
    yield* auditAll(redis, keys, filter);
    return;
  }
  for await (const ids of jobIds(redis, keys, id))
    yield await readLines(redis, keys, id, ids, filter);
}

async function* auditAll(
  redis: Redis,
  keys: Keys,
  filter: AuditFilter,
): AsyncGenerator<AuditLine[]> {
  const ids = await redis.zrange(keys.fleet.campaigns, '0', '-1');
  for (const id of [NOTIFICATIONS, ...ids]) {
    try {
      yield* audit(redis, keys, id, filter);
    } catch (error) {
      // One that is being taken back, or whose jobs are gone, has nothing to say.
      if (!(error instanceof VolleyError && error.code === 'not_found')) throw error;
    }
  }
}

/** The audit lines of these jobs of a campaign. */
export async function readLines(
  redis: Redis,
  keys: Keys,
  id: string,
  ids: readonly string[],
  filter: AuditFilter = {},
): Promise<AuditLine[]> {
  const { jobs, missing } = await readPiece(redis, keys, id, ids, filter.to);
  if (missing.length > 0)
    filter.onMissing?.(
      missing.map((each) => each.id),
      id,
    );
  const { cancelled = 0 } = (await readCampaign(redis, keys, id)) ?? {};
  const replays = await readReplays(redis, keys, id);
  return jobs.flatMap((job) => linesOf(job, cancelled, replays, filter));
}

/**
 * The line of a notification; undefined where it was removed for its age.
 * @throws VolleyError `not_found` where other hands removed it: it never comes to an end
 */
export async function readNotification(
  redis: Redis,
  keys: Keys,
  job: string,
): Promise<AuditLine | undefined> {
  const { missing } = await readPiece(redis, keys, NOTIFICATIONS, [job]);
  const [gone] = missing;
  if (!gone) return (await readLines(redis, keys, NOTIFICATIONS, [job]))[0];
  const state = stateOf(decodeEntry(gone.fields[0] ?? '', 1), 0);
  const known =
    gone.fields[0] === undefined ? 'it was not sent by then' : `by then it was ${state}`;
  throw new VolleyError(
    'not_found',
    `notification ${job}: its job is gone: another program, or Redis, removed it; ${known}`,
  );
}

function linesOf(
  stored: StoredJob,
  cancelled: number,
  replays: ReadonlyMap<number, ReplayRecord>,
  filter: AuditFilter,
): AuditLine[] {
  const earlier = new Map<string, [number, Attempt][]>();
  for (const [field, text] of Object.entries(stored.fields)) {
    const [index = '', number] = field.split('.');
    if (number === undefined) continue;
    const numbers = stored.job.messages[Number(index)]?.[0].length ?? 0;
    const list = earlier.get(index) ?? [];
    list.push([Number(number), decodeAttempt(text, numbers)]);
    earlier.set(index, list);
  }
  return stored.job.messages.flatMap((message, index) => {
    const entry = stored.entries[index] ?? UNTOUCHED;
    if (filter.to !== undefined && !message[0].includes(filter.to)) return [];
    // It counts as nothing any more.
    if (entry.isMoved && (filter.states || filter.codes)) return [];
    const before = (earlier.get(String(index)) ?? []).sort(
      (a, b) => a[0] - b[0] || a[1].at - b[1].at,
    );
    const attempts = before.map(([, attempt]) => attempt);
    const optedOut = entry.isMoved ? [] : optedOutPlaces(entry, attempts, message[0].length);
    if (entry.last) attempts.push(entry.last);
    const told = { attempts, optedOut, replays };
    const line = lineOf(stored, message, index, stateOf(entry, cancelled), told);
    if (entry.isMoved) line.to = [];
    return matches(line, filter) ? line : [];
  });
}

function lineOf(
  { id, job, fields, enqueuedAt, finishedAt }: StoredJob,
  [to, values]: Message,
  index: number,
  state: State,
  {
    attempts,
    optedOut,
    replays,
  }: {
    attempts: readonly Attempt[];
    /** Places in the message. */
    optedOut: readonly number[];
    replays: ReadonlyMap<number, ReplayRecord>;
  },
): AuditLine {
  const moved = fields[movedField(index)];
  const isSent = state === 'accepted' || state === 'shortfall';
  const decisive = isSent ? attempts.findLast(wasAccepted) : attempts.at(-1);
  return {
    campaign: job.campaign,
    message: messageName(id, index),
    job: id,
    state,
    to,
    opted_out: numbersAt(to, optedOut),
    template: job.template,
    params: Object.fromEntries(job.params.map((name, at) => [name, values[at] ?? ''])),
    plan_id: decisive?.plan_id ?? null,
    message_id: decisive?.message_id ?? null,
    task_id: decisive?.task_id ?? null,
    total_count: decisive?.total_count ?? null,
    accepted_count: decisive?.accepted_count ?? null,
    http_status: decisive?.http_status ?? null,
    code: decisive?.code ?? null,
    detail: decisive?.words ?? (state === 'accepted' && !decisive ? RECORD_DELETED : null),
    attempts: attempts.map((attempt) => ({
      at: attempt.at,
      ms: attempt.ms ?? null,
      outcome: toldOutcome(attempt.outcome),
      http_status: attempt.http_status ?? null,
      code: attempt.code ?? null,
      message: attempt.words ?? null,
      plan_id: attempt.plan_id ?? null,
      total_count: attempt.total_count ?? null,
      accepted_count: attempt.accepted_count ?? null,
      opted_out: numbersAt(to, attempt.leftOut ?? []),
      note: attempt.note ?? null,
    })),
    replays: chaptersOf(fields, index).map((chapter) => {
      const { at = null, by = null } = replays.get(chapter) ?? {};
      return { chapter, at, by };
    }),
    replayed_as: moved === undefined ? [] : namesIn(job.campaign, moved),
    replayed_from: originOf(job.campaign, fields, index) ?? null,
    enqueued_at: enqueuedAt,
    finished_at: finishedAt,
  };
}

function numbersAt(to: readonly string[], places: readonly number[]): string[] {
  return places.flatMap((place) => to[place] ?? []);
}

function matches(line: AuditLine, { states, codes }: AuditFilter): boolean {
  if (states && !states.includes(line.state)) return false;
  return !codes || (line.code !== null && codes.includes(line.code));
}
