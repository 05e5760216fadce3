/**
 * A program's one connection: made by the first call, shared by all, and made anew by the first
 * call after it was lost. Between calls it does nothing, so that nothing is tried again behind a
 * caller's back.
 */
import type { Redis } from 'ioredis';
import { describeError, VolleyError } from '../../shared/errors.ts';
import {
  connectProducer,
  isConnectionLost,
  isRefusal,
  whereIs,
} from '../../shared/redis/connection.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { refuseNewer } from '../../shared/redis/layout.ts';
import type { Connection } from './connection.ts';
import { ANSWER_MS, within } from './deadline.ts';

/**
 * How often a Redis that is being waited for is asked whether it is still there, and how long it
 * may think about it.
 */
const LOOK_MS = 500;
const SILENCE_MS = ANSWER_MS - LOOK_MS;

export class RenewedConnection implements Connection {
  readonly url: string;
  readonly #keys: Keys;
  #redis: Redis | undefined;
  #connecting: Promise<Redis> | undefined;
  #isClosed = false;

  constructor(url: string, keys: Keys) {
    this.url = url;
    this.#keys = keys;
  }

  get current(): Redis | undefined {
    // Its stream ends a moment before it is told that it has.
    const isReady = this.#redis?.status === 'ready' && this.#redis.stream.writable;
    return isReady ? this.#redis : undefined;
  }

  async ready(ms = ANSWER_MS): Promise<Redis> {
    if (this.#isClosed) throw new VolleyError('interrupted', 'the producer was closed');
    const { current } = this;
    if (current) return current;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return within(this.#connecting, ms, () => this.#noAnswer());
  }

  async #connect(): Promise<Redis> {
    this.#redis?.disconnect();
    this.#redis = undefined;
    const redis = await this.#another();
    if (this.#isClosed) {
      redis.disconnect();
      throw new VolleyError('interrupted', 'the producer was closed');
    }
    this.#redis = redis;
    return redis;
  }

  /** @throws VolleyError `unavailable`; `corrupt` where a newer Volley has written */
  async #another(): Promise<Redis> {
    const redis = await connectProducer(this.url, { comesBack: false });
    try {
      await within(refuseNewer(redis, this.#keys, this.url), ANSWER_MS, () => this.#noAnswer());
      return redis;
    } catch (error) {
      redis.disconnect();
      throw this.#explain(error);
    }
  }

  /**
   * What `work` comes to, as long as Redis answers while it is waited for.
   * @throws VolleyError `unavailable` where the connection is lost, or Redis falls silent for 2 s
   */
  async use<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = await this.ready();
    const done = new AbortController();
    try {
      return await Promise.race([work(redis), this.#silence(redis, done.signal)]);
    } catch (error) {
      throw this.#explain(error);
    } finally {
      done.abort();
    }
  }

  /**
   * Over a connection of its own while it lasts. A Redis that falls silent is waited for up to 8 s.
   */
  async useLong<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = await this.#another();
    try {
      return await work(redis);
    } catch (error) {
      throw this.#explain(error);
    } finally {
      redis.disconnect();
    }
  }

  /** An error of the connection, or of Redis, in Volley's words; any other as it is. */
  #explain(error: unknown): unknown {
    if (error instanceof VolleyError) return error;
    if (isConnectionLost(error)) return this.#unavailable('connection lost', error);
    if (isRefusal(error)) return this.#unavailable(describeError(error), error);
    return error;
  }

  /**
   * For a Redis that is silent: a machine that is gone never closes its end, so the next call gets
   * a connection anew.
   */
  giveUp(redis: Redis): void {
    redis.disconnect();
    if (this.#redis === redis) this.#redis = undefined;
  }

  /** What is under way fails; a later call is told that this was closed. */
  close(): void {
    this.#isClosed = true;
    this.#redis?.disconnect();
  }

  /** Rejects when Redis does not answer any more. Never resolves. */
  async #silence(redis: Redis, done: AbortSignal): Promise<never> {
    for (;;) {
      await aWhile(LOOK_MS, done);
      await within(redis.ping(), SILENCE_MS, () => {
        this.giveUp(redis);
        return this.#noAnswer();
      });
    }
  }

  #noAnswer(): VolleyError {
    return this.#unavailable(`no answer in ${ANSWER_MS} ms`);
  }

  #unavailable(what: string, cause?: unknown): VolleyError {
    return new VolleyError('unavailable', `${whereIs(this.url)}: ${what}`, { cause });
  }
}

/** Resolves after that time; never where `done` came first, so that nothing is left to run. */
function aWhile(ms: number, done: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (done.aborted) return;
    const timer = setTimeout(resolve, ms);
    done.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
