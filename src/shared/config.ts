/**
 * The settings, as one schema; the only reader of the environment. A bad value names the variable, what was
 * expected and what came. Source of names and defaults: README.md, "Settings".
 */
import * as z from 'zod';
import { VolleyError } from './errors.ts';
import { misspeltSettings } from './misspelt.ts';
import { OutcomeOverrides, type OverrideOutcome } from './outcome-overrides.ts';
import { type RedisTls, readRedisSettings } from './redis-settings.ts';
import { fileFormOf, readSecretFiles, SECRETS } from './secret-files.ts';

/** Digits, and at most one point: `Number` would also take an empty text or `0x10`. */
const numberAs = (expected: string, least: number, most: number, isWhole = false) => {
  const error = `expected ${expected}`;
  const value = isWhole ? z.int({ error }) : z.number({ error });
  return z
    .string()
    .regex(/^\d+(\.\d+)?$/, { error, abort: true })
    .transform(Number)
    .pipe(value.min(least, { error }).max(most, { error }));
};

const wholeNumber = (least: number, most: number) =>
  numberAs(`a whole number from ${least} to ${most}`, least, most, true);

const rate = (most: number) =>
  numberAs(`a number a second, above 0 and at most ${most}`, 0.0001, most);

export type { OverrideOutcome };

/** A user, a password or a token in it would go nowhere, or to a screen: they are refused, and not shown. */
const BaseUrl = z
  .string()
  .trim()
  .regex(/^[^@?#]*$/, { error: 'expected a URL without a user, a password, ? or #', abort: true })
  .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), {
    error: 'expected https://… or http://…',
  });

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const LogLevel = z.enum(LEVELS, { error: `expected one of ${LEVELS.join(', ')}` });
/** The least that is logged. */
export type LogLevel = z.infer<typeof LogLevel>;

const shape = {
  REDIS_URL: z.string().optional(),
  REDIS_USERNAME: z.string().optional(),
  REDIS_PASSWORD: z.string().optional(),
  REDIS_TLS_CA: z.string().optional(),
  REDIS_TLS_CERT: z.string().optional(),
  REDIS_TLS_KEY: z.string().optional(),
  ENGAGELAB_BASE_URL: BaseUrl.default('https://smsapi.engagelab.com'),
  ENGAGELAB_DEV_KEY: z.string().optional(),
  ENGAGELAB_DEV_SECRET: z.string().optional(),
  // Whether these can be used is seen by whoever walks that way: most commands do not.
  ENGAGELAB_CA_FILE: z.string().optional(),
  HTTPS_PROXY: z.string().optional(),
  HTTP_PROXY: z.string().optional(),
  NO_PROXY: z.string().optional(),
  VOLLEY_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'expected 1 to 64 of letters, digits, _ . -')
    .default('volley'),
  VOLLEY_RATE: rate(1_000_000).optional(),
  VOLLEY_RECIPIENT_RATE: rate(100_000_000).optional(),
  VOLLEY_CONCURRENCY: wholeNumber(1, 10_000).default(100),
  VOLLEY_BATCH_SIZE: wholeNumber(1, 10_000).default(500),
  VOLLEY_ATTEMPTS: wholeNumber(1, 1000).default(8),
  VOLLEY_BACKOFF_BASE_MS: wholeNumber(1, 3_600_000).default(1000),
  VOLLEY_BACKOFF_CAP_MS: wholeNumber(1, 86_400_000).default(300_000),
  VOLLEY_REQUEST_TIMEOUT_MS: wholeNumber(10, 600_000).default(30_000),
  VOLLEY_LOCK_MS: wholeNumber(1000, 3_600_000).default(60_000),
  VOLLEY_SHUTDOWN_GRACE_MS: wholeNumber(0, 3_600_000).default(40_000),
  VOLLEY_OUTCOMES: OutcomeOverrides.default(new Map()),
  VOLLEY_MAX_CAMPAIGNS: wholeNumber(1, 1000).default(32),
  VOLLEY_ALLOW_ORIGIN_CHANGE: z
    .enum(['1', '0'], { error: 'expected 1, or 0' })
    .transform((text) => text === '1')
    .default(false),
  VOLLEY_RETAIN_DAYS: numberAs('days, above 0 and at most 3650', 0.00001, 3650).default(30),
  VOLLEY_LOG_LEVEL: LogLevel.default('info'),
};

const Settings = z.object(shape).check((context) => {
  const value = context.value;
  const demand = (holds: boolean, name: keyof typeof shape, message: string) => {
    if (!holds) context.issues.push({ code: 'custom', input: value[name], path: [name], message });
  };
  demand(
    value.VOLLEY_SHUTDOWN_GRACE_MS >= value.VOLLEY_REQUEST_TIMEOUT_MS,
    'VOLLEY_SHUTDOWN_GRACE_MS',
    `expected at least VOLLEY_REQUEST_TIMEOUT_MS (${value.VOLLEY_REQUEST_TIMEOUT_MS}), so that a stop can wait ` +
      'for every reply under way',
  );
  demand(
    value.VOLLEY_BACKOFF_CAP_MS >= value.VOLLEY_BACKOFF_BASE_MS,
    'VOLLEY_BACKOFF_CAP_MS',
    `expected at least VOLLEY_BACKOFF_BASE_MS (${value.VOLLEY_BACKOFF_BASE_MS})`,
  );
});

