import { Redis } from 'ioredis';
import { describeError, VolleyError } from './errors.ts';

/** ioredis's own back-off reaches 20 s: after an outage a worker would come back that much too late. */
const retryStrategy = (times: number) => Math.min(100 * 2 ** times, 2000);

/** A worker waits for Redis as long as it takes: its jobs are there and will be there. */
export function connectWorker(url: string): Redis {
  return new Redis(url, { maxRetriesPerRequest: null, retryStrategy });
}

/**
 * A producer must not hang, nor have a call carried out after it was told to have failed: without a connection a
 * call fails at once, so readiness is awaited here.
 * @throws VolleyError `unavailable` within `timeoutMs`.
 */
export async function connectProducer(url: string, timeoutMs = 2000): Promise<Redis> {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    lazyConnect: true,
    connectTimeout: timeoutMs,
    retryStrategy,
  });
  let cause: unknown;
  redis.on('error', (error) => {
    cause = error;
  });
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => reject(cause ?? new Error(`no answer in ${timeoutMs} ms`)), timeoutMs).unref();
  });
  try {
    // A refused connection is known at once; a host that says nothing only after the time-out.
    await Promise.race([redis.connect(), late]);
    return redis;
  } catch (error) {
    redis.disconnect();
    throw new VolleyError('unavailable', `${whereIs(url)}: ${describeError(cause ?? error)}`, {
      cause: cause ?? error,
    });
  }
}

/** The address without its password, fit for a log. */
export function whereIs(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `Redis at ${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
