import type { Redis, RedisOptions } from 'ioredis';
import { describeError, VolleyError } from '../errors.ts';
import { readRedisUrl, shownAddress } from '../redis-address.ts';
import type { RedisTls } from '../redis-settings.ts';
import { EnteringRedis } from './entrance.ts';

/** ioredis's own back-off reaches 20 s: after an outage a worker would come back that much too late. */
const retryStrategy = (times: number) => Math.min(100 * 2 ** times, 2000);

/**
 * A connection on which an answer is due and nothing comes for so long is given up: a machine that is gone, or frozen,
 * never closes its end. A worker then connects anew; its blocking calls answer within 10 s.
 */
const WORKER_SILENCE_MS = 15_000;
/** Longer than the lease of a `send`: a release that Redis comes to read after that finds the lease run out. */
const PRODUCER_SILENCE_MS = 8000;

/**
 * BullMQ closes a connection by waiting for the end of its stream. Between two tries to come back it has none, so ioredis
 * would never tell of an end, and a worker that is stopped just then would never stop.
 */
class PatientRedis extends EnteringRedis {
  override duplicate<Override extends Partial<RedisOptions> | undefined = undefined>(
    override?: Override,
  ) {
    const copy = super.duplicate(override);
    Object.setPrototypeOf(copy, PatientRedis.prototype);
    return copy;
  }

  override disconnect(reconnect = false): void {
    // As one that never connected: its end is told at once.
    if (this.status === 'reconnecting' && !reconnect) this.status = 'wait';
    super.disconnect(reconnect);
  }
}

/** A worker waits for Redis as long as it takes: its jobs are there and will be there. */
export function connectWorker(url: string, tls?: RedisTls): Redis {
  return new PatientRedis({
    ...whereTo(url, tls),
    maxRetriesPerRequest: null,
    retryStrategy,
    socketTimeout: WORKER_SILENCE_MS,
  });
}

export interface ProducerConnectionOptions {
  /** Default: 2000. */
  timeoutMs?: number;
  /** Whether it comes back by itself when it was lost; else whoever owns it makes another. Default: true. */
  comesBack?: boolean;
  tls?: RedisTls | undefined;
}

/**
 * A producer must not hang, nor have a call carried out after it was told to have failed: without a connection a
 * call fails at once, so readiness is awaited here.
 * @throws VolleyError `unavailable` within `timeoutMs`.
 */
export async function connectProducer(
  url: string,
  { timeoutMs = 2000, comesBack = true, tls }: ProducerConnectionOptions = {},
): Promise<Redis> {
  const redis = new EnteringRedis({
    ...whereTo(url, tls),
    enableOfflineQueue: false,
    // What was under way when the connection broke fails then and there. With 1, ioredis keeps it for the next
    // connection; where that is accepted but never answers, it hangs, and is sent whenever an answer comes.
    maxRetriesPerRequest: 0,
    lazyConnect: true,
    connectTimeout: timeoutMs,
    socketTimeout: PRODUCER_SILENCE_MS,
    // A Redis that says nothing does not close its end either.
    disconnectTimeout: 200,
    retryStrategy: comesBack ? retryStrategy : () => null,
  });
  let cause: unknown;
  redis.on('error', (error) => {
    cause = error;
  });
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(cause ?? new Error(`no answer in ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    // A refused connection is known at once; a host that says nothing only after the time-out.
    await Promise.race([redis.connect(), late.promise]);
    return redis;
  } catch (error) {
    redis.disconnect();
    throw new VolleyError('unavailable', `${whereIs(url)}: ${describeError(cause ?? error)}`, {
      cause: cause ?? error,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** ioredis would read the URL by other rules, and take for its own options whatever stands in it. */
function whereTo(url: string, certificates?: RedisTls) {
  const address = readRedisUrl(url);
  if ('wrong' in address) throw new VolleyError('bad_config', `REDIS_URL: ${address.wrong}`);
  const { path, host, port, tls, database, ...rest } = address;
  return {
    ...(path === undefined ? { host, port } : { path }),
    ...(tls && { tls: { ...certificates } }),
    db: database,
    ...rest,
  };
}

/** ioredis's words for a connection that broke or is not there. It has no class that all of them share. */
const LOST =
  /^(Connection is closed|Stream isn't writeable|Command aborted due to connection close|Reached the max retries)/;

/** Whether an error says that the connection broke while, or before, a command was under way. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof Error && LOST.test(error.message);
}

/** Whether an error is Redis's own refusal. By its name: BullMQ may bring a copy of the class. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

/** In a script Redis uses words of its own, without the one in capitals. */
const NOT_ALLOWED = /^NOPERM\b|user executing the script can't|ACL failure in script/;

/** Whether an error says that the user has no right to what was asked. */
export function isNotAllowed(error: unknown): boolean {
  return error instanceof Error && NOT_ALLOWED.test(error.message);
}

/** Whether an error says that the login is refused: the user is gone, or has another password. */
export function isShutOut(error: unknown): boolean {
  return error instanceof Error && /^(WRONGPASS|NOAUTH)\b/.test(error.message);
}

/** Redis's own refusals begin with a word in capitals; for these there is advice. */
const ADVICE: Readonly<Record<string, string>> = {
  NOAUTH: 'it wants a password; give it in REDIS_URL, as in redis://:PASSWORD@host:6379',
  WRONGPASS: 'it refuses the user or password in REDIS_URL',
  READONLY: 'it is a read-only replica; REDIS_URL must name the primary',
  NOREPLICAS: 'too few replicas follow it (min-replicas-to-write), and so it takes nothing',
  OOM: 'its memory is full; raise its maxmemory, or remove finished campaigns',
  MISCONF: 'it cannot write to its disk, and so takes nothing more',
  LOADING: 'it is still loading its data; try again in a moment',
};

/** What an error of Redis, or of the way to it, says; for a refusal that is known, how to mend it. */
export function wordsOf(error: unknown): string {
  // A transaction that was given up says only that it was; its first command says why.
  const [first]: unknown[] = Object(Reflect.get(Object(error), 'previousErrors') ?? [error]);
  const [message = ''] = describeError(first ?? error).split('\n');
  if (isNotAllowed(new Error(message)))
    return `the user in REDIS_URL lacks a right (${message}); volley doctor names all that it lacks`;
  // Redis would quote what came behind it, too.
  const unknown = /^ERR unknown command '([^']*)'/i.exec(message)?.[1];
  if (unknown !== undefined)
    return `it does not know ${unknown.toUpperCase()}; Volley needs each command by its name (no rename-command)`;
  const word = /(?:^|\s-)([A-Z]{3,})\b/.exec(message)?.[1] ?? '';
  return (isRefusal(error) ? ADVICE[word] : undefined) ?? message;
}

/** The address without its user and password, fit for a log. */
export function whereIs(url: string): string {
  const address = readRedisUrl(url);
  return 'wrong' in address ? 'Redis' : `Redis at ${shownAddress(address)}`;
}
