/** What takes notifications, over a connection of the test's own, as a command has it. */
import type { Redis } from 'ioredis';
import { Calls } from '../../src/producer/connection/calls.ts';
import { LastingConnection } from '../../src/producer/connection/lasting-connection.ts';
import { Rights } from '../../src/producer/connection/rights.ts';
import { NotificationQueue } from '../../src/producer/notify/notification-queue.ts';
import { Notifier } from '../../src/producer/notify/notifier.ts';
import type { Keys } from '../../src/shared/redis/keys.ts';
import { redisUrl } from './redis.ts';

export function notifierOn(redis: Redis, keys: Keys): Notifier {
  const calls = new Calls(new LastingConnection(redis, redisUrl()));
  return new Notifier(calls, keys, new Rights(keys, redisUrl()));
}

export function notificationQueueOn(redis: Redis, keys: Keys): NotificationQueue {
  return new NotificationQueue(redis, keys, new Rights(keys, redisUrl()));
}
