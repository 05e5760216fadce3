/**
 * Which numbers of a message count as opted out: those that no attempt which matters was sent to. Those attempts are,
 * of an accepted message, all that were accepted; of any other, the last one and all that may have been sent. For a
 * number that was in such a request may have been texted, whatever it opted out of later.
 * The rule stands in `left-out.lua`, too, on purpose: scripts count by that one, the audit names by this.
 */
import type { Attempt, Entry } from './entry.ts';
import { isSettled } from './letters.ts';

/** The places in the message of the numbers that count as opted out. @param earlier all attempts but the last */
export function optedOutPlaces(
  { state, unsure, last }: Entry,
  earlier: readonly Attempt[],
  numbers: number,
): number[] {
  const all = Array.from({ length: numbers }, (_none, place) => place);
  if (state === 'opted_out') return all;
  if (!isSettled(state) || !last) return [];
  const isSent = state === 'accepted' || state === 'shortfall';
  const others = unsure > 0 ? earlier.filter(mayHaveBeenSent) : [];
  const deciding = isSent ? [...earlier, last].filter(wasAccepted) : [last, ...others];
  return all.filter((place) => deciding.every(({ leftOut }) => leftOut?.includes(place)));
}

function mayHaveBeenSent({ outcome }: Attempt): boolean {
  return outcome === 'unconfirmed' || outcome === 'worker_lost';
}

/** For all of its numbers, or some. */
export function wasAccepted({ outcome }: Attempt): boolean {
  return outcome === 'accepted' || outcome === 'shortfall';
}
