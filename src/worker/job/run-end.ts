import type { GateClosed } from '../../shared/ledger/open.ts';
import type { RedisClock } from '../../shared/redis/redis-clock.ts';

/** Why a run ended before all that was due had been sent. */
export type StopReason = GateClosed | 'shutdown';

/** A longer delay would overflow. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Knows whether a run may still send: not once it was stopped, and not once its job's time has
 * passed. Whoever waits for a permit is told of either at once.
 */
export class RunEnd {
  readonly #notAfter: number | undefined;
  readonly #clock: Pick<RedisClock, 'now'>;
  readonly #waiting = new AbortController();
  #reason: StopReason | undefined;
  #isTimeUp = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param notAfter Unix ms; the job's last moment, if it has one */
  constructor(notAfter: number | undefined, clock: Pick<RedisClock, 'now'>) {
    this.#notAfter = notAfter;
    this.#clock = clock;
  }

  /** The first reason for which it was stopped. */
  get reason(): StopReason | undefined {
    return this.#reason;
  }

  get isStopped(): boolean {
    return this.#reason !== undefined;
  }

  get isExpired(): boolean {
    return this.#isTimeUp || (this.#notAfter !== undefined && this.#clock.now() > this.#notAfter);
  }

  /** Ends the waiting for permits: at a stop, and when the job's time has passed. */
  get signal(): AbortSignal {
    return this.#waiting.signal;
  }

  stop(reason: StopReason): void {
    this.#reason ??= reason;
    this.#waiting.abort();
  }

  /** Watches the job's time: whoever waits for a permit then need not get one to find out. */
  watch(): void {
    if (this.#notAfter === undefined) return;
    const left = Math.max(0, this.#notAfter + 1 - this.#clock.now());
    // Beyond that a timer would go off at once; no run lasts as long.
    if (left > LONGEST_TIMER_MS) return;
    this.#timer = setTimeout(() => {
      // Redis's clock was set back meanwhile, or a timer came a moment early.
      if (!this.isExpired) return this.watch();
      this.#isTimeUp = true;
      this.#waiting.abort();
    }, left);
  }

  unwatch(): void {
    clearTimeout(this.#timer);
  }
}
