/**
 * Random histories of a campaign: workers that lose their jobs to each other and go on all the same, replies that come
 * at any later time or never, pause, resume, cancel, canaries, opt-outs, replays step by step, retries by a dashboard,
 * forgetting. Through the scripts and the queue that are in use; EngageLab and the workers' sense of time are the model.
 */
import fc from 'fast-check';
import { test } from 'vitest';
import { createKeys } from '../../src/shared/redis/keys.ts';
import { connect, withPrefix } from '../support/redis.ts';
import { Campaign } from './campaign.ts';
import { rules, step } from './steps.ts';

/**
 * On a busy machine there are fewer. For a long look raise both, and take other seeds: 10,000 take a quarter of an hour.
 * The seed is fixed so that whoever sees it fail knows that his change did it.
 */
const RUNS = 150;
const MOST_MS = 14_000;
const SEED = 1;

test('every promise holds through any history, and everybody comes to an end', async () => {
  const redis = connect();
  await fc.assert(
    fc.asyncProperty(
      rules,
      fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }),
      async (given, steps) => {
        await withPrefix(async (prefix) => {
          const campaign = new Campaign(redis, createKeys(prefix), given);
          try {
            await campaign.begin();
            for (const each of steps) await campaign.take(each);
            await campaign.finish();
          } finally {
            await campaign.close();
          }
        });
      },
    ),
    { numRuns: RUNS, interruptAfterTimeLimit: MOST_MS, seed: SEED },
  );
}, 120_000);
