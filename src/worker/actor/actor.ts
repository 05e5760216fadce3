import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { Seldom } from '../trouble/seldom.ts';

export interface Rhythm {
  /** From the end of one piece of work to the beginning of the next. */
  everyMs: number;
  /** From the start to the beginning of the first. Default: `everyMs`. */
  firstAfterMs?: number;
}

/**
 * Does one piece of work again and again, in a rhythm of its own: a slow actor delays no other.
 * Never two pieces at a time. Where one fails, the next is tried all the same; the log tells of it
 * at once, and then at most once a minute, with how often it came.
 */
export abstract class Actor {
  readonly #rhythm: Rhythm;
  readonly #log: Logger;
  readonly #failed: string;
  readonly #told = new Seldom();
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> = Promise.resolve();
  #isStopped = false;

  /** @param failed what the log says of a piece of work that failed */
  constructor(rhythm: Rhythm, log: Logger, failed: string) {
    this.#rhythm = rhythm;
    this.#log = log;
    this.#failed = failed;
  }

  /**
   * One piece of its work. Whoever calls it out of the rhythm sees to it that none is under way.
   */
  abstract once(): Promise<void>;

  /** Waits for nothing. Once it was stopped it does not start again. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#schedule(this.#rhythm.firstAfterMs ?? this.#rhythm.everyMs);
  }

  /** Begins no further piece of work, and waits for the one that the rhythm has under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#underWay;
  }

  protected get isStopped(): boolean {
    return this.#isStopped;
  }

  #schedule(ms: number): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#underWay = this.#work();
    }, ms);
  }

  async #work(): Promise<void> {
    try {
      await this.once();
    } catch (error) {
      this.#tell(describeError(error));
    }
    this.#schedule(this.#rhythm.everyMs);
  }

  #tell(error: string): void {
    // A connection that a stop has cut is no failure.
    if (this.#isStopped) return;
    const times = this.#told.count(error);
    if (times > 0) this.#log.error({ error, times }, this.#failed);
  }
}
