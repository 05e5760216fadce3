/**
 * What a command needs of Redis: the settings, a connection that answers or fails, and the keys. Whatever goes wrong
 * with Redis meanwhile becomes one line that says what and how to mend it.
 */
import type { Redis } from 'ioredis';
import type { Config } from '../../shared/config.ts';
import { VolleyError } from '../../shared/errors.ts';
import type { Keys } from '../../shared/redis/keys.ts';

export interface Session {
  config: Config;
  redis: Redis;
  keys: Keys;
}

/**
 * @throws VolleyError `bad_config`; `unavailable` where Redis is away or does not do what it must; `corrupt` where a
 *   newer Volley has written
 */
export async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const { loadConfig } = await import('../../shared/config.ts');
  const config = loadConfig();
  const { connectProducer } = await import('../../shared/redis/connection.ts');
  const { createKeys } = await import('../../shared/redis/keys.ts');
  const redis = await connectProducer(config.redisUrl).catch(async (error: unknown) => {
    const cause = error instanceof Error ? error.cause : undefined;
    throw isReplyError(cause) ? await redisFailure(cause, config.redisUrl) : error;
  });
  let lost = false;
  redis.on('close', () => {
    lost = true;
  });
  try {
    const { refuseOld } = await import('../../shared/redis/version.ts');
    const { refuseNewer } = await import('../../shared/redis/layout.ts');
    const keys = createKeys(config.prefix);
    await refuseOld(redis, config.redisUrl);
    await refuseNewer(redis, keys, config.redisUrl);
    return await work({ config, redis, keys });
  } catch (error) {
    if (error instanceof VolleyError) throw error;
    if (lost || isReplyError(error)) throw await redisFailure(error, config.redisUrl);
    throw error;
  } finally {
    redis.disconnect();
  }
}

/** @returns VolleyError `unavailable` for an error that came from Redis or from the way to it */
export async function redisFailure(error: unknown, url: string): Promise<VolleyError> {
  const { whereIs, wordsOf } = await import('../../shared/redis/connection.ts');
  const message = wordsOf(error);
  const what = isReplyError(error) ? message : `connection lost (${message})`;
  return new VolleyError('unavailable', `${whereIs(url)}: ${what}`, { cause: error });
}

/** By its name: the class is loaded only with ioredis. */
export function isReplyError(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}
