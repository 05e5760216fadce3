import { expect, test } from 'vitest';
import { readCounts } from '../../../src/shared/campaign/campaign.ts';
import { closeAttempts } from '../../../src/shared/ledger/close.ts';
import { encodeAttempt } from '../../../src/shared/ledger/entry.ts';
import { createKeys } from '../../../src/shared/redis/keys.ts';
import { connect, testPrefix } from '../../support/redis.ts';

const JOB = 'list-0000000';
const AT = 1_790_000_000_000;

/**
 * Closes a first attempt to two numbers as accepted, over an entry as given.
 * @param claimed how many EngageLab says it accepted: with 2 the script takes its short way, and with more, which the
 * script takes for 2, the long one
 */
async function close(entry: string | undefined, claimed: number, cancelled: number) {
  const redis = connect();
  const keys = createKeys(testPrefix());
  const own = keys.campaign('list');
  await redis.hset(own.campaign, { phase: 'released', cancelled });
  await redis.hset(own.job(JOB), 'name', 'send');
  await redis.hset(own.counts, { rows: 2, recipients: 2, pending: 2 });
  if (entry !== undefined) await redis.hset(own.ledger(JOB), '0', entry);
  const attempt = { run: 'aaaa', outcome: 'accepted', at: AT, ms: 5, accepted_count: 2 } as const;
  const closing = {
    ...({ index: 0, number: 1, run: 'aaaa', verdict: 'accepted', numbers: 2 } as const),
    accepted: claimed,
    attempt: encodeAttempt(attempt, 2),
  };
  const rules = { attempts: 3, park: true };
  const states = await closeAttempts(redis, own, JOB, rules, [closing, closing]);
  const fields = await redis.hgetall(own.ledger(JOB));
  return { states, fields, counts: await readCounts(redis, keys, 'list') };
}

test.each([
  ['opened by this run', 'O;aaaaomeb1'],
  ['opened by this run, without one number', 'O;aaaaomeb1-1'],
  ['opened by another run', 'O;bbbbomeb1'],
  ['whose opening was lost', undefined],
  ['given up for lost', 'u,1,1,1,1,,0,no_reply,;aaaalmeb1'],
  ['already accepted', 'A;aaaaameb1|7'],
  ['at its second attempt', 'o,1,2,1,1,,0,no_reply,;bbbbomeb1'],
  ['replayed since', 'o,2,2,0,0,,0,5001,;bbbbomeb1'],
])('the short way of the close does what the long one does: a message %s', async (_what, entry) => {
  for (const cancelled of [0, 1]) {
    expect(await close(entry, 2, cancelled)).toEqual(await close(entry, 3, cancelled));
  }
});
