/**
 * The calls on a producer, each counted while it is under way, so that a close can wait for all of
 * them.
 */
import type { Redis } from 'ioredis';
import { VolleyError } from '../../shared/errors.ts';
import type { Connection } from './connection.ts';

export class Calls {
  readonly connection: Connection;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Aborts, with the reason for whoever waits, once no further call is taken. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** One call on Redis. @throws VolleyError `interrupted` once it was closed */
  use<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    return this.track(() => this.connection.use(work));
  }

  /** A call that takes long, and that a Redis which is silent for a while does not break off. */
  useLong<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    return this.track(() => this.connection.useLong(work));
  }

  /** As `useLong`; where Redis is away, `onAway` is told why, and the work is done without it. */
  useIfThere<T>(
    work: (redis: Redis | undefined) => Promise<T>,
    onAway: (why: unknown) => void,
  ): Promise<T> {
    let isThere = false;
    return this.track(async () => {
      try {
        return await this.connection.useLong((redis) => {
          isThere = true;
          return work(redis);
        });
      } catch (error) {
        const isAway = error instanceof VolleyError && error.code === 'unavailable';
        if (isThere || !isAway) throw error;
        onAway(error);
        return work(undefined);
      }
    });
  }

  /**
   * Many pieces, each a call of its own, so that however slow their reader is no call lasts as
   * long.
   */
  async *stream<T>(begin: (redis: Redis) => AsyncGenerator<T>): AsyncGenerator<T, void> {
    const pieces = begin(await this.connection.ready());
    for (;;) {
      const piece = await this.use(() => pieces.next());
      if (piece.done) return;
      yield piece.value;
    }
  }

  /**
   * One call, however it comes to its connection.
   * @throws VolleyError `interrupted` once it was closed
   */
  async track<T>(work: () => Promise<T>): Promise<T> {
    if (this.closing.aborted) throw closed();
    const working = work();
    this.#underWay.add(working);
    try {
      return await working;
    } finally {
      this.#underWay.delete(working);
    }
  }

  /** Takes no further call, waits for those under way, and closes the connection. */
  async close(): Promise<void> {
    this.#closing.abort(closed());
    await Promise.allSettled(this.#underWay);
    this.connection.close();
  }
}

function closed(): VolleyError {
  return new VolleyError('interrupted', 'the producer was closed');
}
