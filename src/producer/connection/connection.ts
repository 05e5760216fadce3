import type { Redis } from 'ioredis';

/**
 * The one connection that all calls on a producer share. A program's is renewed by the first call
 * after it was lost (`RenewedConnection`); a command's is made before its first call and lasts to
 * its end (`LastingConnection`).
 */
export interface Connection {
  readonly url: string;
  /** The connection, if Redis is there at this moment, as far as is known. */
  readonly current: Redis | undefined;
  /** @throws VolleyError `unavailable` within `ms`; `interrupted` once it was closed */
  ready(ms?: number): Promise<Redis>;
  /** What `work` comes to. @throws VolleyError `unavailable` where Redis is away, or refuses */
  use<T>(work: (redis: Redis) => Promise<T>): Promise<T>;
  /**
   * As `use`, for work that takes long, and that a Redis which is silent for a while must not break
   * off.
   */
  useLong<T>(work: (redis: Redis) => Promise<T>): Promise<T>;
  /** For a Redis that is silent: a machine that is gone never closes its end. */
  giveUp(redis: Redis): void;
  /** What is under way fails. */
  close(): void;
}
