import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redisUrl, testPrefix } from '../support/redis.ts';
import { killWorkers } from './kill-workers.ts';

test('kills of workers text nobody twice and lose nobody', { timeout: 120_000 }, async () => {
  const seed = Date.now() % 1_000_000;
  const chance = fc.sample(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), {
    numRuns: 1000,
    seed,
  });
  const report = await killWorkers({
    redisUrl: redisUrl(),
    prefix: testPrefix(),
    recipients: 2000,
    workers: 3,
    kills: 8,
    random: () => chance.pop() ?? 0.5,
  });
  const { status, sandbox, verification } = report;
  expect.soft(report, `seed ${seed}`).toMatchObject({ kills: 8, unbalanced: 0 });
  expect.soft(verification.differences).toEqual([]);
  expect.soft(sandbox.texted_again).toBe(0);
  // Whoever was not texted is one of those that a person must decide about.
  expect.soft(status.accepted + status.unconfirmed).toBe(2000);
  expect.soft(sandbox.numbers).toBeGreaterThanOrEqual(status.accepted);
  expect.soft(status.jobs).toMatchObject({ waiting: 0, active: 0, delayed: 0 });
});
