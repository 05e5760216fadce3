import type { Redis } from 'ioredis';
import type { Logger } from '../../shared/log.ts';
import { maskPhonesIn } from '../../shared/phone.ts';
import type { FleetKeys } from '../../shared/redis/keys.ts';
import { PerTick } from '../../shared/redis/per-tick.ts';
import type { Verdict } from '../request/classify.ts';
import { reportHealth } from './breaker.ts';

interface Reply {
  isFailure: boolean;
  epoch: number;
  detail: string;
}

/**
 * How many of the last replies are looked at, and how many of them failing show a fleet that is not
 * well.
 */
const REMEMBERED = 100;
const UNWELL = 25;

/**
 * Tells the fleet's breaker what replies say of EngageLab, those of one turn of the event loop in
 * one call, and says whether a failure is the message's own. It judges no reply and sends nothing.
 */
export class Health {
  readonly #log: Logger;
  readonly #isFleetFailing: () => boolean;
  readonly #reports: PerTick<Reply, boolean>;
  /** The last replies, true for a failure. */
  readonly #last: boolean[] = [];
  /**
   * The last that was told was a failure: the next success is told too, for it ends the failures in
   * a row.
   */
  #hasFailed = false;

  constructor(
    redis: Redis,
    keys: FleetKeys,
    options: { log: Logger; isFleetFailing: () => boolean },
  ) {
    this.#log = options.log;
    this.#isFleetFailing = options.isFleetFailing;
    this.#reports = new PerTick((replies) => this.#report(redis, keys, replies));
  }

  /**
   * Takes note of a reply.
   * @param epoch of the permit it was sent under
   * @returns whether its failure should use up none of its message's attempts
   */
  async note(verdict: Verdict, epoch: number): Promise<boolean> {
    const sign = signOf(verdict);
    if (sign === undefined) return false;
    const isFailure = sign === 'failing';
    this.#last.push(isFailure);
    if (this.#last.length > REMEMBERED) this.#last.shift();
    // A success tells nothing new while all is well, which is nearly always.
    if (!isFailure && !this.#hasFailed && !this.#isFleetFailing()) return false;
    this.#hasFailed = isFailure;
    const words = `HTTP ${verdict.http_status ?? '-'}: ${verdict.message ?? ''}`;
    // Masked while it is whole: a number that is cut short is not known for one.
    const detail = maskPhonesIn(words).slice(0, 200);
    // A Redis that cannot take this for now must not keep the attempt from being written down.
    const isOutage = await this.#reports.add({ isFailure, epoch, detail }).catch(() => false);
    return isFailure && (isOutage || this.#isUnwell());
  }

  /**
   * Many fail, though not in a row: EngageLab is limping, and its failures are no fault of the
   * messages.
   */
  #isUnwell(): boolean {
    return this.#last.filter((isFailure) => isFailure).length >= UNWELL;
  }

  async #report(redis: Redis, keys: FleetKeys, replies: Reply[]): Promise<boolean[]> {
    const verdicts = new Map<number, boolean>();
    for (const epoch of new Set(replies.map((reply) => reply.epoch))) {
      const own = replies.filter((reply) => reply.epoch === epoch);
      const failures = own.filter((reply) => reply.isFailure);
      const detail = failures[0]?.detail ?? '';
      const successes = own.length - failures.length;
      const health = { successes, failures: failures.length, epoch, detail };
      const { isOutage, change } = await reportHealth(redis, keys, health);
      if (change === 'locked') this.#log.warn({ detail }, 'valve locked: outage');
      if (change === 'opened') this.#log.info('valve opened: EngageLab is back');
      verdicts.set(epoch, isOutage);
    }
    return replies.map(({ epoch }) => verdicts.get(epoch) ?? false);
  }
}

/** A lost reply says nothing of EngageLab, only of the way to it; nor does being told to wait. */
function signOf({ outcome, http_status }: Verdict): 'well' | 'failing' | undefined {
  if (outcome === 'retry') return http_status === 408 ? undefined : 'failing';
  if (outcome === 'throttled' || outcome === 'unconfirmed') return undefined;
  return 'well';
}
