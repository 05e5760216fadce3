import { describeError } from '../../shared/errors.ts';
import type { Attempt } from '../../shared/ledger/entry.ts';
import { isSettled } from '../../shared/ledger/letters.ts';
import type { Logger } from '../../shared/log.ts';
import { doubtful } from './closings.ts';
import type { AttemptOf, DueMessage } from './due-message.ts';
import type { Ledger } from './job-ledger.ts';

/** An attempt that is closed, and what was written of it. */
interface Closed {
  closing: AttemptOf;
  attempt: Attempt;
  due: DueMessage;
}

export interface DoubtfulReplyParts {
  ledger: Ledger;
  log: Logger;
  /** The message's name, for the log. */
  message: string;
}

/**
 * Takes back what an attempt came to if a second reply follows on its own: nobody knows then which
 * of the two was. That may be found out before the attempt is closed, or at any time afterwards,
 * even when its run is over.
 */
export class DoubtfulReply {
  readonly #parts: DoubtfulReplyParts;
  #isDoubted = false;
  #closed: Closed | undefined;

  constructor(parts: DoubtfulReplyParts) {
    this.#parts = parts;
  }

  /** A reply that nobody asked for came behind it. */
  doubt(): void {
    this.#isDoubted = true;
    if (this.#closed) void this.#takeBack(this.#closed);
  }

  /** The attempt is closed: from now on there is something to take back. */
  close(closed: Closed): void {
    this.#closed = closed;
    if (this.#isDoubted) void this.#takeBack(closed);
  }

  async #takeBack({ closing, attempt, due }: Closed): Promise<void> {
    const { ledger, log, message } = this.#parts;
    try {
      const [state = 'unconfirmed'] = await ledger.closeNow([doubtful(closing, attempt)]);
      // A later attempt's state is its own.
      if (due.entry.number === closing.number) due.remember(state, due.entry.due);
      const outcome = isSettled(state) ? state : 'pending';
      log.error(
        { message, outcome },
        'a reply that nobody asked for came after its own: nobody knows which of the two was',
      );
    } catch (error) {
      log.error({ message, error: describeError(error) }, 'a doubtful reply stays believed');
    }
  }
}
