import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/shared/config.ts';
import { VolleyError } from '../../src/shared/errors.ts';

function refusal(environment: Record<string, string>): string {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof VolleyError && error.code === 'bad_config') return error.message;
    throw error;
  }
  throw new Error('expected the settings to be refused');
}

test('nothing set is as documented', () => {
  expect(loadConfig({})).toEqual({
    redisUrl: 'redis://127.0.0.1:6379',
    prefix: 'volley',
    baseUrl: 'https://smsapi.engagelab.com',
    concurrency: 100,
    batchSize: 500,
    attempts: 8,
    backoffBaseMs: 1000,
    backoffCapMs: 300_000,
    requestTimeoutMs: 30_000,
    lockMs: 60_000,
    shutdownGraceMs: 40_000,
    outcomes: new Map(),
    maxCampaigns: 32,
    allowOriginChange: false,
    retainDays: 30,
    logLevel: 'info',
  });
});

test('an empty variable is not set', () => {
  expect(loadConfig({ VOLLEY_RATE: '', VOLLEY_ATTEMPTS: '' })).toEqual(loadConfig({}));
});

test('what is set is taken', () => {
  const given = {
    REDIS_URL: 'rediss://user:secret@redis.example:6380/2',
    ENGAGELAB_DEV_KEY: 'key',
    ENGAGELAB_DEV_SECRET: 'secret',
    VOLLEY_RATE: '12.5',
    VOLLEY_RECIPIENT_RATE: '1000',
    VOLLEY_LOCK_MS: '1000',
    VOLLEY_LOG_LEVEL: 'debug',
  };
  expect(loadConfig(given)).toMatchObject({
    redisUrl: given.REDIS_URL,
    devKey: 'key',
    devSecret: 'secret',
    rate: 12.5,
    recipientRate: 1000,
    lockMs: 1000,
    logLevel: 'debug',
  });
});

/** Variable, value, and what the refusal says was expected. */
const BAD: [string, string, string][] = [
  ['REDIS_URL', 'localhost:6379', 'expected redis://'],
  ['REDIS_URL', 'http://localhost', 'expected redis://'],
  ['ENGAGELAB_BASE_URL', 'smsapi.engagelab.com', 'expected https://'],
  ['VOLLEY_PREFIX', 'a:b', 'expected 1 to 64 of letters'],
  ['VOLLEY_PREFIX', 'a{b}', 'expected 1 to 64 of letters'],
  ['VOLLEY_RATE', 'fast', 'expected a number a second, above 0'],
  ['VOLLEY_RATE', '0', 'expected a number a second, above 0'],
  ['VOLLEY_RATE', 'Infinity', 'expected a number a second, above 0'],
  ['VOLLEY_RECIPIENT_RATE', '-1', 'expected a number a second, above 0'],
  ['VOLLEY_CONCURRENCY', '0', 'expected a whole number from 1 to 10000'],
  ['VOLLEY_CONCURRENCY', '1.5', 'expected a whole number from 1 to 10000'],
  ['VOLLEY_BATCH_SIZE', '10 000', 'expected'],
  ['VOLLEY_ATTEMPTS', '1001', 'expected a whole number from 1 to 1000'],
  ['VOLLEY_LOCK_MS', '999', 'expected a whole number from 1000 to 3600000'],
  ['VOLLEY_BACKOFF_CAP_MS', '999', 'expected at least VOLLEY_BACKOFF_BASE_MS (1000)'],
  ['VOLLEY_SHUTDOWN_GRACE_MS', '1', 'expected at least VOLLEY_REQUEST_TIMEOUT_MS (30000)'],
  ['VOLLEY_LOG_LEVEL', 'loud', 'expected one of'],
  ['VOLLEY_OUTCOMES', '5001', 'expected CODE=OUTCOME'],
  ['VOLLEY_OUTCOMES', '5001=accepted', 'OUTCOME one of retry, rejected, unconfirmed'],
  ['VOLLEY_OUTCOMES', '200=retry', 'STATUS from 300 to 599'],
  ['VOLLEY_OUTCOMES', '0=retry', 'expected CODE=OUTCOME'],
];

test.for(BAD)(
  '%s=%s is refused with what was expected and what came',
  ([name, value, expected]) => {
    const text = refusal({ [name]: value });
    expect(text).toMatch(new RegExp(`^${name}: `));
    expect(text).toContain(expected);
    expect(text).toContain(name === 'REDIS_URL' ? 'a value that is not shown' : `got "${value}"`);
  },
);

test('every wrong variable is named at once', () => {
  const text = refusal({ VOLLEY_RATE: '-1', VOLLEY_LOCK_MS: '1', VOLLEY_PREFIX: 'a b' });
  expect(text.split('\n').map((line) => line.split(':')[0])).toEqual([
    'VOLLEY_PREFIX',
    'VOLLEY_RATE',
    'VOLLEY_LOCK_MS',
  ]);
});

test('two defaults that a third value sets at odds are named', () => {
  const text = refusal({ VOLLEY_REQUEST_TIMEOUT_MS: '60000' });
  expect(text).toMatch(/^VOLLEY_SHUTDOWN_GRACE_MS: .*\(60000\).*got its default$/);
});

test('no secret is shown', () => {
  const text = refusal({
    REDIS_URL: 'http://user:geheim@redis.example',
    ENGAGELAB_DEV_KEY: 'geheim',
    ENGAGELAB_DEV_SECRET: 'geheim',
    VOLLEY_RATE: 'fast',
  });
  expect(text).not.toContain('geheim');
});

describe('VOLLEY_OUTCOMES', () => {
  const outcomes = (text: string) => [...loadConfig({ VOLLEY_OUTCOMES: text }).outcomes];

  test('takes codes and statuses', () => {
    expect(outcomes('5001=retry,504=unconfirmed, 1 = rejected')).toEqual([
      [5001, 'retry'],
      [504, 'unconfirmed'],
      [1, 'rejected'],
    ]);
  });

  test('names the part that is wrong', () => {
    expect(refusal({ VOLLEY_OUTCOMES: '5001=retry,504=maybe' })).toContain('504=maybe');
  });
});
