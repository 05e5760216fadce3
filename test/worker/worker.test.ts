// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RequestInfo } from '../../src/sandbox/index.ts';
import { lockValve, readValve } from '../../src/shared/fleet/valve.ts';
import { openAttempts } from '../../src/shared/ledger/open.ts';
import { fieldsOf } from '../../src/shared/ledger/result.ts';
import { towards } from '../support/destination.ts';
import { type Fleet, numberAt, openFleet, people, workUntilFinished } from '../support/fleet.ts';

const ID = expect.stringMatching(/^\d{19}$/);

/** A sandbox that commits this fault on the first request only. */
async function openFleetFailingOnce(fault: string): Promise<Fleet> {
  const fleet: Fleet = await openFleet({
    faults: { on_template: { promo: fault } },
    onRequest: ({ point, request }) => {
      if (point === 'received' && request === 1) fleet.sandbox.setFaults({ on_template: {} });
    },
  });
  return fleet;
}

describe('a job that is accepted', () => {
  test('of one message returns its result', async () => {
    const fleet = await openFleet();
    await fleet.send('one', people(1));
    await workUntilFinished(fleet.createWorker(), 'one');
    expect(await fleet.ended('one')).toEqual({
      state: 'completed',
      returned: {
        outcome: 'accepted',
        plan_id: ID,
        message_id: ID,
        total_count: 1,
        accepted_count: 1,
      },
      reason: undefined,
    });
    expect(await fleet.counts('one')).toEqual({ accepted: 1 });
  });

  test('for a later time returns its task id, exact', async () => {
    const fleet = await openFleet();
    await fleet.send('later', people(1), { at: Date.now() + 3_600_000 });
    await workUntilFinished(fleet.createWorker(), 'later');
    expect(await fleet.ended('later')).toMatchObject({ returned: { task_id: ID } });
    expect(fleet.sandbox.stats().scheduled).toBe(1);
  });

  test('of several messages returns its ledger, and keeps it once', async () => {
    const fleet = await openFleet();
    await fleet.send('pack', people(3));
    await workUntilFinished(fleet.createWorker(), 'pack');
    const { returned } = await fleet.ended('pack');
    expect(returned).toMatchObject({ messages: 3, total_count: 3, accepted_count: 3 });
    expect(Object.keys(fieldsOf(returned) ?? {})).toEqual(['0', '1', '2']);
    const ledger = fleet.keys.campaign('pack').ledger('pack-0000000');
    await expect.poll(() => fleet.redis.exists(ledger), { timeout: 20_000 }).toBe(0);
    const lines = await fleet.lines('pack');
    expect(lines.map(({ state, to, plan_id: plan }) => [state, to, plan])).toEqual(
      [0, 1, 2].map((at) => ['accepted', [numberAt(at)], ID]),
    );
    expect(await fleet.verify('pack')).toMatchObject({ verified: true, recipients: 3 });
  });

  test('in part is completed, and its shortfall counted', async () => {
    const fleet = await openFleet({ faults: { on_template: { promo: 'partial' } } });
    const rows = people(3).map(({ to }) => ({ to }));
    await fleet.send('part', rows);
    await workUntilFinished(fleet.createWorker(), 'part');
    expect(await fleet.ended('part')).toMatchObject({
      state: 'completed',
      returned: { outcome: 'shortfall', total_count: 3, accepted_count: 2 },
    });
    expect(await fleet.counts('part')).toEqual({ accepted: 2, shortfall: 1 });
    expect(fleet.sandbox.stats().requests).toBe(1);
  });
});

test('a job that is rejected fails with a reason', async () => {
  const fleet = await openFleet({ faults: { on_template: { promo: '5001' } } });
  await fleet.send('bad', people(1));
  await workUntilFinished(fleet.createWorker(), 'bad');
  expect(await fleet.ended('bad')).toMatchObject({
    state: 'failed',
    reason: 'of 1 messages: 1 rejected (5001)',
  });
  expect(await fleet.lines('bad')).toMatchObject([
    {
      state: 'rejected',
      code: 5001,
      http_status: 400,
      detail: 'send failed',
      finished_at: expect.any(Number),
    },
  ]);
  expect(fleet.sandbox.stats().requests).toBe(1);
});

