import type { RedisClock } from '../../shared/redis/redis-clock.ts';
import type { FarEnd } from '../health/far-end.ts';
import type { Health } from '../health/health.ts';
import type { ValveReports } from '../health/valve-reports.ts';
import { retryAfterMs } from '../request/backoff.ts';
import { classify, type Exchange, type Overrides, type Verdict } from '../request/classify.ts';
import { describeVerdict } from '../request/describe-verdict.ts';
import type { Scrubber } from '../request/scrubber.ts';

export interface JudgeParts {
  valve: ValveReports;
  health: Health;
  farEnd: FarEnd;
  scrubber: Scrubber;
  clock: RedisClock;
}

export interface JudgeOptions {
  /** `VOLLEY_ATTEMPTS`. */
  attempts: number;
  overrides: Overrides;
}

/** What was sent, as far as its judge must know. */
export interface Case {
  exchange: Exchange;
  /** How many numbers were in the request. */
  sent: number;
  /** The attempt's, in its message. */
  number: number;
  /** Of the permit it was sent under. */
  epoch: number;
}

export interface Judgement {
  verdict: Verdict;
  /** It failed, and uses up none of its message's attempts. */
  isExcused: boolean;
  /** What the fleet has to know of it, being written: the lock that EngageLab asked for, that somebody else answers. */
  locking: Promise<unknown>;
}

/**
 * After so many attempts of a message an outage is no excuse any more: it may be the message itself
 * that EngageLab cannot stand, and then it must come to an end. Against an EngageLab that fails
 * half the time, a millionth get there.
 */
const mostExcused = (attempts: number) => Math.max(24, 3 * attempts);

/**
 * Has a reply classified, and tells the fleet what it says of EngageLab: its health, and locks for
 * the valve.
 */
export class Judge {
  readonly #parts: JudgeParts;
  readonly #options: JudgeOptions;

  constructor({ valve, health, farEnd, scrubber, clock }: JudgeParts, options: JudgeOptions) {
    this.#parts = { valve, health, farEnd, scrubber, clock };
    this.#options = options;
  }

  async judge({ exchange, sent, number, epoch }: Case): Promise<Judgement> {
    const { health, farEnd, scrubber } = this.#parts;
    const { attempts, overrides } = this.#options;
    const verdict = scrubber.verdict(classify(exchange, sent, overrides));
    // At once, so that nothing more is permitted; the attempt is closed even if the lock cannot be
    // written.
    const locking = Promise.all([this.#lockValve(verdict), farEnd.note(verdict, epoch)]);
    locking.catch(() => {});
    const isExcused = (await health.note(verdict, epoch)) && number < mostExcused(attempts);
    return { verdict, isExcused, locking };
  }

  /** Where EngageLab says so. */
  async #lockValve(verdict: Verdict): Promise<void> {
    const { valve, clock } = this.#parts;
    if (verdict.outcome === 'throttled') {
      const wait = retryAfterMs(verdict.retryAfter, clock.now());
      await valve.throttled(wait, describeVerdict(verdict));
    } else if (verdict.outcome === 'unauthorized') {
      await valve.unauthorized(describeVerdict(verdict));
    }
  }
}
