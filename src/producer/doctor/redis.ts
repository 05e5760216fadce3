/** Whether Redis is there, fit to keep what it is given, and who sends from it. */
import type { Redis } from 'ioredis';
import type { Config } from '../../shared/config.ts';
import { describeError, VolleyError } from '../../shared/errors.ts';
import { readWorkers } from '../../shared/fleet/heartbeat.ts';
import { readValve } from '../../shared/fleet/valve.ts';
import { connectProducer, isRefusal, whereIs } from '../../shared/redis/connection.ts';
import { createKeys } from '../../shared/redis/keys.ts';
import { refuseNewer } from '../../shared/redis/layout.ts';
import { isTooOld, OLDEST_REDIS } from '../../shared/redis/version.ts';
import { redisFailure } from '../connection/redis-failure.ts';
import { clockFinding } from './clock.ts';
import type { Finding } from './finding.ts';

/** Of its own limit, Redis is nearly full from here on. */
const NEARLY_FULL = 0.9;

export async function examineRedis({
  redisUrl,
  redisTls: tls,
  prefix,
}: Config): Promise<Finding[]> {
  let redis: Redis;
  try {
    redis = await connectProducer(redisUrl, { tls });
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!isRefusal(cause)) return [unfit('away', describeError(error))];
    return [unfit('refused', redisFailure(cause, redisUrl).message)];
  }
  try {
    // Before anything is written, if only a probe.
    await refuseNewer(redis, createKeys(prefix), redisUrl);
    const info = parseInfo(await redis.info());
    const findings: Finding[] = [
      { check: 'redis', status: 'ok', found: 'there', at: whereIs(redisUrl) },
      versionFinding(info),
      memoryFinding(info),
      persistenceFinding(info, await fsyncOf(redis)),
      await writableFinding(redis, prefix),
    ];
    const [seconds, micros] = await redis.time();
    const theirs = Number(seconds) * 1000 + Number(micros) / 1000;
    findings.push(clockFinding('clock of redis', theirs), ...(await fleetFindings(redis, prefix)));
    return findings;
  } catch (error) {
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

async function writableFinding(redis: Redis, prefix: string): Promise<Finding> {
  const found = { check: 'writable', prefix } as const;
  try {
    await redis.set(createKeys(prefix).fleet.probe, '1', 'PX', 1000);
    return { ...found, status: 'ok', error: undefined };
  } catch (error) {
    return { ...found, status: 'failed', error: describeError(error) };
  }
}

/**
 * Without a worker, or with the valve locked, everything else may still be well: those are
 * warnings.
 */
async function fleetFindings(redis: Redis, prefix: string): Promise<Finding[]> {
  const { fleet } = createKeys(prefix);
  const now = Date.now();
  const workers = await readWorkers(redis, fleet, now);
  const locks = await readValve(redis, fleet, now);
  const troubled = workers.find(({ trouble }) => trouble);
  const running = workers.length;
  const health = running === 0 ? 'warning' : troubled ? 'failed' : 'ok';
  return [
    { check: 'workers', status: health, running, troubled, now },
    { check: 'valve', status: locks.length === 0 ? 'ok' : 'warning', locks },
  ];
}
