import type { Moment } from '../../shared/moment.ts';

/** A slot of this process: what it was granted in the light of, and when. */
export interface Slot {
  /** On the monotonic clock. */
  at: number;
  /** When this process asked for it. */
  askedAt: Moment;
  /** Recipients that it was charged with. */
  charged: number;
  /** Recipients are limited, so slots are charged with them. */
  isByRecipients: boolean;
  /** Of the fleet's slots, this one among them. */
  count: number;
  epoch: number;
  isProbe: boolean;
  round: number;
}

/** Whether the size of the message that gets this slot matters. */
export function isCharged({ isByRecipients, isProbe }: Slot): boolean {
  return isByRecipients && !isProbe;
}

/** Slots granted whose time has not come. None belongs to a message yet. */
export class PromisedSlots {
  readonly #slots = new Set<Slot>();

  get size(): number {
    return this.#slots.size;
  }

  add(slot: Slot): void {
    this.#slots.add(slot);
  }

  delete(slot: Slot): void {
    this.#slots.delete(slot);
  }

  /**
   * Those of `ahead` that no promised slot will serve. A charged slot is taken to serve a message
   * of exactly its size; any other serves the next in turn.
   * @param ahead in turn
   */
  unserved<Each extends { readonly numbers: number }>(ahead: readonly Each[]): Each[] {
    const charged = new Map<number, number>();
    let forAnybody = 0;
    for (const slot of this.#slots) {
      if (!isCharged(slot)) forAnybody++;
      else charged.set(slot.charged, (charged.get(slot.charged) ?? 0) + 1);
    }
    return ahead.slice(forAnybody).filter(({ numbers }) => {
      const slots = charged.get(numbers) ?? 0;
      charged.set(numbers, slots - 1);
      return slots <= 0;
    });
  }
}
