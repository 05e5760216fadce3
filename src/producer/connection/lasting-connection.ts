/**
 * A command's one connection: made before its first call, and kept to its end. It is there or the
 * command does not begin. Where it is lost, what was under way fails, and it comes back by itself,
 * for whoever waits. A Redis that says nothing is waited for up to 8 s, whatever is being done.
 */
import type { Redis } from 'ioredis';
import { VolleyError } from '../../shared/errors.ts';
import { connectProducer, isRefusal } from '../../shared/redis/connection.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { refuseNewer } from '../../shared/redis/layout.ts';
import { refuseOld } from '../../shared/redis/version.ts';
import type { RedisSettings } from '../../shared/redis-settings.ts';
import type { Connection } from './connection.ts';
import { redisFailure } from './redis-failure.ts';

export class LastingConnection implements Connection {
  readonly #redis: Redis;
  readonly url: string;
  #wasLost = false;

  /** For a connection that is made already; `open` makes one. */
  constructor(redis: Redis, url: string) {
    this.#redis = redis;
    this.url = url;
    redis.on('close', () => {
      this.#wasLost = true;
    });
  }

  /**
   * @throws VolleyError `unavailable` within 2 s where Redis is away, or does not do what it must;
   *   `corrupt` where a newer Volley has written
   */
  static async open(
    { redisUrl: url, redisTls: tls }: RedisSettings,
    keys: Keys,
  ): Promise<LastingConnection> {
    const redis = await connectProducer(url, { tls }).catch((error: unknown) => {
      const cause = error instanceof Error ? error.cause : undefined;
      throw isRefusal(cause) ? redisFailure(cause, url) : error;
    });
    const connection = new LastingConnection(redis, url);
    try {
      await connection.use(() => refuseOld(redis, url));
      await connection.use(() => refuseNewer(redis, keys, url));
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  get current(): Redis | undefined {
    return this.#redis.status === 'ready' ? this.#redis : undefined;
  }

  /** Waits for nothing: where the connection is lost, a call on it fails at once. */
  async ready(): Promise<Redis> {
    return this.#redis;
  }

  async use<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    try {
      return await work(this.#redis);
    } catch (error) {
      if (error instanceof VolleyError) throw error;
      if (this.#wasLost || isRefusal(error)) throw redisFailure(error, this.url);
      throw error;
    }
  }

  useLong<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    return this.use(work);
  }

  /** Its command is told that this call failed, and ends with it. */
  giveUp(): void {}

  close(): void {
    this.#redis.disconnect();
  }
}
