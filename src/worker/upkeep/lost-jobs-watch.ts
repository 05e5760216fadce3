import type { Redis } from 'ioredis';
import { NOTIFICATIONS } from '../../shared/job.ts';
import type { Logger } from '../../shared/log.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { Actor } from '../actor/actor.ts';
import { LostJobs } from './lost-jobs.ts';
import { readQuiet } from './lost-scripts.ts';
import { serveUnserved } from './unserved.ts';

/** How often a campaign of which nothing is under way here is looked at. */
const CHECK_MS = 1000;
/** How long nothing of it must have been there to run, before its jobs are looked for. */
const QUIET_MS = 3000;

/**
 * Notices campaigns that have recipients pending and nothing to run; where one stays so, has its jobs looked for, which
 * for a large campaign takes seconds. Those that nobody looks after it gives back to the workers.
 */
export class LostJobsWatch extends Actor {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #idle: () => readonly { id: string; pending: number }[];
  readonly #lostJobs: LostJobs;
  readonly #log: Logger;
  /**
   * Since when nothing of a campaign was there to run, though some are pending, on the monotonic
   * clock.
   */
  readonly #quietSince = new Map<string, number>();

  /** @param idle campaigns of which nothing is to be run now, and of which no job runs here */
  constructor(
    redis: Redis,
    keys: Keys,
    idle: () => readonly { id: string; pending: number }[],
    log: Logger,
  ) {
    super({ everyMs: CHECK_MS, firstAfterMs: 0 }, log, 'jobs that are gone not looked for');
    this.#redis = redis;
    this.#keys = keys;
    this.#idle = idle;
    this.#log = log;
    this.#lostJobs = new LostJobs(redis, keys, log);
  }

  async once(): Promise<void> {
    for (const campaign of await serveUnserved(this.#redis, this.#keys)) {
      const words = 'looked after again: it had been taken off the list of campaigns to be sent';
      this.#log.warn({ campaign }, words);
    }
    const pending = this.#idle().filter((each) => each.pending > 0);
    const ids = [NOTIFICATIONS, ...pending.map(({ id }) => id)];
    for (const id of this.#quietSince.keys()) if (!ids.includes(id)) this.#quietSince.delete(id);
    for (const id of ids) {
      if (this.isStopped) return;
      await this.#check(id);
    }
  }

  override stop(): Promise<void> {
    this.#lostJobs.stop();
    return super.stop();
  }

  async #check(id: string): Promise<void> {
    const { pending, runnable } = await readQuiet(this.#redis, this.#keys.campaign(id));
    // Each notification that is pending has a job that can be run; of a list, there is none to run
    // at its end.
    const isQuiet = id === NOTIFICATIONS ? pending > runnable : pending > 0 && runnable === 0;
    const since = this.#quietSince.get(id) ?? performance.now();
    if (!isQuiet) this.#quietSince.delete(id);
    else this.#quietSince.set(id, since);
    if (isQuiet && performance.now() - since >= QUIET_MS) await this.#lostJobs.lookFor(id);
  }
}
