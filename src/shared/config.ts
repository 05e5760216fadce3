/**
 * The settings, as one schema; the only reader of the environment. A bad value names the variable, what was
 * expected and what came. Source of names and defaults: docs/design.md, "Config".
 */
import * as z from 'zod';
import { VolleyError } from './errors.ts';
import { misspeltSettings } from './misspelt.ts';

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

const OverrideOutcome = z.enum(['retry', 'rejected', 'unconfirmed']);
/** What a code or a status may be taken for, in place of what it is. */
export type OverrideOutcome = z.infer<typeof OverrideOutcome>;

/** `5001=retry,504=unconfirmed`: 300 to 599 are HTTP statuses, anything else is EngageLab's code. */
const Outcomes = z.string().transform((text, context) => {
  const rules = new Map<number, OverrideOutcome>();
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '') continue;
    const match = /^(\d{1,9})\s*=\s*(\w+)$/.exec(part);
    const outcome = OverrideOutcome.safeParse(match?.[2]);
    const key = Number(match?.[1]);
    const isSuccess = key === 0 || (key >= 100 && key <= 299);
    if (!match || !outcome.success || isSuccess) {
      context.issues.push({
        code: 'custom',
        input: part,
        message:
          'expected CODE=OUTCOME or STATUS=OUTCOME, separated by commas, OUTCOME one of retry, rejected, ' +
          'unconfirmed, STATUS from 300 to 599',
      });
      return z.NEVER;
    }
    rules.set(key, outcome.data);
  }
  return rules;
});

const isUrl = (text: string, ...protocols: string[]) =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol);

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const LogLevel = z.enum(LEVELS, { error: `expected one of ${LEVELS.join(', ')}` });
/** The least that is logged. */
export type LogLevel = z.infer<typeof LogLevel>;

const shape = {
  REDIS_URL: z
    .string()
    .refine((text) => isUrl(text, 'redis:', 'rediss:'), 'expected redis://… or rediss://…')
    .default('redis://127.0.0.1:6379'),
  ENGAGELAB_BASE_URL: z
    .string()
    .refine((text) => isUrl(text, 'http:', 'https:'), 'expected https://… or http://…')
    .default('https://smsapi.engagelab.com'),
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
  VOLLEY_OUTCOMES: Outcomes.default(new Map()),
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
  redisUrl: string;
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

const SECRETS = new Set(['ENGAGELAB_DEV_SECRET', 'ENGAGELAB_DEV_KEY', 'REDIS_URL']);

/**
 * Reads and checks every setting at once.
 * @throws VolleyError `bad_config`, one line for each variable that is wrong.
 */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  // An empty variable means "not set": compose files and shells write them so.
  const given = Object.fromEntries(
    Object.keys(shape).flatMap((name) => {
      // Those of proxies are written either way, and the small one comes first.
      const small = name.endsWith('_PROXY') && environment[name.toLowerCase()];
      const value = small || environment[name];
      return value ? [[name, value]] : [];
    }),
  );
  const parsed = Settings.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      const shown = JSON.stringify(given[name])?.replace(/\/\/.*@/, '//***@');
      const got = SECRETS.has(name) ? 'a value that is not shown' : shown;
      const from = given[name] === undefined ? 'its default' : got;
      return `${name}: ${issue.message}, got ${from}`;
    });
    throw new VolleyError('bad_config', lines.join('\n'));
  }
  const value = parsed.data;
  return {
    redisUrl: value.REDIS_URL,
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

/** A line for each variable that is set and looks like a setting, but is none. */
export function strangeSettings(environment: NodeJS.ProcessEnv = process.env): string[] {
  const names = Object.keys(environment).filter((name) => environment[name] !== '');
  return misspeltSettings(names.sort(), Object.keys(shape));
}

/** The folders in which programs are looked for. */
export function searchPath(environment: NodeJS.ProcessEnv = process.env): string {
  return environment['PATH'] ?? '';
}

/** Whether an error that nobody foresaw is shown with its stack; asked also where the settings are wrong. */
export function wantsStacks(environment: NodeJS.ProcessEnv = process.env): boolean {
  return ['debug', 'trace'].includes(environment['VOLLEY_LOG_LEVEL'] ?? '');
}
