/** What is told of an attempt after it was given up for lost: a message ends as what really happened, in any order. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCounts } from '../../../src/shared/campaign/campaign.ts';
import { type Closing, closeAttempts } from '../../../src/shared/ledger/close.ts';
import { encodeAttempt } from '../../../src/shared/ledger/entry.ts';
import type { ClosingVerdict } from '../../../src/shared/ledger/letters.ts';
import { openAttempts } from '../../../src/shared/ledger/open.ts';
import { createKeys } from '../../../src/shared/redis/keys.ts';
import { takeMessages } from '../../../src/shared/replay/steps.ts';
import { ANYWHERE } from '../../support/destination.ts';
import { connect, testPrefix } from '../../support/redis.ts';

const AT = 1_790_000_000_000;
const JOB = 'list-0000000';
const NUMBERS = 3;

interface Truth {
  verdict: Exclude<ClosingVerdict, 'expired' | 'opted_out' | 'worker_lost'>;
  accepted?: number | undefined;
}

/** A released campaign of one message to three numbers. Runs are named by the number of their attempt. */
async function openMessage(park: boolean, redis = connect()) {
  const keys = createKeys(testPrefix());
  const own = keys.campaign('list');
  await redis.hset(own.campaign, 'phase', 'released');
  await redis.hset(own.job(JOB), { name: 'send', data: '{}' });
  await redis.hset(own.counts, { rows: NUMBERS, recipients: NUMBERS, pending: NUMBERS });
  const run = (number: number) => `run${number}`;
  const closing = (number: number, verdict: ClosingVerdict, accepted?: number): Closing => {
    const outcome = verdict === 'never_written' ? 'retry' : verdict;
    const isAttempt = outcome !== 'expired' && outcome !== 'opted_out';
    const text = { run: run(number), at: AT, accepted_count: accepted };
    return {
      ...{ index: 0, number, run: run(number), verdict, numbers: NUMBERS, accepted, due: AT },
      code: verdict === 'accepted' ? '' : verdict,
      ...(isAttempt && { attempt: encodeAttempt({ ...text, outcome }, NUMBERS) }),
    };
  };
  const close = async (number: number, verdict: ClosingVerdict, accepted?: number) => {
    const rules = { attempts: 9, park };
    const [state] = await closeAttempts(redis, own, JOB, rules, [
      closing(number, verdict, accepted),
    ]);
    return state;
  };
  return {
    redis,
    own,
    close,
    async open(number: number) {
      await redis.set(own.lock(JOB), run(number), 'PX', 60_000);
      const asked = {
        jobId: JOB,
        token: run(number),
        run: run(number),
        leastLockMs: 1000,
        destination: ANYWHERE,
      };
      return openAttempts(redis, own, asked, AT, [{ index: 0, number, leftOut: [] }]);
    },
    end: () => redis.zadd(own.job('failed'), AT, JOB),
    async counts() {
      const { rows, recipients, codes, ...states } = await readCounts(redis, keys, 'list');
      const left = Object.entries(states).filter(([, count]) => count !== 0);
      return { ...Object.fromEntries(left), codes };
    },
  };
}

test('one that was never written after all waits again, where its job can still be run', async () => {
  const message = await openMessage(true);
  await message.open(1);
  expect(await message.close(1, 'worker_lost')).toBe('unconfirmed');
  expect(await message.close(1, 'never_written')).toBe('pending');
  expect(await message.counts()).toEqual({ pending: 3, codes: {} });
  expect(await message.open(2)).toEqual([true]);
});

test('one that was never written ends as one that failed, where its job has ended', async () => {
  const message = await openMessage(true);
  await message.open(1);
  await message.close(1, 'worker_lost');
  await message.end();
  expect(await message.close(1, 'never_written')).toBe('exhausted');
  expect(await message.counts()).toEqual({ exhausted: 3, codes: { never_written: 3 } });
});

test('what an older attempt may have brought stays unconfirmed', async () => {
  const message = await openMessage(false);
  for (const number of [1, 2]) {
    await message.open(number);
    await message.close(number, 'worker_lost');
  }
  await message.open(3);
  expect(await message.close(3, 'rejected', 0)).toBe('unconfirmed');
  expect(await message.close(2, 'never_written')).toBe('unconfirmed');
  expect(await message.close(1, 'never_written')).toBe('rejected');
});

test('a refusal that comes late counts whom it accepted, also after a replay', async () => {
  const message = await openMessage(true);
  await message.open(1);
  await message.close(1, 'worker_lost');
  await message.end();
  const { redis } = message;
  await redis.del(message.own.lock(JOB));
  await redis.hset(message.own.campaign, 'chapter', 2);
  const head = 'u,1,1,1,1,,0,worker_lost,';
  const taking = { index: 0, numbers: NUMBERS, head };
  expect(await takeMessages(redis, message.own, JOB, 2, AT, [taking])).toEqual([true]);
  await message.open(2);
  expect(await message.close(2, 'rejected', 0)).toBe('unconfirmed');
  expect(await message.close(1, 'rejected', 2)).toBe('rejected');
  expect(await message.counts()).toEqual({ accepted: 2, rejected: 1, codes: { rejected: 1 } });
});

test('nobody is texted again who may be among those that a late refusal accepted', async () => {
  const message = await openMessage(false);
  await message.open(1);
  expect(await message.close(1, 'worker_lost')).toBe('pending');
  expect(await message.close(1, 'rejected', 1)).toBe('rejected');
  expect(await message.counts()).toEqual({ accepted: 1, rejected: 2, codes: { rejected: 2 } });
  expect(await message.open(2)).toEqual([false]);
});

const truth: fc.Arbitrary<Truth> = fc.oneof(
  fc.record({ verdict: fc.constantFrom('rejected', 'shortfall'), accepted: fc.nat(NUMBERS) }),
  fc.constant<Truth>({ verdict: 'accepted', accepted: NUMBERS }),
  fc.record({
    verdict: fc.constantFrom('rejected', 'retry', 'throttled', 'never_written', 'unconfirmed'),
  }),
);

test('the counts are the same in whatever order the attempts are told of', async () => {
  const redis = connect();
  /** Each attempt but the last is given up for lost; the last one, too, or it is still under way. */
  const countsAfter = async (
    truths: readonly Truth[],
    order: readonly number[],
    isOpen: boolean,
  ) => {
    const message = await openMessage(false, redis);
    for (const at of truths.keys()) {
      await message.open(at + 1);
      if (!isOpen || at + 1 < truths.length) await message.close(at + 1, 'worker_lost');
    }
    for (const at of order) {
      const { verdict = 'retry', accepted } = truths[at] ?? {};
      await message.close(at + 1, verdict, accepted);
    }
    return message.counts();
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(truth, { minLength: 1, maxLength: 4 }).chain((truths) => {
        const places = [...truths.keys()];
        const order = fc.shuffledSubarray(places, { minLength: places.length });
        return fc.tuple(fc.constant(truths), order, order, fc.boolean());
      }),
      async ([truths, one, other, isOpen]) => {
        // One under way that was never written was never made: then another attempt is the last.
        fc.pre(!isOpen || truths.at(-1)?.verdict !== 'never_written');
        const counts = await countsAfter(truths, one, isOpen);
        expect(await countsAfter(truths, other, isOpen)).toEqual(counts);
        // Given up before, or not: that makes no difference.
        expect(
          await countsAfter(truths, one, !isOpen && truths.at(-1)?.verdict !== 'never_written'),
        ).toEqual(counts);
      },
    ),
    { numRuns: 150, interruptAfterTimeLimit: 4000, seed: 1 },
  );
});
