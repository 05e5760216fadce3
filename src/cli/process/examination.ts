/** The checks of `volley doctor`, each a line of its own: what was found, and how to mend it. Changes nothing. */
import type { Redis } from 'ioredis';
import { request } from 'undici';
import type { Config } from '../../shared/config.ts';
import { MESSAGES_PATH } from '../../shared/contract.ts';
import { describeError, VolleyError } from '../../shared/errors.ts';
import { type Heartbeat, readWorkers } from '../../shared/fleet/heartbeat.ts';
import { readValve } from '../../shared/fleet/valve.ts';
import { connectProducer, whereIs } from '../../shared/redis/connection.ts';
import { createKeys } from '../../shared/redis/keys.ts';
import { refuseNewer } from '../../shared/redis/layout.ts';
import { isTooOld, OLDEST_REDIS } from '../../shared/redis/version.ts';
import { lockWords } from '../view/campaign.ts';
import { megabytes, span } from '../view/figures.ts';
import { troubleWords } from '../view/fleet.ts';
import { isReplyError, redisFailure } from './session.ts';

export interface Check {
  check: string;
  status: 'ok' | 'warning' | 'failed';
  detail: string;
  /** What to do about it; null where all is well. */
  mend: string | null;
}

/** EngageLab wants `schedule_time` 3 minutes ahead by its own clock; a smaller difference harms nothing. */
const CLOCK_TOLERANCE_MS = 30_000;
const ANSWER_MS = 10_000;

export async function examine(config: Config): Promise<Check[]> {
  const [redis, engageLab] = await Promise.all([examineRedis(config), examineEngageLab(config)]);
  return [...redis, ...engageLab];
}

async function examineRedis(config: Config): Promise<Check[]> {
  let redis: Redis;
  try {
    redis = await connectProducer(config.redisUrl);
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (isReplyError(cause)) {
      const { message: detail } = await redisFailure(cause, config.redisUrl);
      const mend = 'Mend REDIS_URL, as in redis://:PASSWORD@host:6379.';
      return [{ check: 'redis', status: 'failed', detail, mend }];
    }
    const mend = 'Start it (volley up starts one), or set REDIS_URL to where it is.';
    return [{ check: 'redis', status: 'failed', detail: describeError(error), mend }];
  }
  try {
    await refuseNewer(redis, createKeys(config.prefix), config.redisUrl);
    const checks = [
      { check: 'redis', status: 'ok', detail: whereIs(config.redisUrl), mend: null } as Check,
    ];
    const info = parseInfo(await redis.info());
    const fsync = await fsyncOf(redis);
    checks.push(versionCheck(info), evictionCheck(info), persistenceCheck(info, fsync));
    checks.push(await writableCheck(redis, config.prefix));
    const [seconds, micros] = await redis.time();
    checks.push(clockCheck('clock of redis', Number(seconds) * 1000 + Number(micros) / 1000));
    checks.push(...(await fleetChecks(redis, config.prefix)));
    return checks;
  } catch (error) {
    const mend =
      error instanceof VolleyError
        ? 'Upgrade this Volley; what lies there is not for it.'
        : "The user in REDIS_URL must be allowed INFO, TIME and all of Volley's keys.";
    return [{ check: 'redis', status: 'failed', detail: describeError(error), mend }];
  } finally {
    redis.disconnect();
  }
}

type Info = ReadonlyMap<string, string>;

function parseInfo(text: string): Info {
  return new Map(
    text.split('\r\n').map((line) => [line.split(':')[0] ?? '', line.slice(line.indexOf(':') + 1)]),
  );
}

function versionCheck(info: Info): Check {
  const version = info.get('redis_version') ?? '0';
  const isNewEnough = !isTooOld(version);
  return {
    check: 'version',
    status: isNewEnough ? 'ok' : 'failed',
    detail: isNewEnough ? version : `expected ${OLDEST_REDIS} or newer, got ${version}`,
    mend: isNewEnough ? null : 'Upgrade Redis; older ones lack commands that BullMQ needs.',
  };
}

function evictionCheck(info: Info): Check {
  const policy = info.get('maxmemory_policy') ?? 'unknown';
  const limit = Number(info.get('maxmemory') ?? 0);
  const used = Number(info.get('used_memory') ?? 0);
  const room = limit === 0 ? 'no limit of its own' : `of ${megabytes(limit)}`;
  const isFull = limit > 0 && used > 0.9 * limit;
  if (policy === 'noeviction') {
    return {
      check: 'memory',
      status: isFull ? 'warning' : 'ok',
      detail: `${megabytes(used)} used, ${room}, noeviction`,
      mend: isFull ? 'It is nearly full, and then takes nothing more: raise maxmemory.' : null,
    };
  }
  return {
    check: 'memory',
    status: 'failed',
    detail: `expected maxmemory-policy noeviction, got ${policy}: Redis may drop jobs and ledgers`,
    mend: 'redis-cli CONFIG SET maxmemory-policy noeviction, and the same in its configuration file.',
  };
}

