/**
 * A replay shows that it is alive: else whoever comes next brings into the queue what it had taken. It keeps nobody from
 * anything: two replays of one campaign may be under way, and each shows so.
 */
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { CampaignKeys } from '../redis/keys.ts';

/** How long one that died is taken for alive. */
const LEASE_MS = 5000;
const RENEWAL_MS = 1000;

export class ReplayLease {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #token = randomBytes(6).toString('hex');
  #renewal: NodeJS.Timeout | undefined;

  constructor(redis: Redis, { replayLease }: CampaignKeys) {
    this.#redis = redis;
    this.#key = replayLease;
  }

  /** Before anything is written down. */
  async take(): Promise<void> {
    await this.#renew();
    // Where it fails, the replay itself does, or the next time succeeds.
    this.#renewal = setInterval(() => this.#renew().catch(() => undefined), RENEWAL_MS);
  }

  /** What another replay has put there stays; where Redis is away it runs out by itself. */
  async release(): Promise<void> {
    clearInterval(this.#renewal);
    const holder = await this.#redis.get(this.#key).catch(() => null);
    if (holder === this.#token) await this.#redis.unlink(this.#key).catch(() => undefined);
  }

  async #renew(): Promise<void> {
    await this.#redis.set(this.#key, this.#token, 'PX', LEASE_MS);
  }
}
