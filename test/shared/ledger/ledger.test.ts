// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCounts } from '../../../src/shared/campaign/campaign.ts';
import { BEGUN_FIELD } from '../../../src/shared/ledger/begun.ts';
import { type Closing, closeAttempts } from '../../../src/shared/ledger/close.ts';
import {
  type Attempt,
  decodeAttempt,
  decodeEntry,
  encodeAttempt,
} from '../../../src/shared/ledger/entry.ts';
import { fold } from '../../../src/shared/ledger/fold.ts';
import {
  ATTEMPT_LETTERS,
  type AttemptOutcome,
  type ClosingVerdict,
} from '../../../src/shared/ledger/letters.ts';
import { type Opening, openAttempts } from '../../../src/shared/ledger/open.ts';
import { createKeys } from '../../../src/shared/redis/keys.ts';
import { ANYWHERE } from '../../support/destination.ts';
import { connect, testPrefix } from '../../support/redis.ts';

const AT = 1_790_000_000_000;
const JOB = 'list-0000000';
const RULES = { attempts: 3, park: true };

interface CloseOptions {
  index?: number;
  accepted?: number;
  code?: string;
  resend?: boolean;
  leftOut?: number[];
}

/** A released campaign of one job, held by the run `aaaa`, with so many numbers in each message. */
async function openLedger(...numbers: number[]) {
  const redis = connect();
  const keys = createKeys(testPrefix());
  const own = keys.campaign('list');
  const recipients = numbers.reduce((sum, each) => sum + each, 0);
  await redis.hset(own.campaign, 'phase', 'released');
  await redis.hset(own.job(JOB), 'name', 'send');
  await redis.hset(own.counts, { rows: recipients, recipients, pending: recipients });
  const hold = (run: string, ms = 60_000) => redis.set(own.lock(JOB), run, 'PX', ms);
  await hold('aaaa');

  const openAll = (run: string, ...openings: Opening[]) =>
    openAttempts(
      redis,
      own,
      { jobId: JOB, token: run, run, leastLockMs: 1000, destination: ANYWHERE },
      AT,
      openings,
    );
  const closing = (
    run: string,
    number: number,
    verdict: ClosingVerdict,
    { index = 0, accepted, code = '5001', leftOut }: CloseOptions = {},
  ): Closing => {
    const size = numbers[index] ?? 0;
    const hasAttempt =
      verdict !== 'never_written' && verdict !== 'expired' && verdict !== 'opted_out';
    const attempt = { run, at: AT, leftOut, ms: 5, accepted_count: accepted };
    return {
      ...{ index, number, run, verdict, numbers: size, accepted, code, due: AT },
      attempt: hasAttempt ? encodeAttempt({ ...attempt, outcome: verdict }, size) : undefined,
    };
  };
  const closeAll = (closings: Closing[], resend = false) =>
    closeAttempts(redis, own, JOB, { ...RULES, park: !resend }, closings);

  return {
    redis,
    own,
    hold,
    openAll,
    closing,
    closeAll,
    async open(run: string, number: number, leftOut: number[] = []) {
      const opened = await openAll(run, { index: 0, number, leftOut });
      return Array.isArray(opened) ? opened[0] : opened;
    },
    async close(run: string, number: number, verdict: ClosingVerdict, options: CloseOptions = {}) {
      const [state] = await closeAll([closing(run, number, verdict, options)], options.resend);
      return state;
    },
    /** But for what says that it was begun. */
    async fields() {
      const { [BEGUN_FIELD]: _begun, ...fields } = await redis.hgetall(own.ledger(JOB));
      return fields;
    },
    async entry(index = 0) {
      const text = await redis.hget(own.ledger(JOB), String(index));
      return text === null ? undefined : decodeEntry(text, numbers[index] ?? 0);
    },
    /** The counts that are not 0, without those of rows. */
    async counts() {
      const { rows, recipients: total, codes, ...states } = await readCounts(redis, keys, 'list');
      const left = Object.entries(states).filter(([, count]) => count !== 0);
      return { ...Object.fromEntries(left), ...(Object.keys(codes).length > 0 && { codes }) };
    },
  };
}

