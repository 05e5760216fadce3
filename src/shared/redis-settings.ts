/**
 * The settings of Redis, put together: a URL, and what stands beside it because it must not, or cannot, stand in it.
 * Pure, but for the files that the TLS settings name. No word of a refusal quotes a value.
 */
import { readFileSync } from 'node:fs';
import { DEFAULT_REDIS_URL, type RedisAddress, readRedisUrl, redisUrlOf } from './redis-address.ts';

/** In PEM. */
export interface RedisTls {
  /** Who may sign for Redis, in place of those that Node knows. */
  readonly ca?: string;
  /** By which this side is known to Redis, with its key. */
  readonly cert?: string;
  readonly key?: string;
}

export interface RedisSettings {
  readonly redisUrl: string;
  readonly redisTls?: RedisTls;
}

type Given = Readonly<Record<string, string | undefined>>;

/** A value that is no file's path. */
const PEM = /^\s*-----BEGIN /;

/** @returns `wrong`: a line for each variable that is wrong */
export function readRedisSettings(given: Given): RedisSettings | { wrong: string[] } {
  const address = readRedisUrl(given['REDIS_URL']?.trim() || DEFAULT_REDIS_URL);
  if ('wrong' in address) {
    return { wrong: [`REDIS_URL: ${address.wrong}, got a value that is not shown`] };
  }
  const { wrong, tls } = readTls(given, address);
  wrong.push(...wrongLogin(address, given));
  if (wrong.length > 0) return { wrong };
  const username = address.username ?? given['REDIS_USERNAME'];
  const password = address.password ?? given['REDIS_PASSWORD'];
  const login = { ...(username && { username }), ...(password !== undefined && { password }) };
  return {
    redisUrl: redisUrlOf({ ...address, ...login }),
    ...(Object.keys(tls).length > 0 && { redisTls: tls }),
  };
}

/** A user or a password in two places: nobody knows which one is meant. A user without a password is nobody. */
function wrongLogin(address: RedisAddress, given: Given): string[] {
  const wrong: string[] = [];
  for (const [name, there] of [
    ['REDIS_USERNAME', address.username],
    ['REDIS_PASSWORD', address.password],
  ] as const) {
    if (!given[name] || there === undefined) continue;
    wrong.push(`${name}: expected it in one place, but REDIS_URL has one, too`);
  }
  if (address.password !== undefined || given['REDIS_PASSWORD']) return wrong;
  if (address.username !== undefined) {
    wrong.push(
      'REDIS_URL: expected a password beside its user, as in redis://:PASSWORD@host:6379 or ' +
        'redis://USER:PASSWORD@host:6379, got a value that is not shown',
    );
  }
  if (given['REDIS_USERNAME']) {
    wrong.push('REDIS_USERNAME: expected REDIS_PASSWORD beside it, got none');
  }
  return wrong;
}

function readTls(given: Given, address: RedisAddress): { wrong: string[]; tls: RedisTls } {
  const wrong: string[] = [];
  const take = (name: string): string | undefined => {
    const value = given[name];
    if (value === undefined) return undefined;
    if (!address.tls) wrong.push(`${name}: expected REDIS_URL to begin with rediss://`);
    const pem = pemOf(value);
    if (pem === undefined) wrong.push(`${name}: expected a PEM text, or the path of a PEM file`);
    return pem;
  };
  const ca = take('REDIS_TLS_CA');
  const cert = take('REDIS_TLS_CERT');
  const key = take('REDIS_TLS_KEY');
  if (Boolean(given['REDIS_TLS_CERT']) !== Boolean(given['REDIS_TLS_KEY'])) {
    wrong.push('REDIS_TLS_CERT: expected it and REDIS_TLS_KEY together');
  }
  return { wrong, tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } };
}

/** @returns undefined where it is neither a PEM text nor the path of one */
function pemOf(value: string): string | undefined {
  if (PEM.test(value)) return value;
  try {
    const text = readFileSync(value, 'utf8');
    return PEM.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
