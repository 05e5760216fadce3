/** EngageLab's side of the model: who was texted how often, and by which requests they may have been. */
import { expect } from 'vitest';

/** What really comes of a request, and what its worker hears of it. */
export interface Answer {
  verdict:
    | 'accepted'
    | 'shortfall'
    | 'rejected'
    | 'unconfirmed'
    | 'retry'
    | 'throttled'
    | 'never_written';
  /** How many of its numbers are texted, the first ones. `unconfirmed` tells the worker nothing of it. */
  accepted: number;
}

/** One number's account. */
interface Account {
  texted: number;
  /** Requests that may have reached it, as far as those who judge by replies can know. */
  doubtful: number;
  isKnown: boolean;
  /** How often somebody has taken the risk of texting it twice: what was asked before counts no longer. */
  risks: number;
}

export class People {
  readonly #accounts = new Map<string, Account>();

  /**
   * A request leaves.
   * @param isParked whether nobody may be in a second request that could have been accepted, too
   * @returns to be called once its answer is written down
   */
  ask(numbers: readonly string[], { verdict, accepted }: Answer, isParked: boolean): () => void {
    const heard = numbers.map((number, at) => {
      const account = this.#of(number);
      if (isParked) expect(account.doubtful, `${number}, in an earlier request`).toBe(0);
      expect(account.isKnown, `${number}, known to be texted`).toBe(false);
      // Until it is answered, nobody knows.
      account.doubtful += 1;
      if (at < accepted) account.texted += 1;
      const { risks } = account;
      return () => {
        if (risks !== account.risks) return;
        if (verdict === 'accepted') account.isKnown = true;
        if (verdict === 'retry' || verdict === 'throttled') account.doubtful -= 1;
        if (verdict === 'rejected' && accepted === 0) account.doubtful -= 1;
      };
    });
    return () => {
      for (const hear of heard) hear();
    };
  }

  /** Somebody knows that they may have been texted, and wants them to be sent to all the same. */
  risk(numbers: readonly string[]): void {
    for (const number of numbers) {
      const account = this.#of(number);
      Object.assign(account, { doubtful: 0, isKnown: false, risks: account.risks + 1 });
    }
  }

  wasTexted(number: string): boolean {
    return this.#of(number).texted > 0;
  }

  #of(number: string): Account {
    const account = this.#accounts.get(number) ?? {
      texted: 0,
      doubtful: 0,
      isKnown: false,
      risks: 0,
    };
    this.#accounts.set(number, account);
    return account;
  }
}
