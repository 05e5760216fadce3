import { NOTIFICATIONS } from '../../shared/job.ts';
import type { PermitSource } from '../pacing/campaign-pacer.ts';
import type { Waiter } from '../pacing/waiters.ts';
import type { KeptClosings } from '../trouble/kept-closings.ts';
import { Attempt, type AttemptParts, type Came } from './attempt.ts';
import type { DueMessage } from './due-message.ts';

export interface DeliveryParts extends AttemptParts {
  pacer: PermitSource;
  kept: Pick<KeptClosings, 'areAny' | 'written'>;
}

/**
 * Delivers one message in one run: permit → attempt, until it is settled, put off to a later time,
 * or the run has ended. What is not to be sent at all it settles without an attempt.
 */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #due: DueMessage;
  readonly #waiter: Waiter;

  constructor(parts: DeliveryParts, due: DueMessage) {
    const { campaign } = parts.job;
    this.#parts = parts;
    this.#due = due;
    this.#waiter = { campaign, isUrgent: campaign === NOTIFICATIONS, numbers: due.numbers };
  }

  async run(): Promise<void> {
    const { end, kept, pacer } = this.#parts;
    while (this.#due.entry.state === 'pending' && !end.isStopped) {
      if (end.isExpired) return this.#expire();
      const permit = await pacer.acquire(this.#waiter, end.signal);
      if (!permit) continue;
      if (kept.areAny) {
        // It could not be written down what became of it.
        permit[Symbol.dispose]();
        await kept.written(end.signal);
        continue;
      }
      const came = await new Attempt(this.#parts, this.#due).run(permit);
      if (!(await this.#isAgain(came))) return;
    }
  }

  /** @returns whether it is tried again at once, as where only the valve stood in the way */
  async #isAgain(came: Came): Promise<boolean> {
    switch (came) {
      case 'expired':
      case 'held':
      case 'put_off':
        return true;
      case 'nobody_left':
        await this.#settleUnsent('opted_out');
        return false;
      case 'late':
        await this.#expire();
        return false;
      case 'refused':
      case 'never_written':
      case 'judged':
        return false;
    }
  }

  async #expire(): Promise<void> {
    await this.#settleUnsent('expired');
    // The only one that does not expire is cancelled already.
    if (this.#due.entry.state === 'pending') this.#parts.end.stop('cancelled');
  }

  async #settleUnsent(verdict: 'expired' | 'opted_out'): Promise<void> {
    const { ledger, run } = this.#parts;
    const { entry } = this.#due;
    const attempt = this.#due.attempt(entry.number, run);
    entry.state = await ledger.close({ ...attempt, verdict });
  }
}
