/**
 * Who of a message was texted, or may have been, and who is still to be: from its job and its
 * ledger, whatever its state is called. It reads nothing.
 *
 * A number was texted that was in an attempt which EngageLab accepted, for all or some, or which may
 * have been sent: one without a reply, or under way. So a message that was `exhausted` after such an
 * attempt counts, and one that was `rejected`, `cancelled` or `expired` without any does not.
 */
import type { StoredJob } from '../../shared/campaign/stored-jobs.ts';
import { stateOf } from '../../shared/ledger/count.ts';
import { type Attempt, type Entry, UNTOUCHED } from '../../shared/ledger/entry.ts';
import type { AttemptOutcome } from '../../shared/ledger/letters.ts';
import { earlierAttempts } from '../report/audit-line.ts';

export type Left = 'texted' | 'pending' | 'not';

/** Unix ms. */
export interface LeftTimes {
  readonly now: number;
  /** Attempts before then count for nothing. */
  readonly since: number;
}

const MAY_HAVE_LEFT: readonly AttemptOutcome[] = [
  'accepted',
  'shortfall',
  'unconfirmed',
  'worker_lost',
  'open',
];

const ALL_PENDING = (): Left => 'pending';
const ALL_TEXTED = (): Left => 'texted';
const NONE = (): Left => 'not';

/** What became of the messages of one job. */
export class LeftOfJob {
  readonly #stored: StoredJob;
  readonly #cancelled: number;
  readonly #isOver: boolean;
  readonly #since: number;
  #earlier: ReturnType<typeof earlierAttempts> | undefined;

  /**
   * @param cancelled the last chapter that was
   */
  constructor(stored: StoredJob, cancelled: number, { now, since }: LeftTimes) {
    this.#stored = stored;
    this.#cancelled = cancelled;
    this.#isOver = (stored.job.not_after ?? Number.POSITIVE_INFINITY) < now;
    this.#since = since;
  }

  /** Whether a replay has moved the numbers of a message to others, which tell the rest of them. */
  isMoved(index: number): boolean {
    return this.#entry(index).isMoved ?? false;
  }

  /** @returns what became of a message's number, by its place in the message */
  of(index: number): (place: number) => Left {
    const entry = this.#entry(index);
    // Nearly all messages of a campaign that has just been sent, or is finished.
    if (entry.number === 0 && entry.state === 'pending' && !this.#isOver && this.#cancelled === 0)
      return ALL_PENDING;
    if (entry.number === 1 && entry.last?.outcome === 'accepted' && !entry.last.leftOut)
      return entry.last.at >= this.#since ? ALL_TEXTED : NONE;
    const left = this.#attempts(index, entry).filter(({ outcome }) =>
      MAY_HAVE_LEFT.includes(outcome),
    );
    const sent = left.filter(({ at }) => at >= this.#since);
    // Another program deleted the record of a message that was accepted, and with it when that was.
    const isAll = entry.state === 'accepted' && left.length === 0;
    const isPending =
      !entry.isMoved && !this.#isOver && stateOf(entry, this.#cancelled) === 'pending';
    return (place) => {
      if (isAll || sent.some(({ leftOut }) => !leftOut?.includes(place))) return 'texted';
      return isPending ? 'pending' : 'not';
    };
  }

  #entry(index: number): Entry {
    return this.#stored.entries[index] ?? UNTOUCHED;
  }

  #attempts(index: number, { number, last }: Entry): Attempt[] {
    const attempts = last ? [last] : [];
    if (number <= 1) return attempts;
    this.#earlier ??= earlierAttempts(this.#stored);
    for (const { attempt } of this.#earlier.get(String(index)) ?? []) attempts.push(attempt);
    return attempts;
  }
}
