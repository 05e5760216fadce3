/**
 * The closed sets that everything is counted in. Source: docs/design/outcomes.md.
 */

/** What one attempt came to. */
export const OUTCOMES = [
  'accepted',
  'shortfall',
  'retry',
  'throttled',
  'unauthorized',
  'rejected',
  'unconfirmed',
] as const;
/** What one attempt came to. */
export type Outcome = (typeof OUTCOMES)[number];

/** What a message's recipients came to in the end. */
export const FINAL_STATES = [
  'accepted',
  'shortfall',
  'rejected',
  'exhausted',
  'unconfirmed',
  'expired',
  'cancelled',
  'opted_out',
  'capped',
  'lost',
] as const;
/** What a message's recipients came to in the end. */
export type FinalState = (typeof FINAL_STATES)[number];

/** What may be replayed: all but what was accepted, and what has no message that could be sent. */
export const REPLAYABLE: readonly FinalState[] = FINAL_STATES.filter(
  (state) => state !== 'accepted' && state !== 'capped' && state !== 'lost',
);

export const STATES = ['pending', ...FINAL_STATES] as const;
/** The same, and `pending` for none of these yet. */
export type State = (typeof STATES)[number];

/** Every word that rows and recipients are counted under, in the order they are shown. */
export const COUNTS = [
  'rows',
  'invalid',
  'duplicate',
  'suppressed',
  'recipients',
  ...STATES,
] as const;
/** A word that rows or recipients are counted under. */
export type CountName = (typeof COUNTS)[number];
/** Counts of rows or recipients, by that word. */
export type Counts = Record<CountName, number>;

/** Whether both equations hold: rows into recipients, recipients into states. */
export function isBalanced(counts: Counts): boolean {
  const { rows, invalid, duplicate, suppressed, recipients } = counts;
  const settled = STATES.reduce((sum, state) => sum + counts[state], 0);
  return rows === invalid + duplicate + suppressed + recipients && recipients === settled;
}
