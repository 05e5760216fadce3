import type { Redis } from 'ioredis';
import { describeError } from '../shared/errors.ts';
import type { FleetKeys } from '../shared/keys.ts';
import type { Logger } from '../shared/log.ts';
import { askForSlots } from './permits.ts';

interface Waiter {
  numbers: number;
  grant: () => void;
}

/**
 * Grants permission to send: in its turn, under the fleet's limits, with the valve open, and with no more than
 * `concurrency` requests under way in this process. Waiting costs nothing and holds nothing. A permit belongs to
 * no message until it is used: it goes to whoever waits first when its slot has come.
 */
export class Pacer {
  readonly #redis: Redis;
  readonly #keys: FleetKeys;
  readonly #fingerprint: string;
  readonly #log: Logger;
  readonly #free: () => number;
  readonly #waiters = new Set<Waiter>();
  #inFlight = 0;
  #granted = 0;
  #counted = 0;
  #countedSince = performance.now();
  #promised = 0;
  #asking = false;
  #timer: NodeJS.Timeout | undefined;
  #lock: string | undefined;
  #failing = false;
  #stopped = false;

  constructor(
    redis: Redis,
    keys: FleetKeys,
    options: { fingerprint: string; concurrency: number; log: Logger },
  ) {
    this.#redis = redis;
    this.#keys = keys;
    this.#fingerprint = options.fingerprint;
    this.#log = options.log;
    this.#free = () => options.concurrency - this.#inFlight - this.#promised;
  }

  /** Requests permitted and not yet released. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Permits used since the start. */
  get granted(): number {
    return this.#granted;
  }

  /** Permits used a second since the last time this was asked. */
  grantedPerSecond(): number {
    const now = performance.now();
    const since = this.#granted - this.#counted;
    const rate = (since * 1000) / Math.max(1, now - this.#countedSince);
    this.#counted = this.#granted;
    this.#countedSince = now;
    return Math.round(rate * 10) / 10;
  }

  /**
   * Waits for a permit for a message of so many numbers. Whoever gets one calls `release` when its request is over.
   * @returns false if `signal` came first: then there is nothing to release.
   */
  acquire(numbers: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const leave = () => {
        this.#waiters.delete(waiter);
        resolve(false);
      };
      const waiter: Waiter = {
        numbers,
        grant: () => {
          signal.removeEventListener('abort', leave);
          resolve(true);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiters.add(waiter);
      this.#pump();
    });
  }

  release(): void {
    this.#inFlight--;
    this.#pump();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Asks for slots once a turn of the event loop, for all that wait by then. */
  #pump(): void {
    if (this.#asking || this.#timer !== undefined || this.#stopped) return;
    if (this.#waiters.size <= this.#promised || this.#free() <= 0) return;
    this.#asking = true;
    setImmediate(() => void this.#ask());
  }

  async #ask(): Promise<void> {
    let waitMs = 0;
    try {
      const wanted: number[] = [];
      const most = Math.min(this.#waiters.size - this.#promised, this.#free());
      // The first of them have slots that are still to come, and were charged for.
      let promised = this.#promised;
      for (const waiter of this.#waiters) {
        if (wanted.length >= most) break;
        if (promised-- > 0) continue;
        wanted.push(waiter.numbers);
      }
      if (wanted.length > 0) {
        const grant = await askForSlots(this.#redis, this.#keys, this.#fingerprint, wanted);
        this.#tell(grant.lock);
        this.#give(grant.slots);
        waitMs = grant.slots.length < wanted.length ? Math.max(1, grant.waitMs) : 0;
      }
    } catch (error) {
      // Nothing was granted. What waits goes on waiting, and the next try tells whether Redis is back.
      if (!this.#failing) this.#log.error({ error: describeError(error) }, 'no permits from Redis');
      this.#failing = true;
      waitMs = 500;
    }
    this.#asking = false;
    if (waitMs > 0) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#pump();
      }, waitMs);
    } else {
      this.#pump();
    }
  }

  #give(slots: readonly number[]): void {
    for (const ms of slots) {
      this.#promised++;
      if (ms < 1) this.#serve();
      else setTimeout(() => this.#serve(), ms);
    }
  }

  #serve(): void {
    this.#promised--;
    const [first] = this.#waiters;
    if (first === undefined) return;
    this.#waiters.delete(first);
    this.#inFlight++;
    this.#granted++;
    first.grant();
  }

  #tell(lock: string | undefined): void {
    if (this.#failing) this.#log.info('Redis grants permits again');
    this.#failing = false;
    if (lock === this.#lock) return;
    if (lock === undefined) this.#log.info('the valve is open again');
    else this.#log.warn({ lock }, 'the valve is locked: nothing is sent');
    this.#lock = lock;
  }
}
