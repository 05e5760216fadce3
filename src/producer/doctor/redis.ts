/** Whether Redis is there, fit to keep what it is given, and who sends from it. */
import type { Redis } from 'ioredis';
import type { Config } from '../../shared/config.ts';
import { originOf } from '../../shared/destination.ts';
import { describeError, VolleyError } from '../../shared/errors.ts';
import { type Heartbeat, isClockOff, readWorkers } from '../../shared/fleet/heartbeat.ts';
import { readValve } from '../../shared/fleet/valve.ts';
import { connectProducer, isRefusal, whereIs } from '../../shared/redis/connection.ts';
import { createKeys, type Keys } from '../../shared/redis/keys.ts';
import { refuseNewer } from '../../shared/redis/layout.ts';
import { timeIn } from '../../shared/redis/redis-clock.ts';
import { lackIn, type Tried, tryRights } from '../../shared/redis/rights.ts';
import { isTooOld, OLDEST_REDIS } from '../../shared/redis/version.ts';
import { redisFailure } from '../connection/redis-failure.ts';
import { clockFinding } from './clock.ts';
import type { Finding } from './finding.ts';

/** Of its own limit, Redis is nearly full from here on. */
const NEARLY_FULL = 0.9;

export async function examineRedis(config: Config): Promise<Finding[]> {
  const { redisUrl, redisTls: tls, prefix } = config;
  let redis: Redis;
  try {
    redis = await connectProducer(redisUrl, { tls });
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!isRefusal(cause)) return [unfit('away', describeError(error))];
    return [unfit('refused', redisFailure(cause, redisUrl).message)];
  }
  const findings: Finding[] = [];
  try {
    const keys = createKeys(prefix);
    // Before anything is written, if only a probe.
    await refuseNewer(redis, keys, redisUrl);
    const tried = await tryRights(redis, keys);
    findings.push(
      { check: 'redis', status: 'ok', found: 'there', at: whereIs(redisUrl) },
      rightsFinding(tried, redisUrl, keys),
      writableFinding(tried, prefix),
    );
    const info = parseInfo(await redis.info());
    findings.push(
      versionFinding(info),
      memoryFinding(info),
      persistenceFinding(info, await fsyncOf(redis)),
    );
    const theirs = timeIn(await redis.time());
    const fleet = await fleetFindings(redis, config, Math.floor(theirs));
    findings.push(clockFinding('clock of redis', theirs), ...fleet);
    return findings;
  } catch (error) {
    // What it lacks is told already.
    if (findings.some(({ check, status }) => check === 'rights' && status === 'failed'))
      return findings;
    return [unfit(error instanceof VolleyError ? 'newer' : 'forbidden', describeError(error))];
  } finally {
    redis.disconnect();
  }
}

function unfit(found: 'refused' | 'away' | 'forbidden' | 'newer', error: string): Finding {
  return { check: 'redis', status: 'failed', found, error };
}

type Info = ReadonlyMap<string, string>;

function parseInfo(text: string): Info {
  return new Map(
    text.split('\r\n').map((line) => [line.split(':')[0] ?? '', line.slice(line.indexOf(':') + 1)]),
  );
}

function versionFinding(info: Info): Finding {
  const version = info.get('redis_version') ?? '0';
  const status = isTooOld(version) ? 'failed' : 'ok';
  return { check: 'version', status, version, oldest: OLDEST_REDIS };
}

function memoryFinding(info: Info): Finding {
  const policy = info.get('maxmemory_policy') ?? 'unknown';
  const limit = Number(info.get('maxmemory') ?? 0);
  const used = Number(info.get('used_memory') ?? 0);
  const found = { check: 'memory', policy, used, limit } as const;
  if (policy !== 'noeviction') return { ...found, status: 'failed' };
  return { ...found, status: limit > 0 && used > NEARLY_FULL * limit ? 'warning' : 'ok' };
}

function persistenceFinding(info: Info, fsync: string | undefined): Finding {
  const isKept = info.get('aof_enabled') === '1';
  const found = { check: 'persistence', isKept, fsync } as const;
  if (!isKept) return { ...found, status: 'failed' };
  return { ...found, status: fsync === 'always' ? 'ok' : 'warning' };
}

/** Hosted Redis often hides CONFIG; then it is not known. */
async function fsyncOf(redis: Redis): Promise<string | undefined> {
  const reply: unknown = await redis.config('GET', 'appendfsync').catch(() => undefined);
  return Array.isArray(reply) ? String(reply[1]) : undefined;
}

function rightsFinding({ missing }: Tried, url: string, keys: Keys): Finding {
  const lack = lackIn(missing, url, keys);
  return { check: 'rights', status: lack ? 'failed' : 'ok', lack };
}

function writableFinding({ unwritable: error }: Tried, prefix: string): Finding {
  return { check: 'writable', status: error === undefined ? 'ok' : 'failed', prefix, error };
}

/**
 * Without a worker, or with the valve locked, everything else may still be well: those are
 * warnings.
 * @param now Unix ms, by Redis's clock
 */
async function fleetFindings(
  redis: Redis,
  { prefix, baseUrl }: Config,
  now: number,
): Promise<Finding[]> {
  const { fleet } = createKeys(prefix);
  const workers = await readWorkers(redis, fleet, now);
  const locks = await readValve(redis, fleet, now);
  const troubled = workers.find(({ trouble }) => trouble);
  const off = workers.filter(isClockOff);
  const running = workers.length;
  const health = running === 0 ? 'warning' : troubled ? 'failed' : 'ok';
  return [
    { check: 'workers', status: health, running, troubled, now },
    ...originFindings(workers, baseUrl),
    ...(off.length > 0 ? [{ check: 'clock of workers', status: 'warning', off } as const] : []),
    { check: 'valve', status: locks.length === 0 ? 'ok' : 'warning', locks },
  ];
}

/** Nothing is said where no worker tells. */
function originFindings(workers: readonly Heartbeat[], baseUrl: string): Finding[] {
  const origins = [...new Set(workers.flatMap(({ origin = [] }) => origin))].sort();
  if (origins.length === 0) return [];
  const own = originOf(baseUrl);
  const isOne = origins.length === 1 && origins[0] === own;
  return [{ check: 'origin', status: isOne ? 'ok' : 'warning', own, workers: origins }];
}
