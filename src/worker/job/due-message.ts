import type { Message } from '../../shared/job.ts';
import type { Closing } from '../../shared/ledger/close.ts';
import type { Entry } from '../../shared/ledger/entry.ts';
import type { EntryState } from '../../shared/ledger/letters.ts';
import { type BackoffOptions, backoffMs } from '../request/backoff.ts';

/** Which attempt a closing is about. */
export type AttemptOf = Pick<Closing, 'index' | 'number' | 'numbers' | 'run'>;

/** A message that is due, and what its run knows of it; the run's own entry is kept up to date. */
export class DueMessage {
  readonly message: Message;
  /** Its place in the job. */
  readonly index: number;
  readonly entry: Entry;

  constructor(message: Message, index: number, entry: Entry) {
    this.message = message;
    this.index = index;
    this.entry = entry;
  }

  /** How many numbers it has. */
  get numbers(): number {
    return this.message[0].length;
  }

  /** @param run the name under which its attempt was opened */
  attempt(number: number, run: string): AttemptOf {
    return { index: this.index, number, run, numbers: this.numbers };
  }

  /** @param due Unix ms; when it is tried again, if it is */
  remember(state: EntryState, due: number): void {
    this.entry.state = state;
    this.entry.due = state === 'pending' ? due : 0;
  }
}

/** When a message may be tried again that has used up so many attempts, Unix ms. @param now Unix ms */
export function nextDue(used: number, options: BackoffOptions, now: number): number {
  return now + backoffMs(used + 1, Math.random(), options);
}
