import type { Redis } from 'ioredis';

/** What each key takes up in Redis, itself included; 0 for one that is not there. Of a large value Redis estimates it. */
export async function bytesOf(redis: Redis, keys: readonly string[]): Promise<number[]> {
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.memory('USAGE', key);
  const replies = (await pipeline.exec()) ?? [];
  return replies.map(([error, bytes]) => {
    if (error) throw error;
    return Number(bytes ?? 0);
  });
}