describe('a reply that turns out to be doubtful', () => {
  const asDoubtful = (closing: Closing): Closing => ({
    ...closing,
    verdict: 'doubtful',
    code: 'no_reply',
    attempt: encodeAttempt({ run: closing.run, outcome: 'unconfirmed', at: AT }, closing.numbers),
  });

  test.for([
    ['accepted', 3, false, 'unconfirmed', { unconfirmed: 3 }],
    ['shortfall', 1, false, 'unconfirmed', { unconfirmed: 3 }],
    ['rejected', 0, false, 'unconfirmed', { unconfirmed: 3 }],
    ['rejected', 2, false, 'unconfirmed', { unconfirmed: 3 }],
    ['retry', 0, false, 'unconfirmed', { unconfirmed: 3 }],
    ['throttled', 0, false, 'unconfirmed', { unconfirmed: 3 }],
    ['accepted', 3, true, 'unconfirmed', { unconfirmed: 3 }],
    ['retry', 0, true, 'pending', { pending: 3 }],
  ] as const)('%s of %i is taken back', async ([verdict, accepted, resend, state, counts]) => {
    const ledger = await openLedger(3);
    await ledger.open('aaaa', 1);
    await ledger.close('aaaa', 1, verdict, { accepted, resend });
    const closing = asDoubtful(ledger.closing('aaaa', 1, verdict, { accepted }));
    // A second copy of the call does no more, and the close before it, read late, no less.
    for (let times = 0; times < 2; times++) {
      expect(await ledger.closeAll([closing], resend)).toEqual([state]);
      expect(await ledger.close('aaaa', 1, verdict, { accepted, resend })).toBe(state);
      expect(await ledger.entry()).toMatchObject({
        state,
        unsure: 1,
        last: { outcome: 'unconfirmed' },
      });
      const { codes, ...rest } = await ledger.counts();
      expect(rest).toEqual(counts);
      expect(codes).toEqual(state === 'unconfirmed' ? { no_reply: 3 } : undefined);
    }
  });

  test('of an earlier attempt is one that may have been sent', async () => {
    const ledger = await openLedger(1);
    await ledger.open('aaaa', 1);
    await ledger.close('aaaa', 1, 'retry', { resend: true });
    await ledger.open('aaaa', 2);
    const doubtful = asDoubtful(ledger.closing('aaaa', 1, 'retry'));
    expect(await ledger.closeAll([doubtful], true)).toEqual(['open']);
    expect(await ledger.close('aaaa', 2, 'rejected', { resend: true })).toBe('unconfirmed');
    expect(await ledger.counts()).toMatchObject({ unconfirmed: 1 });
  });

  test.for(['unconfirmed', 'worker_lost'] as const)(
    'is nothing new to one that is %s',
    async (verdict) => {
      const ledger = await openLedger(1);
      await ledger.open('aaaa', 1);
      await ledger.close('aaaa', 1, verdict);
      const before = await ledger.fields();
      expect(await ledger.closeAll([asDoubtful(ledger.closing('aaaa', 1, 'unconfirmed'))])).toEqual(
        ['unconfirmed'],
      );
      expect(await ledger.fields()).toEqual(before);
    },
  );
});

describe('before its start time', () => {
  test('nothing is opened, by the clock of Redis', async () => {
    const ledger = await openLedger(1);
    const [seconds = 0] = await ledger.redis.time();
    await ledger.redis.hset(ledger.own.campaign, 'start_at', (Number(seconds) + 3600) * 1000);
    expect(await ledger.open('aaaa', 1)).toBe('early');
    expect(await ledger.fields()).toEqual({});
    await ledger.redis.hset(ledger.own.campaign, 'start_at', Number(seconds) * 1000);
    expect(await ledger.open('aaaa', 1)).toBe(true);
  });
});

