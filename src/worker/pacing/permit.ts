import type { Moment } from '../../shared/moment.ts';
import type { Slot } from './promised-slots.ts';
import { WarmUp } from './warm-up.ts';

/**
 * Leave to make one request. Its holder gives it back when the request is over; to give it back
 * twice changes nothing.
 */
export class Permit implements Disposable {
  /** The breaker's epoch when it was granted: replies from before its last change move nothing. */
  readonly epoch: number;
  /** When its slot was asked for: the valve was open after that. */
  readonly askedAt: Moment;
  #giveBack: (() => void) | undefined;

  constructor({ epoch, askedAt }: Pick<Slot, 'epoch' | 'askedAt'>, giveBack: () => void) {
    this.epoch = epoch;
    this.askedAt = askedAt;
    this.#giveBack = giveBack;
  }

  [Symbol.dispose](): void {
    const giveBack = this.#giveBack;
    this.#giveBack = undefined;
    giveBack?.();
  }
}

/**
 * The permits of this process: how many are held, how many more may be, and how many there ever
 * were.
 */
export class Permits {
  readonly #most: number;
  readonly #onRoom: () => void;
  readonly #warmUp = new WarmUp();
  #held = 0;
  #given = 0;
  #isSingle = false;

  /**
   * @param most may be held at once
   * @param onRoom called when one more may be than before
   */
  constructor(most: number, onRoom: () => void) {
    this.#most = most;
    this.#onRoom = onRoom;
  }

  get held(): number {
    return this.#held;
  }

  /** Since the start. */
  get given(): number {
    return this.#given;
  }

  /** How many more may be held now. */
  get room(): number {
    return (this.#isSingle ? 1 : this.#warmUp.room(this.#most)) - this.#held;
  }

  /** From now on one may be held at a time, or as many as ever. Those that are held stay. */
  goSingly(isSingle: boolean): void {
    const wasSingle = this.#isSingle;
    this.#isSingle = isSingle;
    if (wasSingle && !isSingle) this.#onRoom();
  }

  /** The permit of a slot whose time has come. */
  give(slot: Slot): Permit {
    this.#held++;
    this.#given++;
    this.#warmUp.begin(this.#onRoom);
    return new Permit(slot, () => {
      this.#held--;
      this.#warmUp.cameBack();
      this.#onRoom();
    });
  }
}
