import type { Redis } from 'ioredis';

/**
 * What each key takes up in Redis, itself included; 0 for one that is not there. `exact`: every field of a hash is
 * looked at, which suits a job, whose fields differ in size by far; else Redis reckons from five, however many there are.
 */
export async function bytesOf(
  redis: Redis,
  keys: readonly string[],
  how: 'exact' | 'estimate',
): Promise<number[]> {
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.memory('USAGE', key, 'SAMPLES', how === 'exact' ? 0 : 5);
  const replies = (await pipeline.exec()) ?? [];
  return replies.map(([error, bytes]) => {
    if (error) throw error;
    return Number(bytes ?? 0);
  });
}
