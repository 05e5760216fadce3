import { expect, test } from 'vitest';
import { redisUrl, withPrefix } from '../support/redis.ts';
import { endureTrouble, type Trouble } from './trouble.ts';

const SHORT: readonly Trouble[] = ['down', '500', 'limping'];

test('trouble at EngageLab uses up no attempts', { timeout: 120_000 }, async () => {
  // side by side, for most of the time is spent waiting for the breaker
  const reports = await Promise.all(
    SHORT.map((trouble) =>
      withPrefix((prefix) =>
        endureTrouble({
          ...{ redisUrl: redisUrl(), prefix, trouble, messages: 1000, workers: 2, rate: 400 },
          ms: 2000,
          environment: { VOLLEY_BACKOFF_BASE_MS: '100', VOLLEY_BACKOFF_CAP_MS: '500' },
        }),
      ),
    ),
  );
  for (const [at, { status, sandbox }] of reports.entries()) {
    expect.soft([SHORT[at], status.accepted, status.exhausted]).toEqual([SHORT[at], 1000, 0]);
    // only a request whose connection broke under it may have been sent twice
    if (SHORT[at] !== 'down') expect.soft(sandbox).toMatchObject({ texts: 1000, most_texts: 1 });
  }
});
