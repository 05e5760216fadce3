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
 * What this process believes of whoever answers it: nothing yet; that it is EngageLab; or, from the last reply, that it
 * cannot be.
 */
export type Trust = 'unproven' | 'proven' | 'doubted';

/**
 * The permits of this process: how many are held, how many more may be, and how many there ever
 * were.
 */
export class Permits {
  readonly #most: number;
  readonly #onRoom: () => void;
  readonly #provenWithinMs: number;
  readonly #warmUp = new WarmUp();
  #held = 0;
  #given = 0;
  #trust: Trust;

  /**
   * @param most may be held at once
   * @param onRoom called when one more may be than before
   * @param provenWithinMs after the first one so long a reply of EngageLab's is waited for; 0 for not at all
   */
  constructor(most: number, onRoom: () => void, provenWithinMs = 0) {
    this.#most = most;
    this.#onRoom = onRoom;
    this.#provenWithinMs = provenWithinMs;
    this.#trust = provenWithinMs > 0 ? 'unproven' : 'proven';
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
    return this.#bound - this.#held;
  }

  get trust(): Trust {
    return this.#trust;
  }

  /** Doubted, one may be held at a time. Those that are held stay. */
  set trust(trust: Trust) {
    const before = this.#bound;
    this.#trust = trust;
    if (this.#bound > before) this.#onRoom();
  }

  get #bound(): number {
    return this.#trust === 'doubted' ? 1 : this.#warmUp.room(this.#most, this.#trust === 'proven');
  }

  /** The permit of a slot whose time has come. */
  give(slot: Slot): Permit {
    this.#held++;
    if (this.#given++ === 0) this.#waitForProof();
    this.#warmUp.begin(this.#onRoom);
    return new Permit(slot, () => {
      this.#held--;
      this.#warmUp.cameBack();
      this.#onRoom();
    });
  }

  /** An EngageLab that does not answer is no wrong one: what is held back for its first reply goes then. */
  #waitForProof(): void {
    if (this.#trust !== 'unproven') return;
    setTimeout(() => {
      if (this.#trust === 'unproven') this.trust = 'proven';
    }, this.#provenWithinMs).unref();
  }
}