/** What becomes of one recipient whose request meets the fault, at two attempts. */
const FAULTS: Record<string, string> = {
  ok: 'accepted',
  '1000': 'exhausted',
  '3001': 'rejected',
  '3002': 'rejected',
  '3003': 'rejected',
  '3004': 'rejected',
  '4001': 'rejected',
  '5001': 'rejected',
  '9999': 'exhausted',
  '1000-accepted': 'unconfirmed',
  '1000-ok': 'exhausted',
  '3003-accepted': 'rejected',
  'code-1': 'rejected',
  'code-1-accepted': 'unconfirmed',
  'code-0': 'accepted',
  '302': 'rejected',
  '400': 'rejected',
  '404': 'rejected',
  '405': 'rejected',
  '407': 'rejected',
  '408': 'exhausted',
  '500': 'exhausted',
  '502': 'exhausted',
  '503': 'exhausted',
  '504': 'exhausted',
  partial: 'shortfall',
  'none-accepted': 'shortfall',
  'over-accepted': 'unconfirmed',
  'wrong-types': 'unconfirmed',
  empty: 'unconfirmed',
  'no-body': 'unconfirmed',
  html: 'unconfirmed',
  'login-page': 'unconfirmed',
  quoted: 'accepted',
  '3002-quoted': 'rejected',
  'ok-gzip': 'accepted',
  'ok-br': 'accepted',
  'ok-deflate': 'accepted',
  'ok-bom': 'accepted',
  'ok-utf16': 'accepted',
  'close-before': 'unconfirmed',
  'close-after': 'unconfirmed',
  'reset-after': 'unconfirmed',
  hang: 'unconfirmed',
  'hang-unsent': 'unconfirmed',
  'headers-only': 'unconfirmed',
  'cut-off': 'unconfirmed',
  'cut-40': 'unconfirmed',
  'slow-20': 'accepted',
};

test('each fault befalls its own message of a pack and no other', async () => {
  const names = Object.keys(FAULTS);
  // every second message meets none
  const faulty = names.map((name, at) => [numberAt(2 * at), name] as const);
  const fleet = await openFleet({ faults: { on_number: Object.fromEntries(faulty) } });
  await fleet.send('faults', people(2 * names.length));
  const worker = fleet.createWorker({ VOLLEY_ATTEMPTS: '2', VOLLEY_REQUEST_TIMEOUT_MS: '3000' });
  await workUntilFinished(worker, 'faults');

  const lines = await fleet.lines('faults');
  const states = names.map((name, at) => [name, lines[2 * at]?.state]);
  expect(Object.fromEntries(states)).toEqual(FAULTS);
  expect(lines.filter((_line, at) => at % 2 === 1).map(({ state }) => state)).toEqual(
    names.map(() => 'accepted'),
  );
  for (const { state, attempts } of lines) {
    expect(attempts).toHaveLength(state === 'exhausted' ? 2 : 1);
  }
  expect(fleet.sandbox.stats().most_texts).toBe(1);
  const { state, reason } = await fleet.ended('faults');
  expect(state).toBe('failed');
  expect(reason).toMatch(/^of 98 messages: .*2 exhausted \(1000\).* unconfirmed \(no_reply\)/);
  expect(await fleet.verify('faults')).toMatchObject({ verified: true, differences: [] });
});

test('a message is tried again until it is accepted', async () => {
  const fleet = await openFleetFailingOnce('1000');
  await fleet.send('again', people(1));
  await workUntilFinished(fleet.createWorker(), 'again');
  expect(await fleet.ended('again')).toMatchObject({ state: 'completed' });
  const [line] = await fleet.lines('again');
  expect(line).toMatchObject({ state: 'accepted', http_status: 200, code: null });
  expect(line?.attempts).toMatchObject([
    { outcome: 'retry', http_status: 500, code: 1000, message: 'internal error' },
    { outcome: 'accepted', http_status: 200, code: null, accepted_count: 1 },
  ]);
  expect(fleet.sandbox.textsTo(numberAt(0))?.count).toBe(1);
});

