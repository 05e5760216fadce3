/** The model of a halt: the rule itself, and a campaign of which a test tells what comes of its messages. */
import { controlResume } from '../../../src/producer/control/control-scripts.ts';
import { type Closing, closeAttempts } from '../../../src/shared/ledger/close.ts';
import { encodeAttempt } from '../../../src/shared/ledger/entry.ts';
import { openAttempts } from '../../../src/shared/ledger/open.ts';
import { createKeys } from '../../../src/shared/redis/keys.ts';
import { ANYWHERE } from '../../support/destination.ts';
import { connect, testPrefix } from '../../support/redis.ts';

const AT = 1_790_000_000_000;
export const JOB = 'list-0000000';
const RUN = 'aaaa';
/** Of two numbers each. */
export const MESSAGES = 60;
export const NUMBERS = 2;
const RULES = { attempts: 2, park: true };

/** What comes of a message, at its first attempt. */
export interface Told {
  verdict: 'accepted' | 'shortfall' | 'rejected' | 'retry' | 'unconfirmed' | 'worker_lost';
  accepted: number;
  code: string;
}

export function told(verdict: Told['verdict'], code = '', accepted = 0): Told {
  return { verdict, accepted, code };
}

/** The rule, as a person would follow it with pencil and paper. */
export class Rule {
  readonly #most: number;
  #streak: string[] = [];
  #pending = MESSAGES;
  readonly #past = new Set<string>();
  paused: string | undefined;
  /** The code it has halted for. */
  code: string | undefined;

  constructor(haltAfter: number | 'never' | undefined) {
    this.#most = haltAfter === 'never' ? Infinity : (haltAfter ?? 20);
  }

  get streak(): string | null {
    return this.#streak.length === 0 ? null : `${this.#streak[0]},${this.#streak.length}`;
  }

  close(tolds: readonly Told[], isLate = false): void {
    let isLongEnough: string | undefined;
    for (const { verdict, accepted, code } of tolds) {
      if (verdict !== 'retry' && !isLate) this.#pending -= 1;
      if (accepted > 0) this.#streak = [];
      else if (verdict === 'rejected') {
        if (this.#past.has(code) || this.#most === Infinity) this.#streak = [];
        else this.#streak = this.#streak[0] === code ? [...this.#streak, code] : [code];
        if (this.#streak.length >= this.#most) isLongEnough = code;
      }
    }
    if (isLongEnough === undefined || this.paused !== undefined || this.#pending === 0) return;
    this.paused = 'halt';
    this.code = isLongEnough;
  }

  pause(): void {
    if (this.#pending > 0) this.paused ??= 'operator';
  }

  resume(): void {
    if (this.paused === 'halt' && this.code !== undefined) {
      this.#past.add(this.code);
      this.#streak = [];
    }
    this.paused = undefined;
  }

  replay(): void {
    this.#streak = [];
    if (this.paused === 'halt' && this.#pending === 0) this.paused = undefined;
  }
}

/** A campaign of one job, all of whose messages are under way. */
export async function openCampaign(
  { haltAfter, id = 'list' }: { haltAfter?: number | 'never' | undefined; id?: string } = {},
  prefix = testPrefix(),
) {
  const redis = connect();
  const own = createKeys(prefix).campaign(id);
  const recipients = MESSAGES * NUMBERS;
  await redis.hset(own.campaign, 'phase', 'released');
  if (haltAfter !== undefined) await redis.hset(own.campaign, 'halt_after', haltAfter);
  await redis.hset(own.job(JOB), 'name', 'send');
  await redis.hset(own.counts, { rows: recipients, recipients, pending: recipients });
  await redis.set(own.lock(JOB), RUN, 'PX', 600_000);
  const openings = Array.from({ length: MESSAGES }, (_none, index) => ({ index, number: 1 }));
  const job = { jobId: JOB, token: RUN, run: RUN, leastLockMs: 1000, destination: ANYWHERE };
  await openAttempts(redis, own, job, AT, openings);
  const closing = (index: number, { verdict, accepted, code }: Told): Closing => {
    const attempt = { run: RUN, outcome: verdict, at: AT, ms: 5, words: `said of ${code}` };
    const counts = { accepted_count: accepted };
    return {
      ...{ index, number: 1, run: RUN, verdict, numbers: NUMBERS, accepted, code, due: AT },
      attempt: encodeAttempt(
        verdict === 'accepted' ? { ...attempt, ...counts, words: undefined } : attempt,
        NUMBERS,
      ),
    };
  };
  let next = 0;
  return {
    redis,
    own,
    closing,
    /** The first messages of which nothing has been told yet. */
    take: (tolds: readonly Told[]) => tolds.map((each) => closing(next++, each)),
    get isTold() {
      return next >= MESSAGES;
    },
    close: (closings: readonly Closing[]) => closeAttempts(redis, own, JOB, RULES, closings),
    resume: async () => {
      const { found } = await controlResume(redis, own, 'look');
      if (found === 'unpause') return controlResume(redis, own, 'unpause');
      return undefined;
    },
    stands: async () => {
      const [paused, by, why, streak] = await redis.hmget(
        own.campaign,
        ...['paused', 'paused_by', 'paused_why', 'refused_streak'],
      );
      return { paused, by, why, streak };
    },
  };
}

export type Campaign = Awaited<ReturnType<typeof openCampaign>>;
