/**
 * Which earlier campaigns must be looked at, from the sketches alone; pure. Looking reads all of a
 * campaign's jobs, so it is not done where the two lists surely have next to nobody in common.
 */
import type { Listed } from './listed.ts';
import type { Comparison } from './sketch.ts';

/** An earlier `send`, and what its sketch tells. */
export interface Candidate extends Listed {
  /** It began more than a day ago: only what it texted since counts. */
  readonly isOld: boolean;
  readonly comparison: Comparison;
  /** How many of this list are among its people, about; undefined where there is nothing to compare. */
  readonly about: number | undefined;
}

/**
 * Of two lists without a match among so many of each, a fifth in common has a chance of 1 in 10^19,
 * and 2 % one of 1 in 50.
 */
const ENOUGH = 200;
/** With so much in common with all together, a little in common with each counts. */
const MUCH = 0.1;

/** @returns those that must be looked at, the one with most in common first */
export function toLookAt(all: readonly Candidate[]): Candidate[] {
  const isMuch = all.reduce((sum, each) => sum + shareOf(each), 0) >= MUCH;
  return all
    .filter((each) => !isSurelyApart(each.comparison, isMuch))
    .sort((a, b) => shareOf(b) - shareOf(a));
}

function isSurelyApart({ isExact, own, other, shared }: Comparison, isMuch: boolean): boolean {
  if (shared > 0) return false;
  return isExact || (!isMuch && own >= ENOUGH && other >= ENOUGH);
}

function shareOf({ comparison: { own, shared } }: Candidate): number {
  return shared / Math.max(1, own);
}