describe('a reply that was lost', () => {
  test('leaves the message of a parking job to a person', async () => {
    const fleet = await openFleetFailingOnce('close-after');
    await fleet.send('park', people(1));
    await workUntilFinished(fleet.createWorker(), 'park');
    expect(await fleet.ended('park')).toMatchObject({
      state: 'failed',
      reason: 'of 1 messages: 1 unconfirmed (no_reply)',
    });
    expect(fleet.sandbox.textsTo(numberAt(0))?.count).toBe(1);
  });

  test('has the message of a resending job sent again', async () => {
    const fleet = await openFleetFailingOnce('close-after');
    await fleet.send('resend', people(1), { onUnconfirmed: 'resend' });
    await workUntilFinished(fleet.createWorker(), 'resend');
    const [line] = await fleet.lines('resend');
    expect(line?.state).toBe('accepted');
    expect(line?.attempts.map(({ outcome }) => outcome)).toEqual(['unconfirmed', 'accepted']);
  });
});

describe('an attempt that a dead run left open', () => {
  async function leaveOpen(fleet: Fleet, campaign: string): Promise<void> {
    const own = fleet.keys.campaign(campaign);
    const jobId = `${campaign}-0000000`;
    await fleet.redis.set(own.lock(jobId), 'dead', 'PX', 60_000);
    const dead = {
      jobId,
      token: 'dead',
      run: 'dead',
      leastLockMs: 1,
      destination: towards(fleet.sandbox.url),
    };
    const opened = await openAttempts(fleet.redis, own, dead, Date.now(), [
      { index: 1, number: 1 },
    ]);
    expect(opened).toEqual([true]);
    await fleet.redis.del(own.lock(jobId));
  }

  test('is unconfirmed, and not sent again where the job parks', async () => {
    const fleet = await openFleet();
    await fleet.send('park', people(3));
    await leaveOpen(fleet, 'park');
    await workUntilFinished(fleet.createWorker(), 'park');
    expect((await fleet.lines('park')).map(({ state }) => state)).toEqual([
      'accepted',
      'unconfirmed',
      'accepted',
    ]);
    expect(fleet.sandbox.textsTo(numberAt(1))).toBeUndefined();
    expect(await fleet.verify('park')).toMatchObject({ verified: true });
  });

  test('is sent again where the job resends', async () => {
    const fleet = await openFleet();
    await fleet.send('resend', people(3), { onUnconfirmed: 'resend' });
    await leaveOpen(fleet, 'resend');
    await workUntilFinished(fleet.createWorker(), 'resend');
    const lines = await fleet.lines('resend');
    expect(lines.map(({ state }) => state)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(lines[1]?.attempts.map(({ outcome }) => outcome)).toEqual(['unconfirmed', 'accepted']);
    expect(await fleet.verify('resend')).toMatchObject({ verified: true });
  });
});

describe('a job that cannot be run', () => {
  test('because it is of a newer version is put back', async () => {
    const fleet = await openFleet();
    await fleet.send('newer', people(1));
    await fleet.rewrite('newer', { v: 2, sentiment: 'unknown' });
    const worker = fleet.createWorker();
    await worker.start();
    await fleet.log.line('"version":2');
    await worker.stop();
    expect(await fleet.ended('newer')).toMatchObject({ state: 'delayed' });
    expect(await fleet.counts('newer')).toEqual({ pending: 1 });
    expect(fleet.sandbox.stats().requests).toBe(0);
  });

  test.for([
    ['misses most of it', { v: 1, campaign: 'good' }, 'bad job: template: '],
    ['is no object', 'text', 'bad job: the job: '],
    ['is null', null, 'bad job: the job: '],
    [
      'has no numbers',
      {
        v: 1,
        campaign: 'good',
        template: 't',
        on_unconfirmed: 'park',
        params: [],
        messages: [[[], []]],
      },
      'bad job: messages.0.0: ',
    ],
  ] as const)(
    'because its data %s is rejected, and the worker goes on',
    async ([, data, reason]) => {
      const fleet = await openFleet();
      await fleet.send('good', people(1));
      const queue = fleet.queueOf('good');
      const stray = await queue.add('send', data, { jobId: 'stray', lifo: true });
      await workUntilFinished(fleet.createWorker(), 'good');
      expect(await fleet.counts('good')).toEqual({ accepted: 1 });
      const found = await queue.getJob(stray.id ?? '');
      expect(await found?.getState()).toBe('failed');
      expect(found?.failedReason).toContain(reason);
    },
  );

  test('because its data is not JSON is rejected, and the worker goes on', async () => {
    const fleet = await openFleet();
    await fleet.send('good', people(1));
    const queue = fleet.queueOf('good');
    await queue.add('send', {}, { jobId: 'stray', lifo: true });
    const stray = fleet.keys.campaign('good').job('stray');
    await fleet.redis.hset(stray, 'data', '{"v":1,');
    await workUntilFinished(fleet.createWorker({ VOLLEY_LOCK_MS: '1000' }), 'good');
    expect(await fleet.counts('good')).toEqual({ accepted: 1 });
    expect(await queue.getJobState('stray')).toBe('failed');
    expect(await fleet.redis.hget(stray, 'failedReason')).toMatch(/^bad job: .*JSON/);
  });
});

test('a message whose time has passed expires unsent', async () => {
  const fleet = await openFleet();
  await fleet.send('late', people(2));
  await fleet.rewrite('late', { not_after: Date.now() - 1 });
  await workUntilFinished(fleet.createWorker(), 'late');
  expect(await fleet.counts('late')).toEqual({ expired: 2 });
  expect(fleet.sandbox.stats().requests).toBe(0);
});

test('a message whose schedule is too near is sent at once, and says so', async () => {
  const fleet = await openFleet();
  await fleet.send('near', people(1));
  await fleet.rewrite('near', { schedule_time: Math.floor(Date.now() / 1000) + 100 });
  await workUntilFinished(fleet.createWorker(), 'near');
  const [line] = await fleet.lines('near');
  expect(line).toMatchObject({ state: 'accepted', task_id: null });
  expect(line?.attempts[0]?.note).toMatch(/sent at once/);
  expect(fleet.sandbox.stats().scheduled).toBe(0);
});

test('a campaign that is cancelled sends nothing', async () => {
  const fleet = await openFleet();
  await fleet.send('off', people(2));
  const own = fleet.keys.campaign('off');
  await fleet.redis.hset(own.campaign, 'cancelled', 1);
  await fleet.redis.hset(own.counts, { pending: 0, cancelled: 2 });
  await workUntilFinished(fleet.createWorker(), 'off');
  expect(await fleet.counts('off')).toEqual({ cancelled: 2 });
  expect(fleet.sandbox.stats().requests).toBe(0);
});

test('a stop waits for replies under way, and puts the rest back', async () => {
  const tenth = Promise.withResolvers<void>();
  const fleet = await openFleet({
    faults: { latency: 30 },
    onRequest: ({ point, request }) => {
      if (point === 'received' && request === 10) tenth.resolve();
    },
  });
  await fleet.send('stop', people(150));
  const first = fleet.createWorker({ VOLLEY_CONCURRENCY: '4' });
  await first.start();
  await tenth.promise;
  await first.stop();
  const { requests, in_flight: inFlight } = fleet.sandbox.stats();
  expect(inFlight).toBe(0);
  expect(await fleet.counts('stop')).toEqual({ accepted: requests, pending: 150 - requests });
  expect(await fleet.verify('stop')).toMatchObject({ verified: true });
  expect(await fleet.queueOf('stop').getActiveCount()).toBe(0);
  const lines = await fleet.lines('stop');
  expect(lines.flatMap(({ attempts }) => attempts).map(({ outcome }) => outcome)).toEqual(
    Array.from({ length: requests }, () => 'accepted'),
  );

  await workUntilFinished(fleet.createWorker(), 'stop');
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 150, numbers: 150, most_texts: 1 });
  expect(await fleet.counts('stop')).toEqual({ accepted: 150 });
});

