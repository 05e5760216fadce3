import type { Slot } from './promised-slots.ts';
import type { Unused } from './slots.ts';

/** What the fleet has not been told of yet. */
export interface OpenCharges {
  /** Recipients sent beyond those that their slots were charged with. */
  owed: number;
  /** Of the last slot that was charged with more than was sent. */
  unused: Unused | undefined;
}

/**
 * Compares how many recipients a slot was charged with, and how many were sent to in it. The
 * difference goes to Redis with the next question, and stays open until Redis has counted it.
 */
export class Charges {
  #owed = 0;
  #unused: Unused | undefined;

  get open(): OpenCharges {
    return { owed: this.#owed, unused: this.#unused };
  }

  /** Redis has counted these. What came up since it was asked stays open. */
  close({ owed, unused }: OpenCharges): void {
    this.#owed -= owed;
    if (this.#unused === unused) this.#unused = undefined;
  }

  /**
   * The slot is over.
   * @param used recipients sent in it
   * @returns whether some of it can be given back
   */
  settle({ charged, count, isByRecipients }: Slot, used: number): boolean {
    this.#owed += Math.max(0, used - charged);
    if (!isByRecipients || used >= charged) return false;
    this.#unused = { recipients: charged - used, count };
    return true;
  }
}