describe('the gate', () => {
  test('opens an attempt once', async () => {
    const ledger = await openLedger(1);
    expect(await ledger.open('aaaa', 1)).toBe(true);
    await ledger.hold('bbbb');
    expect(await ledger.open('bbbb', 1)).toBe(false);
    expect(await ledger.open('bbbb', 2)).toBe(false);
  });

  test('says the same to a call that arrives twice', async () => {
    const ledger = await openLedger(1);
    await ledger.open('aaaa', 1);
    const before = await ledger.fields();
    expect(await ledger.open('aaaa', 1)).toBe(true);
    expect(await ledger.fields()).toEqual(before);
  });

  test('opens for one message what it refuses to another', async () => {
    const ledger = await openLedger(1, 1, 1);
    await ledger.open('aaaa', 1);
    await ledger.close('aaaa', 1, 'accepted', { accepted: 1 });
    const opened = await ledger.openAll(
      'aaaa',
      { index: 0, number: 2 },
      { index: 1, number: 1 },
      { index: 2, number: 2 },
    );
    expect(opened).toEqual([false, true, false]);
  });

  test('is closed to a run that no longer holds the job', async () => {
    const ledger = await openLedger(1);
    await ledger.hold('bbbb');
    expect(await ledger.open('aaaa', 1)).toBe('lock');
    await ledger.redis.del(ledger.own.lock(JOB));
    expect(await ledger.open('aaaa', 1)).toBe('lock');
    expect(await ledger.fields()).toEqual({});
  });

  test('is closed to a lock that is about to end', async () => {
    const ledger = await openLedger(1);
    await ledger.hold('aaaa', 999);
    expect(await ledger.open('aaaa', 1)).toBe('lock');
  });

  test.for([
    ['closed', 'before the release', { phase: 'enqueuing' }],
    ['paused', 'while the campaign is paused', { paused: 1 }],
    ['cancelled', 'once the campaign is cancelled', { cancelled: 1 }],
  ] as const)('is closed %s', async ([word, , fields]) => {
    const ledger = await openLedger(1);
    await ledger.redis.hset(ledger.own.campaign, fields);
    expect(await ledger.open('aaaa', 1)).toBe(word);
    expect(await ledger.fields()).toEqual({});
  });

  test('is closed once the campaign is forgotten', async () => {
    const ledger = await openLedger(1);
    await ledger.redis.del(ledger.own.campaign);
    expect(await ledger.open('aaaa', 1)).toBe('closed');
  });
});