test('a stop warns of nothing, however many campaigns there are', async () => {
  const fleet = await openFleet();
  const valve = { reason: 'operator', since: 0, detail: 'held' } as const;
  await lockValve(fleet.redis, fleet.keys.fleet, valve);
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const names = Array.from({ length: 16 }, (_none, at) => `list-${at}`);
  await Promise.all(names.map((name) => fleet.send(name, people(1))));
  const worker = fleet.createWorker();
  await worker.start();
  await worker.stop();
  await setImmediate();
  expect(warnings).toEqual([]);
});

test('a campaign that others have finished is let go, whatever its last job here waits for', async () => {
  const { send, createWorker, sandbox, redis, keys, queueOf } = await openFleet();
  await send('spring', people(50));
  const worker = createWorker({ VOLLEY_RATE: '1' });
  const detached = once(worker, 'detached');
  await worker.start();
  await expect.poll(() => sandbox.stats().requests, { timeout: 20_000 }).toBeGreaterThan(0);
  await redis.hdel(keys.fleet.serving, 'spring');
  expect(await detached).toEqual(['spring']);
  expect(await queueOf('spring').getJobCounts('waiting', 'active')).toEqual({
    waiting: 1,
    active: 0,
  });
  await worker.stop();
});

test('a stop in the middle of the start leaves nothing attached', async () => {
  const fleet = await openFleet();
  await fleet.send('early', people(1));
  for (let round = 0; round < 40; round++) {
    const worker = fleet.createWorker();
    const events: string[] = [];
    worker.on('attached', () => events.push('attached'));
    worker.on('stopped', () => events.push('stopped'));
    const starting = worker.start();
    await Promise.race([starting, fleet.log.line(`"worker":"${worker.id}"`)]);
    for (let turn = 0; turn < round % 10; turn++) await setImmediate();
    await worker.stop();
    // it may say that its connection was closed under it
    await Promise.allSettled([starting]);
    expect(events.at(-1)).toBe('stopped');
  }
});

