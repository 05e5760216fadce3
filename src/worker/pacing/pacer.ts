/**
 * Who gets the next permit, and when. Longer than 250 lines, because all that decides it is read together.
 */
import type { Redis } from 'ioredis';
import { readValve } from '../../shared/fleet/valve.ts';
import type { Logger } from '../../shared/log.ts';
import { Charges } from './charges.ts';
import { Meter } from './meter.ts';
import { type Permit, Permits } from './permit.ts';
import { isCharged, PromisedSlots, type Slot } from './promised-slots.ts';
import { type Answer, SlotSource, type SlotSourceOptions } from './slot-source.ts';
import type { PacerKeys } from './slots.ts';
import { StandstillLog } from './standstill-log.ts';
import { type Waiter, Waiters } from './waiters.ts';

interface WaitingMessage extends Waiter {
  give: (permit: Permit) => void;
}

export interface PacerOptions extends SlotSourceOptions {
  /** Requests under way at once. */
  concurrency: number;
  /** How long the first reply of EngageLab's is waited for before as many as wanted may be under way. Default: not at all. */
  provenWithinMs?: number;
  log: Logger;
}

/**
 * A slot that is used later than this is void: many late ones together would be a burst. N + 1 slots span 1,010 ms, so
 * with this and 2 ms for clocks and for slots used early no second sees more than N used.
 */
const LATEST_MS = 8;
/** A timer is no finer than this; a slot that is nearer is used at once. */
const EARLIEST_MS = 1;
/** Slots are taken 20 ms ahead: asking for each as it comes up would only keep Redis and this process busy. */
const LEAST_WAIT_MS = 5;
const RETRY_MS = 500;
/** However far the next slot is, a limit may be raised before. */
const LONGEST_WAIT_MS = 500;

/**
 * Grants permits to send: in turn, under the fleet's limits, with the valve open, and no more than `concurrency` at once
 * in this process. Waiting costs nothing and holds nothing. A slot that Redis has granted belongs to no message: when its
 * time has come, whoever is next gets the permit to use it.
 */
export class Pacer {
  readonly #redis: Redis;
  readonly #keys: PacerKeys;
  readonly #options: PacerOptions;
  readonly #source: SlotSource;
  readonly #standstill: StandstillLog;
  readonly #waiters = new Waiters<WaitingMessage>();
  readonly #permits: Permits;
  readonly #promised = new PromisedSlots();
  readonly #charges = new Charges();
  readonly #meter: Meter;
  /** What was asked for in an earlier one is void. */
  #round = 0;
  /** Locks that this process is writing into the valve. */
  #locking = 0;
  #asking = false;
  /** An urgent message came while Redis was being asked without it. */
  #askAgain = false;
  #timer: NodeJS.Timeout | undefined;
  #signs: Pick<Answer, 'isFailing' | 'isDoubted'> = { isFailing: false, isDoubted: false };
  #stopped = false;

  constructor(redis: Redis, keys: PacerKeys, options: PacerOptions) {
    this.#redis = redis;
    this.#keys = keys;
    this.#options = options;
    this.#source = new SlotSource(redis, keys, options);
    this.#standstill = new StandstillLog(options.log);
    const permits = new Permits(options.concurrency, () => this.#pump(), options.provenWithinMs);
    this.#permits = permits;
    this.#meter = new Meter(() => permits.given);
  }

  /** Permits given and not given back yet. */
  get inFlight(): number {
    return this.#permits.held;
  }

  /** Permits given since the start. */
  get given(): number {
    return this.#permits.given;
  }

  /** What the fleet's last replies were like, as far as this process knows. */
  get signs(): Pick<Answer, 'isFailing' | 'isDoubted'> {
    return this.#signs;
  }

  /** Permits given a second since the last time this was asked. */
  givenPerSecond(): number {
    return this.#meter.perSecond();
  }

  /**
   * Waits for a permit.
   * @returns undefined if `signal` came first: then there is nothing to give back.
   */
  acquire(waiter: Waiter, signal: AbortSignal): Promise<Permit | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const leave = () => {
        this.#waiters.remove(waiting);
        resolve(undefined);
      };
      const waiting: WaitingMessage = {
        ...waiter,
        give: (permit) => {
          signal.removeEventListener('abort', leave);
          resolve(permit);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiters.add(waiting);
      // The fleet is to know of it before the next slot is given away.
      if (waiter.isUrgent) this.#hurry();
      this.#pump();
    });
  }

