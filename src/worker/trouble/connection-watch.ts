import type { Redis } from 'ioredis';
import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';

/**
 * Writes one line into the log when Redis is lost, and one when it is back.
 * @param where its address, fit for a log
 * @param onReady told of every connection, also the first
 */
export function watchConnection(
  redis: Redis,
  where: string,
  log: Logger,
  onReady: () => void,
): void {
  let isLost = false;
  redis.on('error', (error) => {
    if (!isLost) log.error({ error: describeError(error) }, `${where}: connection lost`);
    isLost = true;
  });
  redis.on('ready', () => {
    if (isLost) log.info(`${where}: connection is back`);
    isLost = false;
    onReady();
  });
}
