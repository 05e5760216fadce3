import type { Redis } from 'ioredis';
import { Moment } from '../moment.ts';

/**
 * Far more than clocks drift apart, and far less than matters between two answers: milliseconds a
 * millisecond.
 */
const DRIFT = 0.001;

/**
 * Redis's clock, by which everything is decided that has a time: what is due, expires, starts, is
 * retained. A machine's own clock may be a day off, and is asked for nothing of the kind.
 *
 * It knows where Redis's clock stands against this process's monotonic one, and so goes on between
 * two answers, whatever the wall clock is set to. Redis read its clock between our question and its
 * answer, so each answer gives a least and a most for the difference. The quickest gives the
 * closest, and is kept, but for drift: a later answer that this process was slow to look at does not
 * blur it. All in milliseconds.
 */
export class RedisClock {
  /** Redis's clock is ahead of ours by no less and no more than this. */
  #least = Number.NEGATIVE_INFINITY;
  #most = Number.POSITIVE_INFINITY;
  #seenAt = 0;

  /** Asks Redis. Whatever else an answer tells the time with is told to `see`. */
  async ask(redis: Redis): Promise<void> {
    const askedAt = performance.now();
    this.seeReply(await redis.time(), askedAt);
  }

  /** @param redisNow Unix ms  @param askedAt and `answeredAt` on the monotonic clock */
  see(redisNow: number, askedAt: number, answeredAt: number): void {
    const drift = (answeredAt - this.#seenAt) * DRIFT;
    const [least, most] = [redisNow - answeredAt, redisNow - askedAt];
    this.#least = Math.max(least, this.#least - drift);
    this.#most = Math.min(most, this.#most + drift);
    // One of the two was set anew, or it is another Redis.
    if (this.#least > this.#most) [this.#least, this.#most] = [least, most];
    this.#seenAt = answeredAt;
  }

  /** @param time what Redis answered to `TIME`, just now  @param askedAt on the monotonic clock */
  seeReply(time: unknown, askedAt: number): void {
    this.see(timeIn(time), askedAt, performance.now());
  }

  /**
   * Unix ms, whole.
   * @throws Error before the first answer: nothing may be decided by then
   */
  now(): number {
    const now = Math.floor(performance.now() + this.#ahead);
    if (Number.isNaN(now)) throw new Error("Redis's clock: expected an answer before, got none");
    return now;
  }

  /** By how much this machine's own clock is ahead of Redis's; negative where it is behind. */
  get offMs(): number {
    return Date.now() - this.now();
  }

  /** On the monotonic clock. */
  toLocal(redisTime: number): number {
    return redisTime - this.#ahead;
  }

  get #ahead(): number {
    return (this.#least + this.#most) / 2;
  }
}

/** Unix ms with fractions, of what Redis answered to `TIME`: seconds and microseconds. */
export function timeIn(reply: unknown): number {
  const [seconds, micros]: unknown[] = Array.isArray(reply) ? reply : [];
  return Number(seconds) * 1000 + Number(micros) / 1000;
}

/** After so long Redis is asked anew: a producer may lie idle while somebody sets Redis's clock. */
const FRESH_MS = 5000;

/** Of each connection, as long as it is used. */
const ASKED = new WeakMap<Redis, { clock: RedisClock; at: Moment }>();

/**
 * Unix ms by the clock of the Redis at the other end, for a producer. Asks it where it has not been
 * asked over this connection within some seconds.
 */
export async function redisNow(redis: Redis): Promise<number> {
  const asked = ASKED.get(redis);
  if (asked && asked.at.passedMs < FRESH_MS) return asked.clock.now();
  const clock = asked?.clock ?? new RedisClock();
  const at = new Moment();
  await clock.ask(redis);
  ASKED.set(redis, { clock, at });
  return clock.now();
}