describe('a close', () => {
  test('of an accepted attempt settles the message and moves the counts', async () => {
    const ledger = await openLedger(3);
    await ledger.open('aaaa', 1);
    expect(await ledger.close('aaaa', 1, 'accepted', { accepted: 3 })).toBe('accepted');
    expect(await ledger.counts()).toEqual({ accepted: 3 });
    expect(await ledger.open('aaaa', 2)).toBe(false);
  });

  test('that arrives twice counts once', async () => {
    const ledger = await openLedger(3);
    await ledger.open('aaaa', 1);
    await ledger.close('aaaa', 1, 'rejected', { code: '3003' });
    const before = await ledger.fields();
    expect(await ledger.close('aaaa', 1, 'rejected', { code: '3003' })).toBe('rejected');
    expect(await ledger.fields()).toEqual(before);
    expect(await ledger.counts()).toEqual({ rejected: 3, codes: { 3003: 3 } });
  });

  test('counts those accepted of a shortfall, and the rest apart', async () => {
    const ledger = await openLedger(3);
    await ledger.open('aaaa', 1);
    expect(await ledger.close('aaaa', 1, 'shortfall', { accepted: 2, code: '' })).toBe('shortfall');
    expect(await ledger.counts()).toEqual({ accepted: 2, shortfall: 1 });
  });

  test('counts those accepted of a refusal', async () => {
    const ledger = await openLedger(3);
    await ledger.open('aaaa', 1);
    await ledger.close('aaaa', 1, 'rejected', { accepted: 1, code: '3003' });
    expect(await ledger.counts()).toEqual({ accepted: 1, rejected: 2, codes: { 3003: 2 } });
  });

  test('of a refusal that claims absurdly many can be repeated', async () => {
    const ledger = await openLedger(3);
    await ledger.open('aaaa', 1);
    for (let times = 0; times < 2; times++) {
      await ledger.close('aaaa', 1, 'rejected', { accepted: Number.MAX_SAFE_INTEGER });
    }
    expect(await ledger.counts()).toEqual({ accepted: 3 });
  });

  test('to be tried again leaves the message pending until it is due', async () => {
    const ledger = await openLedger(2);
    await ledger.open('aaaa', 1);
    expect(await ledger.close('aaaa', 1, 'retry', { code: '1000' })).toBe('pending');
    expect(await ledger.entry()).toMatchObject({
      state: 'pending',
      used: 1,
      due: AT,
      code: '1000',
    });
    expect(await ledger.counts()).toEqual({ pending: 2 });
  });

  test('of the last attempt exhausts the message', async () => {
    const ledger = await openLedger(2);
    for (const number of [1, 2, 3]) {
      expect(await ledger.open('aaaa', number)).toBe(true);
      await ledger.close('aaaa', number, 'retry', { code: '1000' });
    }
    expect(await ledger.counts()).toEqual({ exhausted: 2, codes: { 1000: 2 } });
    expect(await ledger.open('aaaa', 4)).toBe(false);
    expect(Object.keys(await ledger.fields())).toEqual(['0', '0.1', '0.2']);
  });

  test.for(['throttled', 'unauthorized'] as const)(
    'with %s uses up no attempt',
    async (verdict) => {
      const ledger = await openLedger(1);
      for (const number of [1, 2, 3, 4]) {
        await ledger.open('aaaa', number);
        expect(await ledger.close('aaaa', number, verdict)).toBe('pending');
      }
      expect(await ledger.entry()).toMatchObject({ number: 4, used: 0 });
    },
  );

  test('of what was never written leaves no trace', async () => {
    const ledger = await openLedger(1);
    await ledger.open('aaaa', 1);
    expect(await ledger.close('aaaa', 1, 'never_written')).toBe('pending');
    expect(await ledger.fields()).toEqual({});
    expect(await ledger.counts()).toEqual({ pending: 1 });
  });

  test('of what was never written brings the attempt before it back', async () => {
    const ledger = await openLedger(1);
    await ledger.open('aaaa', 1);
    await ledger.close('aaaa', 1, 'retry');
    const before = await ledger.entry();
    await ledger.open('aaaa', 2);
    await ledger.close('aaaa', 2, 'never_written');
    expect(await ledger.entry()).toEqual({ ...before, due: 0 });
    expect(Object.keys(await ledger.fields())).toEqual(['0']);
  });

  test('of an expired message', async () => {
    const ledger = await openLedger(2);
    await ledger.open('aaaa', 1);
    await ledger.close('aaaa', 1, 'retry', { code: '1000' });
    expect(await ledger.close('bbbb', 1, 'expired')).toBe('expired');
    expect(await ledger.counts()).toEqual({ expired: 2, codes: { 1000: 2 } });
  });

  test('of a message whose numbers have all opted out', async () => {
    const ledger = await openLedger(2);
    expect(await ledger.close('aaaa', 0, 'opted_out')).toBe('opted_out');
    expect(await ledger.counts()).toEqual({ opted_out: 2 });
  });

  test('is written also where Redis has lost the opening', async () => {
    const ledger = await openLedger(1);
    expect(await ledger.close('aaaa', 1, 'accepted', { accepted: 1 })).toBe('accepted');
    expect(await ledger.counts()).toEqual({ accepted: 1 });
  });

  test('of a job that is gone, with its ledger, moves nothing', async () => {
    const ledger = await openLedger(1);
    await ledger.redis.del(ledger.own.job(JOB));
    await ledger.close('aaaa', 1, 'accepted', { accepted: 1 });
    expect(await ledger.counts()).toEqual({ pending: 1 });
    expect(await ledger.fields()).toEqual({});
  });

  test.each(['enqueuing', undefined])(
    'of a campaign whose phase is %s moves nothing',
    async (phase) => {
      const ledger = await openLedger(1);
      await ledger.redis.del(ledger.own.campaign);
      if (phase !== undefined) await ledger.redis.hset(ledger.own.campaign, { phase });
      await ledger.close('aaaa', 1, 'accepted', { accepted: 1 });
      expect(await ledger.counts()).toEqual({ pending: 1 });
      expect(await ledger.fields()).toEqual({});
    },
  );

  test('may name a message twice', async () => {
    const ledger = await openLedger(1);
    await ledger.open('aaaa', 1);
    const states = await ledger.closeAll([
      ledger.closing('aaaa', 1, 'retry'),
      ledger.closing('aaaa', 1, 'accepted', { accepted: 1 }),
      ledger.closing('bbbb', 1, 'expired'),
    ]);
    expect(states).toEqual(['pending', 'pending', 'expired']);
    expect(await ledger.counts()).toEqual({ expired: 1, codes: { 5001: 1 } });
  });

  test('after a cancellation counts what was accepted all the same', async () => {
    const ledger = await openLedger(2);
    await ledger.open('aaaa', 1);
    await ledger.redis.hset(ledger.own.campaign, 'cancelled', 1);
    await ledger.redis.hset(ledger.own.counts, { pending: 0, cancelled: 2 });
    await ledger.close('aaaa', 1, 'accepted', { accepted: 2 });
    expect(await ledger.counts()).toEqual({ accepted: 2 });
  });
});

