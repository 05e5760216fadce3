import { type Processor, Worker as QueueWorker, type WorkerOptions } from 'bullmq';
import { isRefusal } from '../../shared/redis/connection.ts';
import type { RedisClock } from '../../shared/redis/redis-clock.ts';
import { clockedBackends } from './clocked-backend.ts';
import { Rest } from './rest.ts';
import { SteadyLockManager } from './steady-lock-manager.ts';

/**
 * BullMQ's worker, with two faults mended. It asks for the next job at once where Redis refused to give it one:
 * thousands of times a second, of a Redis that everybody needs. This one rests first.
 * And it goes by this machine's clock: one that is ahead takes jobs that are put off before their time, and asks for
 * them without end; one that is behind leaves them lying. This one goes by Redis's.
 */
export class PausingQueueWorker extends QueueWorker {
  readonly #clock: Pick<RedisClock, 'now'>;
  // Made when it is needed: BullMQ's constructor begins to fetch before a field of this class is set.
  #rest: Rest | undefined;

  constructor(
    name: string,
    process: Processor,
    options: WorkerOptions,
    clock: Pick<RedisClock, 'now'>,
  ) {
    super(name, process, options, clockedBackends(clock));
    this.#clock = clock;
    // When the next job that is put off is due. BullMQ learns it from Redis, by whose clock it is,
    // and compares it with its own: so it is shown it as its own, anew each time.
    let until = 0;
    Object.defineProperty(this, 'blockUntil', {
      get: () => this.#asOwn(until),
      set: (redisTime: number) => {
        until = redisTime;
      },
    });
    // Only here it compares it with what Redis says next, and keeps one of the two.
    const wait: unknown = Reflect.get(this, 'waitForJob');
    if (typeof wait !== 'function') throw new Error('BullMQ: expected a Worker with waitForJob');
    Object.defineProperty(this, 'waitForJob', { value: () => wait.call(this, until) });
  }

  /** @param redisTime 0 where no job is put off */
  protected override getBlockTimeout(redisTime: number): number {
    return super.getBlockTimeout(this.#asOwn(redisTime));
  }

  /** What this machine's clock shows when Redis's shows that. */
  #asOwn(redisTime: number): number {
    return redisTime > 0 ? redisTime - this.#clock.now() + Date.now() : redisTime;
  }

  protected override createLockManager(): void {
    super.createLockManager();
    Object.setPrototypeOf(this.lockManager, SteadyLockManager.prototype);
  }

  protected override async moveToActive(
    ...args: Parameters<QueueWorker['moveToActive']>
  ): ReturnType<QueueWorker['moveToActive']> {
    try {
      const job = await super.moveToActive(...args);
      this.#rest?.wentWell();
      return job;
    } catch (error) {
      if (isRefusal(error) && !this.closing) await this.#takeRest();
      throw error;
    }
  }

  async #takeRest(): Promise<void> {
    if (!this.#rest) {
      const rest = new Rest();
      this.once('closing', () => rest.stop());
      this.#rest = rest;
    }
    await this.#rest.take();
  }
}
