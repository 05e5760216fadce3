/**
 * Settings that a program gives as an object: checked by the same schema as those of the environment, with the same
 * defaults, and named in errors as the program names them.
 */
import { type Config, type LogLevel, loadConfig, type OverrideOutcome } from './config.ts';
import { VolleyError } from './errors.ts';
import { describeGiven, isOptions } from './given-value.ts';

/** Times in milliseconds, rates a second over the whole fleet. Whatever is left out has its default. */
export interface GivenConfig {
  /**
   * URL of Redis, `redis://`, `rediss://` or `unix://`, user and password in it percent-encoded. On the loopback, the
   * password of this user's `volley up` is found without it. Default: `redis://127.0.0.1:6379`.
   */
  redis?: string | undefined;
  /** Before every Redis key: 1 to 64 of letters, digits, `_`, `.`, `-`. Default: `volley`. */
  prefix?: string | undefined;
  /** Where EngageLab is. Default: `https://smsapi.engagelab.com`. */
  baseUrl?: string | undefined;
  /** The key of the EngageLab account. A worker needs it. */
  devKey?: string | undefined;
  /** Its secret. A worker needs it. */
  devSecret?: string | undefined;
  /**
   * A proxy on the way to EngageLab, `http://user:password@host:port` or `https://…`. The environment's is not read.
   * Default: none.
   */
  proxy?: string | undefined;
  /** Hosts that are reached without it, as in the variable `NO_PROXY`: `.example.com,10.0.0.1:8080`. Default: none. */
  noProxy?: string | undefined;
  /** A file with certificates of authorities, PEM, that are believed beside Node's own. Default: none. */
  caFile?: string | undefined;
  /** Most requests, above 0. Default: what Redis holds, 50 where nothing does. */
  rate?: number | undefined;
  /** Most recipients, above 0. Default: what Redis holds, no limit where nothing does. */
  recipientRate?: number | undefined;
  /** Requests under way in this process, 1 to 10,000. Default: 100. */
  concurrency?: number | undefined;
  /** Attempts of a message, the first one included, 1 to 1000. Default: 8. */
  attempts?: number | undefined;
  /** The wait before the second attempt; it doubles from one to the next. Default: 1000. */
  backoffBaseMs?: number | undefined;
  /** The longest wait, at least `backoffBaseMs`. Default: 300,000. */
  backoffCapMs?: number | undefined;
  /** To the end of a reply, 10 to 600,000. Default: 30,000. */
  requestTimeoutMs?: number | undefined;
  /** How soon a dead worker's jobs are picked up, at least 1000. Default: 60,000. */
  lockMs?: number | undefined;
  /** How long whoever stops a worker should wait for it, at least `requestTimeoutMs`. Default: 40,000. */
  shutdownGraceMs?: number | undefined;
  /** Other outcomes for EngageLab's codes, or for HTTP statuses of 300 to 599: `{5001: 'retry'}`. Default: none. */
  outcomes?: Readonly<Record<number, OverrideOutcome>> | undefined;
  /** Campaigns served at once, 1 to 1000; notifications come on top. Default: 32. */
  maxCampaigns?: number | undefined;
  /** Goes on at this `baseUrl` with campaigns that were begun at another. Default: false. */
  allowOriginChange?: boolean | undefined;
  /** How long notifications are kept once they have ended, above 0. Default: 30. */
  retainDays?: number | undefined;
  /** `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`. Default: `info`. */
  logLevel?: LogLevel | undefined;
}

const VARIABLES: Readonly<Record<keyof GivenConfig, string>> = {
  redis: 'REDIS_URL',
  prefix: 'VOLLEY_PREFIX',
  baseUrl: 'ENGAGELAB_BASE_URL',
  devKey: 'ENGAGELAB_DEV_KEY',
  devSecret: 'ENGAGELAB_DEV_SECRET',
  // The one for every scheme, where there is none for https alone.
  proxy: 'HTTP_PROXY',
  noProxy: 'NO_PROXY',
  caFile: 'ENGAGELAB_CA_FILE',
  rate: 'VOLLEY_RATE',
  recipientRate: 'VOLLEY_RECIPIENT_RATE',
  concurrency: 'VOLLEY_CONCURRENCY',
  attempts: 'VOLLEY_ATTEMPTS',
  backoffBaseMs: 'VOLLEY_BACKOFF_BASE_MS',
  backoffCapMs: 'VOLLEY_BACKOFF_CAP_MS',
  requestTimeoutMs: 'VOLLEY_REQUEST_TIMEOUT_MS',
  lockMs: 'VOLLEY_LOCK_MS',
  shutdownGraceMs: 'VOLLEY_SHUTDOWN_GRACE_MS',
  outcomes: 'VOLLEY_OUTCOMES',
  maxCampaigns: 'VOLLEY_MAX_CAMPAIGNS',
  allowOriginChange: 'VOLLEY_ALLOW_ORIGIN_CHANGE',
  retainDays: 'VOLLEY_RETAIN_DAYS',
  logLevel: 'VOLLEY_LOG_LEVEL',
};
const OPTIONS = new Map(Object.entries(VARIABLES).map(([option, variable]) => [variable, option]));

/**
 * Reads no environment.
 * @throws VolleyError `bad_config`, one line for each option that is wrong
 */
export function configFrom(given: GivenConfig): Config {
  if (!isOptions(given)) {
    // No text as it stands: it may be a URL with a password in it.
    const got = typeof given === 'string' ? 'a text; {redis: …} takes a URL' : describeGiven(given);
    const words = `the options: expected {redis, prefix, …}, got ${got}`;
    throw new VolleyError('bad_config', words);
  }
  const unknown = Object.keys(given).filter((option) => !Object.hasOwn(VARIABLES, option));
  if (unknown.length > 0) {
    const known = Object.keys(VARIABLES).join(', ');
    throw new VolleyError('bad_config', `${unknown.join(', ')}: expected one of ${known}`);
  }
  const { outcomes, allowOriginChange, ...plain } = given;
  const texts: Record<string, string> = {};
  for (const [option, value] of Object.entries(plain)) {
    if (value === undefined) continue;
    if (typeof value !== 'string' && typeof value !== 'number') {
      const words = `${option}: expected a text or a number, got ${describeGiven(value)}`;
      throw new VolleyError('bad_config', words);
    }
    texts[option] = String(value);
  }
  if (allowOriginChange !== undefined) {
    if (typeof allowOriginChange !== 'boolean') {
      const got = describeGiven(allowOriginChange);
      throw new VolleyError('bad_config', `allowOriginChange: expected true or false, got ${got}`);
    }
    texts['allowOriginChange'] = allowOriginChange ? '1' : '0';
  }
  if (outcomes !== undefined) {
    if (!isOptions(outcomes)) {
      const words = `outcomes: expected {5001: 'retry', …}, got ${describeGiven(outcomes)}`;
      throw new VolleyError('bad_config', words);
    }
    texts['outcomes'] = Object.entries(outcomes)
      .map((pair) => pair.join('='))
      .join(',');
  }
  return inTheirWords(() =>
    loadConfig(
      Object.fromEntries(
        Object.entries(VARIABLES).map(([option, variable]) => [variable, texts[option]]),
      ),
    ),
  );
}

/** Runs `work`; where it complains of a variable, the error names the option instead. */
export function inTheirWords<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof VolleyError)) throw error;
    const words = error.message.replace(/[A-Z]+(?:_[A-Z]+)+/g, (name) => OPTIONS.get(name) ?? name);
    throw error.reworded(words);
  }
}