  /**
   * Whether a permit that was not used in time may be used all the same: nobody has locked the valve since. Locks that
   * end by themselves are no promise that nothing leaves, and a probe goes through one of them. Redis is asked for the
   * time as well: of a machine that was suspended, the monotonic clock may have stood still.
   */
  async isStillOpen(): Promise<boolean> {
    const { clock, fingerprint: own } = this.#options;
    await clock.ask(this.#redis);
    const locks = await readValve(this.#redis, this.#keys, clock.now());
    return !locks.some(
      ({ until, fingerprint = own }) => until === undefined && fingerprint === own,
    );
  }

  /**
   * Grants nothing before `locking`, which writes a lock into the valve, has come to its end, and voids what is promised:
   * what has been asked for by now was asked without the lock.
   */
  async pauseDuring<T>(locking: Promise<T>): Promise<T> {
    this.#locking++;
    this.#round++;
    try {
      return await locking;
    } finally {
      this.#locking--;
      this.#pump();
    }
  }

  /** Whose replies this process gets, as it believes: doubted, it has one request at a time under way. */
  get permits(): Pick<Permits, 'trust'> {
    return this.#permits;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Asks at once, whatever time had been set for it. */
  #hurry(): void {
    if (this.#asking) this.#askAgain = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Asks for slots once a turn of the event loop, for all that wait by then. */
  #pump(): void {
    if (this.#asking || this.#timer !== undefined || this.#stopped || this.#locking > 0) return;
    if (this.#missing() <= 0) return;
    this.#asking = true;
    setImmediate(() => void this.#ask());
  }

  /** Slots that could be used and are not promised yet. */
  #missing(): number {
    return Math.min(this.#waiters.size, this.#permits.room) - this.#promised.size;
  }

  async #ask(): Promise<void> {
    let waitMs = 0;
    try {
      const unserved = this.#unserved();
      if (unserved.length > 0 && this.#locking === 0) waitMs = await this.#askFor(unserved);
    } catch (error) {
      // Nothing was granted. What waits goes on waiting, and the next try tells whether Redis is back.
      this.#standstill.redisFailed(error);
      waitMs = RETRY_MS;
    }
    this.#asking = false;
    if (waitMs > 0 && !this.#askAgain) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#pump();
      }, waitMs);
    } else {
      this.#askAgain = false;
      this.#pump();
    }
  }

  /** @returns how long to wait before Redis is asked for the rest, ms; 0 if all were granted a slot */
  async #askFor(unserved: readonly WaitingMessage[]): Promise<number> {
    const numbers = unserved.map((each) => each.numbers);
    const urgent = unserved.filter(({ isUrgent }) => isUrgent).length;
    const round = this.#round;
    const charges = this.#charges.open;
    const answer = await this.#source.ask({ urgent, numbers, ...charges });
    // Locked, Redis looked at nothing else.
    if (answer.lock === undefined) this.#charges.close(charges);
    this.#standstill.redisAnswered(answer.lock);
    this.#signs = answer;
    // When somebody opens it, it may still be so.
    if (answer.lock === 'far_end') this.#permits.trust = 'doubted';
    for (const slot of answer.slots) this.#promise({ ...slot, round });
    if (answer.slots.length >= numbers.length) return 0;
    return Math.min(LONGEST_WAIT_MS, Math.max(LEAST_WAIT_MS, answer.waitMs));
  }

  /** Who waits and is not served by a slot that is promised: the next, as many as could go. */
  #unserved(): WaitingMessage[] {
    const missing = this.#missing();
    if (missing <= 0) return [];
    const ahead = this.#waiters.ahead(this.#promised.size + missing);
    return this.#promised.unserved(ahead).slice(0, missing);
  }

  #promise(slot: Slot): void {
    const wait = slot.at - performance.now();
    this.#promised.add(slot);
    if (wait < EARLIEST_MS) this.#serve(slot);
    else setTimeout(() => this.#serve(slot), Math.ceil(wait));
  }

  #serve(slot: Slot): void {
    const { at, charged, isProbe, round } = slot;
    this.#promised.delete(slot);
    // A probe goes alone, so it makes no burst; voided, it would cost the fleet its lease.
    const isLate = !isProbe && performance.now() - at > LATEST_MS;
    const isVoid = isLate || this.#stopped || round !== this.#round;
    // A larger message than was charged for would go on top of what others are granted meanwhile.
    const next = () => (isCharged(slot) ? this.#waiters.takeFor(charged) : this.#waiters.take());
    const waiter = isVoid ? undefined : next();
    const used = waiter?.numbers ?? 0;
    // It can be given back until the next slot is granted, to whichever process.
    if (this.#charges.settle(slot, used)) this.#hurry();
    waiter?.give(this.#permits.give(slot));
    this.#pump();
  }
}
