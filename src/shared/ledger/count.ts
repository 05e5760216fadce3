import type { FinalState, State } from '../outcome.ts';
import type { Entry } from './entry.ts';
import { isSettled } from './letters.ts';

/** What a message came to. @param cancelled the last chapter that was cancelled, 0 for none */
export function stateOf(entry: Entry, cancelled: number): State {
  if (isSettled(entry.state)) return entry.state;
  return entry.chapter <= cancelled ? 'cancelled' : 'pending';
}

/**
 * What a message of so many numbers counts as: numbers by state, which sum to `numbers`, or to none where a replay has
 * moved them to other messages. The same rule as in `entry.lua`, written a second time on purpose: `verify` recounts with
 * this one what scripts counted with the other.
 */
export function countEntry(
  entry: Entry,
  numbers: number,
  cancelled: number,
): Partial<Record<State, number>> {
  if (entry.isMoved) return {};
  if (!isSettled(entry.state)) return { [stateOf(entry, cancelled)]: numbers };
  const { state } = entry;
  const left = numbers - entry.optedOut;
  const counts: Partial<Record<FinalState, number>> = { opted_out: entry.optedOut };
  const accepted =
    state === 'accepted' ? left : state === 'unconfirmed' ? 0 : Math.min(entry.accepted ?? 0, left);
  counts.accepted = accepted;
  counts[state] = (counts[state] ?? 0) + left - accepted;
  return counts;
}
