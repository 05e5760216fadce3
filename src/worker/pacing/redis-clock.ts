/**
 * Far more than clocks drift apart, and far less than matters between two answers: milliseconds a
 * millisecond.
 */
const DRIFT = 0.001;

/**
 * Where Redis's clock stands against this process's monotonic one. Redis read its clock between our
 * question and its answer, so each answer gives a least and a most for the difference. The quickest
 * gives the closest, and is kept, but for drift: a later answer that this process was slow to look
 * at does not blur it. All in milliseconds.
 */
export class RedisClock {
  /** Redis's clock is ahead of ours by no less and no more than this. */
  #least = Number.NEGATIVE_INFINITY;
  #most = Number.POSITIVE_INFINITY;
  #seenAt = 0;

  /** @param askedAt and `answeredAt` on the monotonic clock */
  see(redisNow: number, askedAt: number, answeredAt: number): void {
    const drift = (answeredAt - this.#seenAt) * DRIFT;
    const [least, most] = [redisNow - answeredAt, redisNow - askedAt];
    this.#least = Math.max(least, this.#least - drift);
    this.#most = Math.min(most, this.#most + drift);
    // One of the two was set anew, or it is another Redis.
    if (this.#least > this.#most) [this.#least, this.#most] = [least, most];
    this.#seenAt = answeredAt;
  }

  /** On the monotonic clock. */
  toLocal(redisTime: number): number {
    return redisTime - (this.#least + this.#most) / 2;
  }
}