function persistenceCheck(info: Info, fsync: string | undefined): Check {
  const check = 'persistence';
  if (info.get('aof_enabled') !== '1') {
    return {
      check,
      status: 'failed',
      detail: 'no append-only file: after a crash of Redis nobody knows what was sent',
      mend: 'redis-cli CONFIG SET appendonly yes, and the same in its configuration file.',
    };
  }
  if (fsync === 'always')
    return { check, status: 'ok', detail: 'append-only file, fsync always', mend: null };
  return {
    check,
    status: 'warning',
    detail: `append-only file, fsync ${fsync ?? 'unknown'}: a crash of Redis may lose what it had acknowledged last`,
    mend: 'redis-cli CONFIG SET appendfsync always; without it somebody may be texted twice after a crash.',
  };
}

/** Hosted Redis often hides CONFIG; then it is not known. */
async function fsyncOf(redis: Redis): Promise<string | undefined> {
  const reply: unknown = await redis.config('GET', 'appendfsync').catch(() => undefined);
  return Array.isArray(reply) ? String(reply[1]) : undefined;
}

async function writableCheck(redis: Redis, prefix: string): Promise<Check> {
  const { probe } = createKeys(prefix).fleet;
  try {
    await redis.set(probe, '1', 'PX', 1000);
    return { check: 'writable', status: 'ok', detail: `keys under ${prefix}`, mend: null };
  } catch (error) {
    const mend = 'REDIS_URL must name a primary with memory left, and a user that may write.';
    return { check: 'writable', status: 'failed', detail: describeError(error), mend };
  }
}

/** Without a worker, or with the valve locked, everything else may still be well: those are warnings. */
async function fleetChecks(redis: Redis, prefix: string): Promise<Check[]> {
  const { fleet } = createKeys(prefix);
  const now = Date.now();
  const workers = await readWorkers(redis, fleet, now);
  const locks = await readValve(redis, fleet, now);
  return [
    workersCheck(workers, now),
    {
      check: 'valve',
      status: locks.length === 0 ? 'ok' : 'warning',
      detail: locks.length === 0 ? 'open' : `locked: ${locks.map(lockWords).join('; ')}`,
      mend:
        locks.length === 0
          ? null
          : 'It opens by itself, or by volley release; volley status tells more.',
    },
  ];
}

function workersCheck(workers: readonly Heartbeat[], now: number): Check {
  const check = 'workers';
  if (workers.length === 0) {
    const mend = 'Start one: volley worker, or volley up.';
    return { check, status: 'warning', detail: 'none is running', mend };
  }
  const running = `${workers.length} running`;
  const [troubled] = workers.filter(({ trouble }) => trouble);
  if (!troubled?.trouble) return { check, status: 'ok', detail: running, mend: null };
  return {
    check,
    status: 'failed',
    detail: `${running}; ${troubled.id} on ${troubled.host} ${troubleWords(troubled.trouble, now)}`,
    mend: "Its user in REDIS_URL must be allowed every command that BullMQ needs, on all of Volley's keys.",
  };
}

async function examineEngageLab(config: Config): Promise<Check[]> {
  const { devKey, devSecret, baseUrl } = config;
  if (!devKey || !devSecret) {
    const detail = 'ENGAGELAB_DEV_KEY and ENGAGELAB_DEV_SECRET are not set';
    const mend = "Set them to your account's key and secret, from EngageLab's console.";
    return [{ check: 'credentials', status: 'failed', detail, mend }];
  }
  try {
    // Without recipients it is refused whatever the credentials; only how it is refused tells them apart.
    const reply = await request(`${baseUrl.replace(/\/+$/, '')}${MESSAGES_PATH}`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${devKey}:${devSecret}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: '{}',
      headersTimeout: ANSWER_MS,
      bodyTimeout: ANSWER_MS,
    });
    await reply.body.dump();
    const checks = [credentialsCheck(reply.statusCode, baseUrl)];
    const date = Date.parse(String(reply.headers['date']));
    if (!Number.isNaN(date)) checks.push(clockCheck('clock of EngageLab', date));
    return checks;
  } catch (error) {
    const mend =
      'ENGAGELAB_BASE_URL must be reachable from here; a proxy or firewall may stand in the way.';
    return [
      { check: 'engagelab', status: 'failed', detail: `${baseUrl}: ${describeError(error)}`, mend },
    ];
  }
}

function credentialsCheck(status: number, baseUrl: string): Check {
  const check = 'credentials';
  if (status === 401 || status === 403) {
    return {
      check,
      status: 'failed',
      detail: `${baseUrl} refuses them (HTTP ${status})`,
      mend: 'Compare ENGAGELAB_DEV_KEY and ENGAGELAB_DEV_SECRET with the console; the key must be allowed to send SMS.',
    };
  }
  if (status === 400) return { check, status: 'ok', detail: `${baseUrl} takes them`, mend: null };
  const detail = `${baseUrl} answered HTTP ${status} to an empty request, so nothing is known of them`;
  return {
    check,
    status: 'warning',
    detail,
    mend: 'Is ENGAGELAB_BASE_URL right? Try again later.',
  };
}

function clockCheck(check: string, theirs: number): Check {
  const apart = Math.abs(Date.now() - theirs);
  const isClose = apart < CLOCK_TOLERANCE_MS;
  return {
    check,
    status: isClose ? 'ok' : 'warning',
    detail: isClose ? 'agrees with this machine' : `${span(apart / 1000)} apart from this machine`,
    mend: isClose ? null : 'Set the clocks by NTP: scheduled and expiring messages go by them.',
  };
}