describe('an attempt that may have been sent', () => {
  test.for(['unconfirmed', 'worker_lost'] as const)('is parked (%s)', async (verdict) => {
    const ledger = await openLedger(2);
    await ledger.open('aaaa', 1);
    expect(await ledger.close('aaaa', 1, verdict, { code: 'no_reply' })).toBe('unconfirmed');
    expect(await ledger.open('aaaa', 2)).toBe(false);
    expect(await ledger.counts()).toEqual({ unconfirmed: 2, codes: { no_reply: 2 } });
  });

  test.for(['unconfirmed', 'worker_lost'] as const)(
    'is sent again where the job says so (%s)',
    async (verdict) => {
      const ledger = await openLedger(1);
      await ledger.open('aaaa', 1);
      expect(await ledger.close('aaaa', 1, verdict, { resend: true })).toBe('pending');
      expect(await ledger.open('aaaa', 2)).toBe(true);
    },
  );

  test('outweighs a refusal that came after it', async () => {
    const ledger = await openLedger(1);
    await ledger.open('aaaa', 1);
    await ledger.close('aaaa', 1, 'unconfirmed', { resend: true });
    await ledger.open('aaaa', 2);
    expect(await ledger.close('aaaa', 2, 'rejected', { resend: true, code: '3004' })).toBe(
      'unconfirmed',
    );
    expect(await ledger.counts()).toEqual({ unconfirmed: 1, codes: { 3004: 1 } });
  });

  test('outweighs that the message expired or ran out of retries', async () => {
    const ledger = await openLedger(1, 1);
    await ledger.openAll('aaaa', { index: 0, number: 1 }, { index: 1, number: 1 });
    const lost = [0, 1].map((index) => ledger.closing('aaaa', 1, 'unconfirmed', { index }));
    await ledger.closeAll(lost, true);
    expect(await ledger.close('bbbb', 1, 'expired')).toBe('unconfirmed');
    for (const number of [2, 3]) {
      await ledger.openAll('aaaa', { index: 1, number });
      await ledger.close('aaaa', number, 'retry', { index: 1, resend: true });
    }
    expect((await ledger.entry(1))?.state).toBe('unconfirmed');
  });

  test('settles to what really happened once its own worker tells', async () => {
    const ledger = await openLedger(2);
    await ledger.open('aaaa', 1);
    await ledger.hold('bbbb');
    await ledger.close('aaaa', 1, 'worker_lost');
    expect(await ledger.close('aaaa', 1, 'accepted', { accepted: 2 })).toBe('accepted');
    expect(await ledger.counts()).toEqual({ accepted: 2 });
    expect(await ledger.close('aaaa', 1, 'worker_lost')).toBe('accepted');
  });

  test('turns out to have been refused', async () => {
    const ledger = await openLedger(2);
    await ledger.open('aaaa', 1);
    await ledger.close('aaaa', 1, 'worker_lost', { code: 'no_reply' });
    expect(await ledger.close('aaaa', 1, 'rejected', { code: '4001' })).toBe('rejected');
    expect(await ledger.counts()).toEqual({ rejected: 2, codes: { 4001: 2 } });
  });

  test('turns out to have been accepted while another is open', async () => {
    const ledger = await openLedger(2);
    await ledger.open('aaaa', 1);
    await ledger.hold('bbbb');
    await ledger.close('aaaa', 1, 'worker_lost', { resend: true });
    expect(await ledger.open('bbbb', 2)).toBe(true);
    expect(await ledger.close('aaaa', 1, 'accepted', { accepted: 2, resend: true })).toBe('open');
    expect(await ledger.close('bbbb', 2, 'retry', { resend: true })).toBe('accepted');
    expect(await ledger.counts()).toEqual({ accepted: 2 });
  });

  test('turns out to have been accepted before another was opened', async () => {
    const ledger = await openLedger(2);
    await ledger.open('aaaa', 1);
    await ledger.close('aaaa', 1, 'worker_lost', { resend: true });
    await ledger.close('aaaa', 1, 'accepted', { accepted: 2, resend: true });
    await ledger.hold('bbbb');
    expect(await ledger.open('bbbb', 2)).toBe(false);
  });
});

