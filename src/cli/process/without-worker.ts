/** What is most often wrong where nothing moves: nobody sends. */
import type { Redis } from 'ioredis';
import { readWorkers } from '../../shared/fleet/heartbeat.ts';
import type { Keys } from '../../shared/redis/keys.ts';
import { warn } from '../terminal/output.ts';

/** Says so where no worker is running. */
export async function warnWithoutWorker(redis: Redis, keys: Keys, campaign: string): Promise<void> {
  const workers = await readWorkers(redis, keys.fleet, Date.now());
  if (workers.length > 0) return;
  warn(`no worker is running, so nothing of ${campaign} is sent; start one: volley worker`);
}
