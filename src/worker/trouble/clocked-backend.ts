import { type BackendFactory, createRedisBackend, RedisQueueBackend } from 'bullmq';
import type { RedisClock } from '../../shared/redis/redis-clock.ts';

/**
 * Where the time of day stands among what BullMQ gives a script: behind its keys and the prefix. By
 * it jobs that are put off become due, and are put off; and it is when a job began or ended.
 */
const TIME_AT: ReadonlyMap<string, number> = new Map([
  ['moveToActive', 12],
  ['moveToDelayed', 12],
  ['retryJob', 12],
  ['moveToFinished', 15],
]);

/** BullMQ's way to Redis, which tells its scripts the time by Redis's clock and not by this machine's. */
class ClockedBackend extends RedisQueueBackend {
  clock: Pick<RedisClock, 'now'> | undefined;

  override execCommand(...[client, name, args]: Parameters<RedisQueueBackend['execCommand']>) {
    const at = TIME_AT.get(name);
    if (at === undefined || this.clock === undefined) return super.execCommand(client, name, args);
    // Of another version of BullMQ it may stand elsewhere, and what stands here must stay.
    if (typeof args[at] !== 'number')
      throw new Error(`BullMQ's ${name}: expected the time at ${at}`);
    return super.execCommand(client, name, args.with(at, this.clock.now()));
  }
}

/** What opens a queue worker's way to Redis. */
export function clockedBackends(clock: Pick<RedisClock, 'now'>): BackendFactory<RedisQueueBackend> {
  return (name, opts, options) => {
    const backend = createRedisBackend(name, opts, options);
    // It is made by BullMQ, with the connections that belong to it.
    Object.setPrototypeOf(backend, ClockedBackend.prototype);
    if (backend instanceof ClockedBackend) backend.clock = clock;
    return backend;
  };
}