test('HTTP 429 holds the whole fleet back, and uses up no attempt', async () => {
  const arrivals: { template: string; at: number }[] = [];
  const onRequest = ({ point, request, template }: RequestInfo) => {
    if (point !== 'received') return;
    arrivals.push({ template, at: Date.now() });
    if (request === 1) fleet.sandbox.setFaults({ on_template: {} });
  };
  const fleet: Fleet = await openFleet({ faults: { on_template: { promo: '429-2' } }, onRequest });
  await fleet.send('first', people(1));
  await fleet.send('second', people(1), { template: 'other', startAt: Date.now() + 60_000 });
  const worker = fleet.createWorker({ VOLLEY_ATTEMPTS: '1' });
  const finished = workUntilFinished(worker, 'first', 'second');
  await fleet.log.line('throttled');
  const [lock] = await readValve(fleet.redis, fleet.keys.fleet, Date.now());
  expect(lock).toMatchObject({ reason: 'throttled', until: expect.any(Number) });
  await fleet.redis.hdel(fleet.keys.campaign('second').campaign, 'start_at');
  await finished;

  expect(arrivals.map(({ template }) => template).sort()).toEqual(['other', 'promo', 'promo']);
  for (const { at } of arrivals.slice(1)) expect(at).toBeGreaterThanOrEqual(Number(lock?.until));
  const [line] = await fleet.lines('first');
  expect(line?.attempts.map(({ outcome }) => outcome)).toEqual(['throttled', 'accepted']);
  expect(await fleet.counts('first')).toEqual({ accepted: 1 });
});

test('HTTP 401 locks the valve for these credentials, and nothing is lost', async () => {
  const fleet = await openFleet();
  await fleet.send('auth', people(5));
  const mistaken = fleet.createWorker({ ENGAGELAB_DEV_SECRET: 'wrong', VOLLEY_ATTEMPTS: '1' });
  await mistaken.start();
  await fleet.log.line('unauthorized');
  const [lock] = await readValve(fleet.redis, fleet.keys.fleet, Date.now());
  expect(lock).toMatchObject({
    reason: 'unauthorized',
    fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/),
  });
  await mistaken.stop();
  // It held back nobody else, and nobody is left whom it holds back.
  expect(await readValve(fleet.redis, fleet.keys.fleet, Date.now())).toEqual([]);
  expect(await fleet.counts('auth')).toEqual({ pending: 5 });

  await workUntilFinished(fleet.createWorker({ VOLLEY_ATTEMPTS: '1' }), 'auth');
  expect(await fleet.counts('auth')).toEqual({ accepted: 5 });
  expect(fleet.sandbox.stats()).toMatchObject({ texts: 5, most_texts: 1 });
  expect(await fleet.verify('auth')).toMatchObject({ verified: true });
});

test('a worker without credentials does not start', async () => {
  const fleet = await openFleet();
  expect(() => fleet.createWorker({ ENGAGELAB_DEV_SECRET: '' })).toThrow(/ENGAGELAB_DEV_SECRET/);
});