describe('numbers that opted out', () => {
  test('are counted apart from those that the request was accepted for', async () => {
    const ledger = await openLedger(4);
    for (const _twice of [1, 2]) {
      expect(await ledger.open('aaaa', 1, [0, 3])).toBe(true);
      expect(await ledger.entry()).toMatchObject({ state: 'open', last: { leftOut: [0, 3] } });
    }
    for (const _twice of [1, 2]) {
      const told = { accepted: 2, leftOut: [0, 3] };
      expect(await ledger.close('aaaa', 1, 'accepted', told)).toBe('accepted');
      expect(await ledger.counts()).toEqual({ accepted: 2, opted_out: 2 });
    }
    const last = { leftOut: [0, 3], total_count: 2, accepted_count: 2 };
    expect(await ledger.entry()).toMatchObject({ optedOut: 2, last });
  });

  test('are known again where the attempt is given up for lost, or its opening is', async () => {
    const ledger = await openLedger(4);
    await ledger.open('aaaa', 1, [1]);
    const last = (await ledger.entry())?.last;
    expect(
      await ledger.close('aaaa', 1, 'worker_lost', { leftOut: [...(last?.leftOut ?? [])] }),
    ).toBe('unconfirmed');
    expect(await ledger.counts()).toMatchObject({ unconfirmed: 3, opted_out: 1 });
    expect(await ledger.close('aaaa', 1, 'accepted', { accepted: 3, leftOut: [1] })).toBe(
      'accepted',
    );
    expect(await ledger.counts()).toEqual({ accepted: 3, opted_out: 1 });

    const unopened = await openLedger(2);
    expect(await unopened.close('aaaa', 1, 'shortfall', { accepted: 0, leftOut: [0] })).toBe(
      'shortfall',
    );
    expect(await unopened.counts()).toEqual({ shortfall: 1, opted_out: 1 });
  });

  test('are those of the last attempt where the others sent nothing', async () => {
    const ledger = await openLedger(3);
    await ledger.open('aaaa', 1, [0, 1]);
    await ledger.close('aaaa', 1, 'retry', { leftOut: [0, 1] });
    expect(await ledger.counts()).toEqual({ pending: 3 });
    await ledger.open('aaaa', 2, [2]);
    expect(await ledger.close('aaaa', 2, 'rejected', { leftOut: [2] })).toBe('rejected');
    expect(await ledger.counts()).toEqual({ rejected: 2, opted_out: 1, codes: { 5001: 2 } });
  });

  test('are only those whom no attempt can have reached', async () => {
    const ledger = await openLedger(3);
    await ledger.open('aaaa', 1, [0]);
    await ledger.close('aaaa', 1, 'worker_lost', { leftOut: [0], resend: true });
    await ledger.hold('bbbb');
    await ledger.open('bbbb', 2, [0, 1]);
    expect(await ledger.close('bbbb', 2, 'rejected', { leftOut: [0, 1], resend: true })).toBe(
      'unconfirmed',
    );
    expect(await ledger.counts()).toMatchObject({ unconfirmed: 2, opted_out: 1 });
    // nothing was sent the first time, so the second was opted out of in time
    expect(await ledger.close('aaaa', 1, 'retry', { leftOut: [0], resend: true })).toBe('rejected');
    expect(await ledger.counts()).toMatchObject({ rejected: 1, opted_out: 2 });
  });

  test('do not include whom an earlier attempt turns out to have reached', async () => {
    const ledger = await openLedger(3);
    await ledger.open('aaaa', 1);
    await ledger.close('aaaa', 1, 'worker_lost', { resend: true });
    await ledger.open('aaaa', 2, [2]);
    expect(await ledger.close('aaaa', 2, 'accepted', { accepted: 2, leftOut: [2] })).toBe(
      'accepted',
    );
    expect(await ledger.counts()).toEqual({ accepted: 2, opted_out: 1 });
    expect(await ledger.close('aaaa', 1, 'accepted', { accepted: 3 })).toBe('accepted');
    expect(await ledger.counts()).toEqual({ accepted: 3 });
  });

  test('include nobody of a message that opted out after it may have been sent', async () => {
    const ledger = await openLedger(2);
    await ledger.open('aaaa', 1);
    await ledger.close('aaaa', 1, 'unconfirmed', { resend: true });
    expect(await ledger.close('aaaa', 1, 'opted_out')).toBe('unconfirmed');
    expect(await ledger.counts()).toMatchObject({ unconfirmed: 2 });
  });
});

