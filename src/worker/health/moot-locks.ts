import type { Redis } from 'ioredis';
import { readWorkers } from '../../shared/fleet/heartbeat.ts';
import { openValve, readValve } from '../../shared/fleet/valve.ts';
import type { FleetKeys } from '../../shared/redis/keys.ts';

/**
 * Opens the locks for credentials that no worker uses any more: they hold nobody back, and would
 * only mislead. Workers do so when they come and when they go.
 * @param now Unix ms
 */
export async function openMootLocks(redis: Redis, keys: FleetKeys, now: number): Promise<void> {
  const used = (await readWorkers(redis, keys, now)).map((worker) => worker.fingerprint);
  for (const { reason, fingerprint } of await readValve(redis, keys, now)) {
    if (reason !== 'unauthorized' || used.includes(fingerprint)) continue;
    await openValve(redis, keys, reason, fingerprint);
  }
}
