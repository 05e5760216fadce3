/**
 * The text form of the ledger: one entry for each message of a job, read and written here and, the
 * same way, in `entry.lua`. Small, for it is the largest part of what a finished recipient costs.
 *
 *   entry   = head ";" attempt           the last attempt; earlier ones stand in fields of their own
 *   head    = "A"                        accepted at the first attempt
 *           | "O"                        the first attempt is open
 *           | state,chapter,number,used,unsure,accepted,opted_out,code,due
 *   attempt = run(4) outcome(1) opened-at(base 36, Unix ms) ["-" left-out] "|" ms "|" http_status
 *             "|" plan_id "|" message_id "|" task_id "|" total_count "|" accepted_count "|" code
 *             "|" note "|" words
 *             (empty ends left out)
 *   left-out = the places in the message, base 36 and from 0 on, of numbers that had opted out,
 *             with "." between
 *
 * In an accepted attempt an absent http_status is 200, and absent counts are the numbers that were
 * sent. `letters.ts` says what the letter of a state or an outcome means. A state in capitals is
 * what the message came to before a replay moved its numbers to other messages.
 *
 * Fields of a ledger: `7` is the entry of message 7, `7.2` its second attempt once there is a third.
 * `7.2.<run>` is an attempt whose opening Redis lost, so that another run's attempt has number 2.
 * A replay adds what `../replay/fields.ts` describes.
 */
import {
  ATTEMPT_LETTERS,
  type AttemptOutcome,
  type EntryState,
  outcomeOfLetter,
  stateOfLetter,
} from './letters.ts';

/** One attempt. Times in Unix ms, `ms` the duration. */
export interface Attempt {
  run: string;
  outcome: AttemptOutcome;
  at: number;
  /**
   * The places in the message, rising, of the numbers that had opted out and were not in the
   * request.
   */
  leftOut?: readonly number[] | undefined;
  ms?: number | undefined;
  http_status?: number | undefined;
  plan_id?: string | undefined;
  message_id?: string | undefined;
  task_id?: string | undefined;
  total_count?: number | undefined;
  accepted_count?: number | undefined;
  code?: number | undefined;
  /** What Volley has to say of the attempt, such as that its schedule was left out. */
  note?: string | undefined;
  /** EngageLab's `message`, or the error. */
  words?: string | undefined;
}

export interface Entry {
  state: EntryState;
  chapter: number;
  /** How many attempts were ever opened; also the last attempt's number. */
  number: number;
  /** Attempts that count against `VOLLEY_ATTEMPTS` in this chapter. */
  used: number;
  /** Attempts, of any chapter, that may have been sent without our knowing. */
  unsure: number;
  /** Numbers known to be accepted; absent for "all that were sent" and for "none known". */
  accepted?: number | undefined;
  /** Numbers that count as opted out, once the message is settled; `left-out.ts` says which. */
  optedOut: number;
  /** The last code, for the campaign's counts: `5001`, `http_502`, `no_reply`. */
  code: string;
  /** Unix ms before which a pending message is not sent. */
  due: number;
  /** A replay has moved its numbers to other messages, and it counts as none of them. */
  isMoved?: boolean | undefined;
  last?: Attempt | undefined;
}

/** An entry of a message that nothing has happened to yet. */
export const UNTOUCHED: Readonly<Entry> = {
  state: 'pending',
  chapter: 1,
  number: 0,
  used: 0,
  unsure: 0,
  optedOut: 0,
  code: '',
  due: 0,
};

/** The entry of a message of which no more is known than that it was accepted. */
export const ACCEPTED_ENTRY = 'a,1,0,0,0,,0,,;';

const LONGEST_WORDS = 300;
const LONGEST_ID = 64;

/** `numbers` is how many numbers the message has, opted out or not. */
export function encodeAttempt(attempt: Attempt, numbers: number): string {
  const plain = attempt.outcome === 'accepted';
  const sent = numbers - (attempt.leftOut?.length ?? 0);
  const fields = [
    attempt.run +
      ATTEMPT_LETTERS[attempt.outcome] +
      attempt.at.toString(36) +
      encodeLeftOut(attempt.leftOut),
    attempt.ms ?? '',
    plain && attempt.http_status === 200 ? '' : (attempt.http_status ?? ''),
    idText(attempt.plan_id),
    idText(attempt.message_id),
    idText(attempt.task_id),
    plain && attempt.total_count === sent ? '' : (attempt.total_count ?? ''),
    plain && attempt.accepted_count === sent ? '' : (attempt.accepted_count ?? ''),
    attempt.code ?? '',
    attempt.note ?? '',
    attempt.words?.slice(0, LONGEST_WORDS) ?? '',
  ];
  let text = fields.join('|');
  let end = text.length;
  while (text[end - 1] === '|') end--;
  if (end < text.length) text = text.slice(0, end);
  return text;
}