/** Times in milliseconds, rates a second over the whole fleet. */
export interface Config {
  /** With user and password in it, each percent-encoded. */
  redisUrl: string;
  /** Absent: as Node has it. */
  redisTls?: RedisTls;
  prefix: string;
  baseUrl: string;
  devKey?: string;
  devSecret?: string;
  caFile?: string | undefined;
  httpsProxy?: string | undefined;
  httpProxy?: string | undefined;
  noProxy?: string | undefined;
  /** Absent: not set in this environment, so what Redis holds stands (50 requests/s where nothing does). */
  rate?: number;
  recipientRate?: number;
  concurrency: number;
  batchSize: number;
  attempts: number;
  backoffBaseMs: number;
  backoffCapMs: number;
  requestTimeoutMs: number;
  lockMs: number;
  shutdownGraceMs: number;
  outcomes: ReadonlyMap<number, OverrideOutcome>;
  maxCampaigns: number;
  /** Whether campaigns that were sent to another origin are gone on with at this one. */
  allowOriginChange: boolean;
  retainDays: number;
  logLevel: LogLevel;
}

/** Names of variables whose values are never shown, not even a wrong one. */
const UNSHOWN: ReadonlySet<string> = new Set(SECRETS);

/**
 * Reads and checks every setting at once.
 * @throws VolleyError `bad_config`, one line for each variable that is wrong.
 */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const files = readSecretFiles(environment);
  // An empty variable means "not set": compose files and shells write them so.
  const given: Record<string, string> = Object.fromEntries(
    Object.keys(shape).flatMap((name) => {
      // Those of proxies are written either way, and the small one comes first.
      const small = name.endsWith('_PROXY') && environment[name.toLowerCase()];
      const value = small || environment[name] || files.found[name];
      return value ? [[name, value]] : [];
    }),
  );
  const parsed = Settings.safeParse(given);
  const redis = readRedisSettings(given);
  const wrong = [
    ...files.wrong,
    ...('wrong' in redis ? redis.wrong : []),
    ...(parsed.success ? [] : parsed.error.issues.map((issue) => wrongLine(issue, given))),
  ];
  if (!parsed.success || 'wrong' in redis || wrong.length > 0) {
    throw new VolleyError('bad_config', wrong.join('\n'));
  }
  const value = parsed.data;
  return {
    ...redis,
    prefix: value.VOLLEY_PREFIX,
    baseUrl: value.ENGAGELAB_BASE_URL,
    ...(value.ENGAGELAB_DEV_KEY !== undefined && { devKey: value.ENGAGELAB_DEV_KEY }),
    ...(value.ENGAGELAB_DEV_SECRET !== undefined && { devSecret: value.ENGAGELAB_DEV_SECRET }),
    caFile: value.ENGAGELAB_CA_FILE,
    httpsProxy: value.HTTPS_PROXY,
    httpProxy: value.HTTP_PROXY,
    noProxy: value.NO_PROXY,
    ...(value.VOLLEY_RATE !== undefined && { rate: value.VOLLEY_RATE }),
    ...(value.VOLLEY_RECIPIENT_RATE !== undefined && {
      recipientRate: value.VOLLEY_RECIPIENT_RATE,
    }),
    concurrency: value.VOLLEY_CONCURRENCY,
    batchSize: value.VOLLEY_BATCH_SIZE,
    attempts: value.VOLLEY_ATTEMPTS,
    backoffBaseMs: value.VOLLEY_BACKOFF_BASE_MS,
    backoffCapMs: value.VOLLEY_BACKOFF_CAP_MS,
    requestTimeoutMs: value.VOLLEY_REQUEST_TIMEOUT_MS,
    lockMs: value.VOLLEY_LOCK_MS,
    shutdownGraceMs: value.VOLLEY_SHUTDOWN_GRACE_MS,
    outcomes: value.VOLLEY_OUTCOMES,
    maxCampaigns: value.VOLLEY_MAX_CAMPAIGNS,
    allowOriginChange: value.VOLLEY_ALLOW_ORIGIN_CHANGE,
    retainDays: value.VOLLEY_RETAIN_DAYS,
    logLevel: value.VOLLEY_LOG_LEVEL,
  };
}

function wrongLine(issue: z.core.$ZodIssue, given: Readonly<Record<string, string>>): string {
  const name = String(issue.path[0]);
  const value = given[name];
  // The part of a URL before an @ is somebody's password; what is behind a ? may be.
  const isShown = !UNSHOWN.has(name) && !/[@?#]/.test(value ?? '');
  const got = isShown ? JSON.stringify(value) : 'a value that is not shown';
  return `${name}: ${issue.message}, got ${value === undefined ? 'its default' : got}`;
}

/** A line for each variable that is set and looks like a setting, but is none. */
export function strangeSettings(environment: NodeJS.ProcessEnv = process.env): string[] {
  const names = Object.keys(environment).filter((name) => environment[name] !== '');
  return misspeltSettings(names.sort(), [...Object.keys(shape), ...SECRETS.map(fileFormOf)]);
}

/** The folders in which programs are looked for. */
export function searchPath(environment: NodeJS.ProcessEnv = process.env): string {
  return environment['PATH'] ?? '';
}

/** Where programs of this user leave things for each other, as the environment has it. */
export function userFolders(environment: NodeJS.ProcessEnv = process.env): {
  runtime?: string | undefined;
  state?: string | undefined;
} {
  const { XDG_RUNTIME_DIR: runtime, XDG_STATE_HOME: state } = environment;
  return { runtime, state };
}

/** Whether an error that nobody foresaw is shown with its stack; asked also where the settings are wrong. */
export function wantsStacks(environment: NodeJS.ProcessEnv = process.env): boolean {
  return ['debug', 'trace'].includes(environment['VOLLEY_LOG_LEVEL'] ?? '');
}
