/**
 * Tries all that Volley needs: Redis and its fleet, EngageLab and its credentials, the clocks.
 * Changes nothing.
 */
import type { Config } from '../../shared/config.ts';
import type { Finding } from './finding.ts';
import { examineRedis } from './redis.ts';

export async function examine(config: Config): Promise<Finding[]> {
  // Loaded only here: the door is opened for much else, and what speaks HTTP is large.
  const { examineEngageLab } = await import('./engagelab.ts');
  const [redis, engageLab] = await Promise.all([examineRedis(config), examineEngageLab(config)]);
  return [...redis, ...engageLab];
}
