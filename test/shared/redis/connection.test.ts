import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { connectWorker } from '../../../src/shared/redis/connection.ts';
import { redisUrl } from '../../support/redis.ts';
import { startRedisProxy } from '../../support/redis-proxy.ts';

test("a worker's connection that is closed between two tries to come back tells its end", async () => {
  const proxy = await startRedisProxy(redisUrl());
  const redis = connectWorker(proxy.url);
  // as BullMQ makes the one that it waits for jobs on
  const blocking = redis.duplicate({ maxRetriesPerRequest: null });
  for (const client of [redis, blocking]) {
    client.on('error', () => {});
    onTestFinished(() => client.disconnect());
    await client.ping();
  }
  const lost = [redis, blocking].map((client) => once(client, 'reconnecting'));
  await proxy.close();
  await Promise.all(lost);
  const ends = [redis, blocking].map((client) => once(client, 'end'));
  redis.disconnect();
  blocking.disconnect();
  await Promise.all(ends);
  expect([redis.status, blocking.status]).toEqual(['end', 'end']);
});
