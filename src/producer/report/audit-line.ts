/**
 * The lines of the audit: what a job and its ledger say of each of its messages. It reads nothing.
 */
import type { ReplayRecord } from '../../shared/campaign/replays.ts';
import type { StoredJob } from '../../shared/campaign/stored-jobs.ts';
import { type Message, messageName } from '../../shared/job.ts';
import { stateOf } from '../../shared/ledger/count.ts';
import { type Attempt, decodeAttempt, UNTOUCHED } from '../../shared/ledger/entry.ts';
import { optedOutPlaces, wasAccepted } from '../../shared/ledger/left-out.ts';
import { toldOutcome } from '../../shared/ledger/letters.ts';
import type { Outcome, State } from '../../shared/outcome.ts';
import { chaptersOf, movedField, namesIn, parentOf } from '../../shared/replay/fields.ts';

/**
 * One message. Times are Unix ms, `ms` a duration in milliseconds; what EngageLab did not say is
 * null.
 */
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
  /**
   * The messages that have its numbers now; a message of theirs names this one as `replayed_from`.
   */
  replayed_as: string[];
  replayed_from: string | null;
  enqueued_at: number;
  finished_at: number | null;
}

/** One request. Null is what EngageLab did not say, or what is not known. */
export interface AuditAttempt {
  /** When it was opened, Unix ms. */
  at: number;
  /** How long it took to the end of the reply, in milliseconds. */
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

/** Which lines: those that all that is given is true of. */
export interface LineFilter {
  /** Default: all. */
  states?: readonly State[] | undefined;
  /** EngageLab's codes, of the attempt that decided. Default: all. */
  codes?: readonly number[] | undefined;
  /** A number in E.164. Default: all. */
  to?: string | undefined;
}

const RECORD_DELETED = 'its record was deleted by another program, which retried the completed job';

/** An attempt with its number in the message's ledger. */
interface Numbered {
  number: number;
  attempt: Attempt;
}

/** What is told of a message beside its job. */
interface Told {
  attempts: readonly Attempt[];
  /** Places in the message. */
  optedOut: readonly number[];
  replays: ReadonlyMap<number, ReplayRecord>;
}

/**
 * The lines of a job's messages that the filter asks for.
 * @param cancelled the last chapter that was
 */
export function linesOf(
  stored: StoredJob,
  cancelled: number,
  replays: ReadonlyMap<number, ReplayRecord>,
  filter: LineFilter,
): AuditLine[] {
  const earlier = earlierAttempts(stored);
  return stored.job.messages.flatMap((message, index) => {
    const entry = stored.entries[index] ?? UNTOUCHED;
    if (filter.to !== undefined && !message[0].includes(filter.to)) return [];
    // It counts as nothing any more.
    if (entry.isMoved && (filter.states || filter.codes)) return [];
    const before = (earlier.get(String(index)) ?? []).sort(
      (a, b) => a.number - b.number || a.attempt.at - b.attempt.at,
    );
    const attempts = before.map(({ attempt }) => attempt);
    const optedOut = entry.isMoved ? [] : optedOutPlaces(entry, attempts, message[0].length);
    if (entry.last) attempts.push(entry.last);
    const told = { attempts, optedOut, replays };
    const line = lineOf(stored, message, index, stateOf(entry, cancelled), told);
    if (entry.isMoved) line.to = [];
    return matches(line, filter) ? line : [];
  });
}

/** All attempts of a job's messages but each one's last, by the index of the message. */
export function earlierAttempts({ job, fields }: StoredJob): Map<string, Numbered[]> {
  const earlier = new Map<string, Numbered[]>();
  for (const [field, text] of Object.entries(fields)) {
    const [index = '', number] = field.split('.');
    if (number === undefined) continue;
    const numbers = job.messages[Number(index)]?.[0].length ?? 0;
    const list = earlier.get(index) ?? [];
    list.push({ number: Number(number), attempt: decodeAttempt(text, numbers) });
    earlier.set(index, list);
  }
  return earlier;
}

function lineOf(
  { id, job, fields, enqueuedAt, finishedAt }: StoredJob,
  [to, values]: Message,
  index: number,
  state: State,
  { attempts, optedOut, replays }: Told,
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
    attempts: attempts.map((attempt) => attemptOf(attempt, to)),
    replays: chaptersOf(fields, index).map((chapter) => {
      const { at = null, by = null } = replays.get(chapter) ?? {};
      return { chapter, at, by };
    }),
    replayed_as: moved === undefined ? [] : namesIn(job.campaign, moved),
    replayed_from: parentOf(job.campaign, fields, index) ?? null,
    enqueued_at: enqueuedAt,
    finished_at: finishedAt,
  };
}

function attemptOf(attempt: Attempt, to: readonly string[]): AuditAttempt {
  return {
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
  };
}

function numbersAt(to: readonly string[], places: readonly number[]): string[] {
  return places.flatMap((place) => to[place] ?? []);
}

function matches(line: AuditLine, { states, codes }: LineFilter): boolean {
  if (states && !states.includes(line.state)) return false;
  return !codes || (line.code !== null && codes.includes(line.code));
}
