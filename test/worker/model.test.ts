/**
 * Random histories of a campaign: workers that lose their jobs to each other and go on all the same, replies that come
 * at any later time or never, pause, resume, cancel, canaries, opt-outs, replays step by step, retries by a dashboard,
 * forgetting. Through the scripts and the queue that are in use; EngageLab and the workers' sense of time are the model.
 */
import fc from 'fast-check';
import { test } from 'vitest';
import type { ReplayChoice } from '../../src/producer/replay-choice.ts';
import { createKeys } from '../../src/shared/keys.ts';
import { connect, withPrefix } from '../support/redis.ts';
import { Campaign, RECIPIENTS, type Rules, type Step } from './model-campaign.ts';
import type { Answer } from './model-people.ts';

/** On a busy machine there are fewer. For a long look raise both: 10,000 take some 20 minutes. */
const RUNS = 100;
const MOST_MS = 12_000;

const which = fc.nat(11);
const ALL: Answer = { verdict: 'a', accepted: RECIPIENTS };
const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.constant(ALL),
  fc.record({ verdict: fc.constantFrom('s', 'u', 'r'), accepted: fc.nat(3) }),
  fc.record({ verdict: fc.constantFrom('r', 'y', 'y', 't', 'v'), accepted: fc.constant(0) }),
);
const choice: fc.Arbitrary<ReplayChoice> = fc.oneof(
  fc.constant({}),
  fc.constant({ split: 1 }),
  fc.record({
    mayDouble: fc.boolean(),
    split: fc.constantFrom(undefined, 1, 2),
    template: fc.constantFrom(undefined, undefined, 'promo-2'),
    states: fc.constantFrom(
      undefined,
      ...(['unconfirmed', 'shortfall', 'cancelled', 'expired', 'opted_out'] as const).map(
        (each) => [each],
      ),
    ),
  }),
);
const plainly = (...words: Extract<Step, { which: number }>['do'][]) =>
  fc.record({ do: fc.constantFrom(...words), which });

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: plainly('pick', 'pick', 'hear', 'hear', 'end', 'end', 'lapse', 'crash'),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('send'),
      which,
      message: fc.nat(3),
      answer,
      isExpired: fc.integer({ min: 0, max: 19 }).map((each) => each === 0),
    }),
  },
  { weight: 2, arbitrary: plainly('go on', 'go on', 'go on', 'go on', 'go on', 'die') },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('replay'), choice, most: fc.nat(9) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('work'),
      answers: fc.oneof(
        fc.constant([ALL, ALL, ALL, ALL]),
        fc.array(answer, { minLength: 4, maxLength: 4 }),
      ),
      most: fc.oneof(fc.constant(99), fc.nat(14)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('queue', 'due', 'resume') }) },
  { weight: 2, arbitrary: plainly('fold', 'fold', 'retry') },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('pause', 'pause', 'cancel', 'cancel', 'forget') }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('opt'), which, isOut: fc.boolean() }) },
) as fc.Arbitrary<Step>;

const rules: fc.Arbitrary<Rules> = fc.record({
  park: fc.constantFrom(true, true, false),
  attempts: fc.integer({ min: 1, max: 3 }),
  canary: fc.constantFrom(undefined, undefined, 1),
});

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
    { numRuns: RUNS, interruptAfterTimeLimit: MOST_MS },
  );
}, 120_000);