describe('its text', () => {
  const outcomes: AttemptOutcome[] = [
    'accepted',
    'shortfall',
    'retry',
    'throttled',
    'unauthorized',
    'rejected',
    'unconfirmed',
    'worker_lost',
    'open',
  ];
  const count = fc.option(fc.nat(), { nil: undefined });
  const id = fc.option(fc.bigInt({ min: 0n, max: 10n ** 20n }).map(String), { nil: undefined });
  const words = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.endsWith('|'));
  const attempt: fc.Arbitrary<Attempt> = fc.record({
    run: fc.stringMatching(/^[0-9a-z]{4}$/),
    outcome: fc.constantFrom(...outcomes),
    at: fc.nat({ max: 4_000_000_000_000 }),
    leftOut: fc.option(
      fc
        .uniqueArray(fc.nat({ max: 499 }), { minLength: 1 })
        .map((places) => places.sort((a, b) => a - b)),
      { nil: undefined },
    ),
    ms: count,
    http_status: fc.option(fc.integer({ min: 100, max: 999 }), { nil: undefined }),
    plan_id: id,
    message_id: id,
    task_id: id,
    total_count: count,
    accepted_count: count,
    code: fc.option(fc.integer(), { nil: undefined }),
    note: fc.constantFrom(undefined, 'sent at once'),
    words: fc.option(words, { nil: undefined }),
  });

  test('gives every attempt back', () => {
    fc.assert(
      fc.property(attempt, fc.integer({ min: 1, max: 500 }), (given, numbers) => {
        const isPlain = given.outcome === 'accepted';
        const sent = numbers - (given.leftOut?.length ?? 0);
        expect(decodeAttempt(encodeAttempt(given, numbers), numbers)).toEqual({
          ...given,
          // what an accepted attempt does not say is what every accepted reply says
          http_status: given.http_status ?? (isPlain ? 200 : undefined),
          total_count: given.total_count ?? (isPlain ? sent : undefined),
          accepted_count: given.accepted_count ?? (isPlain ? sent : undefined),
        });
      }),
      { numRuns: 2000 },
    );
  });

  test('keeps its form whatever EngageLab calls its ids', () => {
    const given: Attempt = {
      ...{
        run: 'aaaa',
        outcome: 'shortfall',
        at: AT,
        plan_id: 'a|b',
        message_id: '|',
        task_id: '||',
      },
      ...{ total_count: 3, accepted_count: 2 },
    };
    expect(decodeAttempt(encodeAttempt(given, 3), 3)).toMatchObject({
      total_count: 3,
      accepted_count: 2,
      words: undefined,
    });
  });

  test('has a letter for every outcome', () => {
    expect(Object.keys(ATTEMPT_LETTERS).sort()).toEqual([...outcomes].sort());
  });

  test('of an accepted pack stays in the compact encoding of Redis', async () => {
    const ledger = await openLedger(...Array.from({ length: 100 }, () => 10));
    const indexes = Array.from({ length: 100 }, (_none, index) => index);
    await ledger.openAll('aaaa', ...indexes.map((index) => ({ index, number: 1 })));
    const accepted = encodeAttempt(
      {
        ...{ run: 'aaaa', outcome: 'accepted', at: AT, ms: 30_000, http_status: 200 },
        ...{ plan_id: '1972484198153367552', total_count: 10, accepted_count: 10 },
      },
      10,
    );
    await ledger.closeAll(
      indexes.map((index) => ({
        ...ledger.closing('aaaa', 1, 'accepted', { index, accepted: 10 }),
        attempt: accepted,
      })),
    );
    const encoding = await ledger.redis.object('ENCODING', ledger.own.ledger(JOB));
    expect(encoding).toMatch(/listpack|ziplist/);
  });
});

