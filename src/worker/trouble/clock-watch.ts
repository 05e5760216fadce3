import type { Logger } from '../../shared/log.ts';

/** A clock that is set by NTP is nearer than this. */
const OFF_MS = 2000;

/**
 * Tells the log that this machine's clock is not Redis's: once, and again when it has changed by
 * much. Nothing that is sent goes by it, but whoever reads this machine's logs is led astray.
 */
export class ClockWatch {
  readonly #log: Logger;
  /** What was told last; 0 where it was right. */
  #told = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param offMs by how much this machine's clock is ahead of Redis's; negative where it is behind */
  look(offMs: number): void {
    const isOff = Math.abs(offMs) > OFF_MS;
    const isTold = Math.abs(offMs - this.#told) <= Math.max(OFF_MS, Math.abs(this.#told) / 2);
    if (isOff && !isTold) {
      this.#told = offMs;
      const words = `this machine's clock is ${offMs > 0 ? 'ahead of' : 'behind'} Redis's; Redis's decides what is due`;
      this.#log.warn({ clock_off_ms: offMs }, words);
    } else if (!isOff && this.#told !== 0) {
      this.#told = 0;
      this.#log.info({ clock_off_ms: offMs }, "this machine's clock agrees with Redis's again");
    }
  }
}
