import type { Redis } from 'ioredis';
import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { isShutOut } from '../../shared/redis/connection.ts';

/**
 * Writes one line into the log when Redis is lost, and one when it is back.
 * @param where its address, fit for a log
 * @param onReady told of every connection, also the first
 * @returns whether Redis refuses the login at present
 */
export function watchConnection(
  redis: Redis,
  where: string,
  log: Logger,
  onReady: () => void,
): () => boolean {
  let isLost = false;
  let isRefused = false;
  redis.on('error', (error) => {
    if (!isLost) log.error({ error: describeError(error) }, `${where}: connection lost`);
    isLost = true;
    isRefused = isShutOut(error);
  });
  redis.on('ready', () => {
    if (isLost) log.info(`${where}: connection is back`);
    isLost = false;
    isRefused = false;
    onReady();
  });
  return () => isRefused;
}