test('an attempt given up for lost, and then known never to have been written, sent nothing', async () => {
  const ledger = await openLedger(2);
  await ledger.open('aaaa', 1);
  expect(await ledger.close('aaaa', 1, 'worker_lost', { code: 'no_reply' })).toBe('unconfirmed');
  const attempt = encodeAttempt(
    { run: 'aaaa', outcome: 'retry', at: AT, words: 'never written' },
    2,
  );
  const closing = {
    ...ledger.closing('aaaa', 1, 'never_written', { code: 'no_connection' }),
    attempt,
  };
  expect(await ledger.closeAll([closing, closing])).toEqual(['exhausted', 'exhausted']);
  expect(await ledger.counts()).toEqual({ exhausted: 2, codes: { no_connection: 2 } });
});

test('a close repeated after the ledger was folded counts nothing again', async () => {
  const ledger = await openLedger(1);
  await ledger.open('aaaa', 1);
  await ledger.close('aaaa', 1, 'accepted', { accepted: 1 });
  const before = await ledger.counts();
  // Only what is completed is folded, and nothing that has changed since it was compared.
  const fields = await ledger.fields();
  await fold(ledger.redis, ledger.own, JOB, fields);
  await ledger.redis.zadd(ledger.own.job('completed'), AT, JOB);
  await fold(ledger.redis, ledger.own, JOB, { ...fields, 0: 'A;other' });
  await fold(ledger.redis, ledger.own, JOB, { ...fields, '0.1': 'other' });
  expect(await ledger.fields()).toEqual(fields);
  await fold(ledger.redis, ledger.own, JOB, fields);
  expect(await ledger.fields()).toEqual({});
  expect(await ledger.close('aaaa', 1, 'accepted', { accepted: 1 })).toBe('accepted');
  expect(await ledger.counts()).toEqual(before);
  expect(await ledger.fields()).toEqual({});
});

test('a cancelled message does not expire', async () => {
  const ledger = await openLedger(1);
  await ledger.redis.hset(ledger.own.campaign, 'cancelled', 1);
  await ledger.redis.hset(ledger.own.counts, { pending: 0, cancelled: 1 });
  await ledger.close('aaaa', 1, 'expired');
  expect(await ledger.counts()).toEqual({ cancelled: 1 });
});
