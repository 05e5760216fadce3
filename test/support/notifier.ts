/** A notifier over a connection of the test's own, as a command has it. */
import type { Redis } from 'ioredis';
import { Calls } from '../../src/producer/connection/calls.ts';
import { LastingConnection } from '../../src/producer/connection/lasting-connection.ts';
import { Notifier } from '../../src/producer/notify/notifier.ts';
import type { Keys } from '../../src/shared/redis/keys.ts';
import { redisUrl } from './redis.ts';

export function notifierOn(redis: Redis, keys: Keys): Notifier {
  return new Notifier(new Calls(new LastingConnection(redis, redisUrl())), keys);
}
