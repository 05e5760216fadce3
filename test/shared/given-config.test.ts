import { expect, test } from 'vitest';
import { loadConfig } from '../../src/shared/config.ts';
import { configFrom, type GivenConfig } from '../../src/shared/given-config.ts';
import { createWorker } from '../../src/worker/create-worker.ts';

test('what is left out has the default of its variable', () => {
  expect(configFrom({})).toEqual(loadConfig({}));
  expect(configFrom({ redis: undefined, rate: undefined })).toEqual(loadConfig({}));
});

test('what is given is taken', () => {
  const given: GivenConfig = {
    redis: 'rediss://:secret@redis.example:6380/2',
    prefix: 'mine',
    baseUrl: 'http://127.0.0.1:4010',
    devKey: 'key',
    devSecret: 'secret',
    rate: 0.5,
    recipientRate: 5000,
    concurrency: 7,
    attempts: 3,
    backoffBaseMs: 10,
    backoffCapMs: 20,
    requestTimeoutMs: 50,
    lockMs: 2000,
    shutdownGraceMs: 60,
    outcomes: { 5001: 'retry', 504: 'unconfirmed' },
    maxCampaigns: 2,
    allowOriginChange: true,
    retainDays: 0.5,
    logLevel: 'silent',
  };
  const { redis, outcomes, ...same } = given;
  expect(configFrom(given)).toEqual({
    ...same,
    redisUrl: redis,
    outcomes: new Map([
      [5001, 'retry'],
      [504, 'unconfirmed'],
    ]),
    batchSize: 500,
  });
});

test.each<[string, object, string]>([
  ['a number', { rate: -1 }, 'rate: '],
  ['no number', { concurrency: Number.NaN }, 'concurrency: '],
  ['a URL', { redis: 'http://x' }, 'redis: expected redis://[user:password@]host'],
  ['an outcome', { outcomes: { 200: 'retry' } }, 'outcomes: expected CODE=OUTCOME'],
  [
    'two that do not fit',
    { requestTimeoutMs: 5000, shutdownGraceMs: 100 },
    'shutdownGraceMs: expected at least requestTimeoutMs (5000)',
  ],
  ['an option that there is not', { rates: 5 }, 'rates: expected one of redis, prefix, '],
])('names the option where %s is wrong', (_what, given, start) => {
  const take = () => configFrom(given);
  expect(take).toThrow(expect.objectContaining({ name: 'VolleyError', code: 'bad_config' }));
  expect(take).toThrow(start);
});

test('a worker without credentials is refused in these words', () => {
  expect(() => createWorker({ logLevel: 'silent' })).toThrow(/^devKey and devSecret: expected/);
});