/** As it stands behind an attempt's time; nothing where nobody had opted out. */
export function encodeLeftOut(places: readonly number[] | undefined): string {
  if (places === undefined || places.length === 0) return '';
  return `-${places.map((place) => place.toString(36)).join('.')}`;
}

/**
 * EngageLab's ids are digits. Whatever else they may become, one must not shift the fields that
 * follow it.
 */
function idText(id: string | undefined): string {
  return id?.slice(0, LONGEST_ID).replaceAll('|', '_') ?? '';
}

/**
 * An accepted attempt that left nobody out: run, letter and time, and no more before the first bar.
 */
const TO_ALL = /^[^|]{4}a[0-9a-z]+(?:\||$)/;

/**
 * The entry of a message whose first attempt went to all of its numbers and was accepted for all of
 * them.
 * @returns undefined where the text is of another run's attempt, of one with another outcome, or of
 *   one that left numbers out
 */
export function encodeFirstAccepted(run: string, attempt: string): string | undefined {
  return TO_ALL.test(attempt) && attempt.startsWith(run) ? `A;${attempt}` : undefined;
}

/** Whether an entry is such a one. */
export function isFirstAccepted(entry: string): boolean {
  return entry.startsWith('A;');
}

/** What an attempt came to, from its text alone; undefined where that cannot be read. */
export function outcomeIn(attempt: string): AttemptOutcome | undefined {
  return outcomeOfLetter(attempt.slice(4, 5));
}

/** `numbers` is how many numbers the message has, opted out or not. */
export function decodeAttempt(text: string, numbers: number): Attempt {
  const [first = '', ms, status, plan, message, task, total, accepted, code, note, ...words] =
    text.split('|');
  const outcome = outcomeIn(first) ?? 'worker_lost';
  const plain = outcome === 'accepted';
  const [at = '', places] = first.slice(5).split('-');
  const leftOut = places?.split('.').map((place) => Number.parseInt(place, 36));
  const sent = numbers - (leftOut?.length ?? 0);
  return {
    run: first.slice(0, 4),
    outcome,
    at: Number.parseInt(at, 36),
    leftOut,
    ms: numberOr(ms, undefined),
    http_status: numberOr(status, plain ? 200 : undefined),
    plan_id: plan || undefined,
    message_id: message || undefined,
    task_id: task || undefined,
    total_count: numberOr(total, plain ? sent : undefined),
    accepted_count: numberOr(accepted, plain ? sent : undefined),
    code: numberOr(code, undefined),
    note: note || undefined,
    words: words.join('|') || undefined,
  };
}

/** `numbers` is how many numbers the message has. */
export function decodeEntry(text: string, numbers: number): Entry {
  const end = text.indexOf(';');
  const head = text.slice(0, end);
  const attempt = text.slice(end + 1);
  if (head === 'A' || head === 'O') {
    return {
      ...UNTOUCHED,
      state: head === 'A' ? 'accepted' : 'open',
      number: 1,
      used: head === 'A' ? 1 : 0,
      last: decodeAttempt(attempt, numbers),
    };
  }
  const [letter = '', chapter, number, used, unsure, accepted, optedOut, code, due] =
    head.split(',');
  const small = letter.toLowerCase();
  return {
    state: stateOfLetter(small) ?? 'unconfirmed',
    chapter: Number(chapter),
    number: Number(number),
    used: Number(used),
    unsure: Number(unsure),
    accepted: numberOr(accepted, undefined),
    optedOut: Number(optedOut ?? 0),
    code: code ?? '',
    due: Number(due ?? 0),
    ...(letter !== small && { isMoved: true }),
    last: attempt === '' ? undefined : decodeAttempt(attempt, numbers),
  };
}

function numberOr<Other>(text: string | undefined, other: Other): number | Other {
  return text === undefined || text === '' ? other : Number(text);
}
