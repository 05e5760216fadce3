/**
 * The letters that stand for words in a ledger's text: all that `entry.ts` writes, and what the
 * scripts are told and answer. Nobody else knows them; everywhere else a state, an outcome or a
 * verdict is its word. `entry.lua` has the same legend for the scripts.
 */
import type { FinalState, Outcome } from '../outcome.ts';

/**
 * What a message has come to: `pending` waits for its next attempt, `open` has one under way, all
 * others are settled.
 */
const STATE_LETTERS = {
  pending: 'p',
  open: 'o',
  accepted: 'a',
  shortfall: 's',
  rejected: 'r',
  exhausted: 'x',
  unconfirmed: 'u',
  expired: 'e',
  cancelled: 'c',
  opted_out: 'd',
  lost: 'g',
} as const satisfies Partial<Record<FinalState | 'pending' | 'open', string>>;
export type EntryState = keyof typeof STATE_LETTERS;
export type SettledState = Exclude<EntryState, 'pending' | 'open'>;

/**
 * What an attempt came to: `open` is under way; `worker_lost` is `unconfirmed`, for its worker was
 * lost before it could tell.
 */
export const ATTEMPT_LETTERS = {
  open: 'o',
  accepted: 'a',
  shortfall: 's',
  retry: 'y',
  throttled: 't',
  unauthorized: 'n',
  rejected: 'r',
  unconfirmed: 'u',
  worker_lost: 'l',
} as const satisfies Record<Outcome | 'open' | 'worker_lost', string>;
export type AttemptOutcome = keyof typeof ATTEMPT_LETTERS;

/**
 * What the close is told of an attempt: what it came to, or that it was `never_written`, or that
 * its reply, which was written down before, is `doubtful`. Or of a message without one: all of it
 * has `expired` or `opted_out`.
 */
export const VERDICT_LETTERS = {
  ...ATTEMPT_LETTERS,
  never_written: 'v',
  expired: 'e',
  opted_out: 'd',
  doubtful: 'q',
} as const;
export type ClosingVerdict = Exclude<keyof typeof VERDICT_LETTERS, 'open' | 'doubtful'>;

const STATES = wordsOf(STATE_LETTERS);
const OUTCOMES = wordsOf(ATTEMPT_LETTERS);

function wordsOf<Letters extends Readonly<Record<string, string>>>(letters: Letters) {
  const words = new Map<string, Extract<keyof Letters, string>>();
  for (const word in letters) words.set(letters[word] ?? '', word);
  return words;
}

export function stateOfLetter(letter: string): EntryState | undefined {
  return STATES.get(letter);
}

export function outcomeOfLetter(letter: string): AttemptOutcome | undefined {
  return OUTCOMES.get(letter);
}

/**
 * The states that a script answers, a letter for each message; undefined where that is something
 * else.
 */
export function statesOfLetters(letters: unknown): EntryState[] | undefined {
  if (typeof letters !== 'string') return undefined;
  const states: EntryState[] = [];
  for (const letter of letters) {
    const state = STATES.get(letter);
    if (state === undefined) return undefined;
    states.push(state);
  }
  return states;
}

export function isSettled(state: EntryState): state is SettledState {
  return state !== 'pending' && state !== 'open';
}

/**
 * What an attempt's end is called outside the ledger: why nobody knows makes no difference there.
 */
export function toldOutcome(outcome: AttemptOutcome): Outcome | 'open' {
  return outcome === 'worker_lost' ? 'unconfirmed' : outcome;
}
