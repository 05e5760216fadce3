// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Notifier } from '../../../src/producer/notify/notifier.ts';
import { type AuditLine, audit } from '../../../src/producer/report/audit.ts';
import { campaignStatus } from '../../../src/producer/report/status.ts';
import { verify } from '../../../src/producer/report/verify.ts';
import { retire } from '../../../src/shared/campaign/notifications.ts';
import { Job, NOTIFICATIONS } from '../../../src/shared/job.ts';
import { createKeys } from '../../../src/shared/redis/keys.ts';
import { openQueue } from '../../../src/shared/redis/queue.ts';
import { type Fleet, openFleet } from '../../support/fleet.ts';
import { notifierOn as notifierOver } from '../../support/notifier.ts';
import { connect, testPrefix } from '../../support/redis.ts';

const TO = '+6591234567';

/** A notifier on a prefix of its own, with nobody who sends. */
function openNotifier() {
  const prefix = testPrefix();
  const redis = connect();
  const keys = createKeys(prefix);
  const notifier = notifierOn(redis, prefix);
  const queue = openQueue(redis, keys, NOTIFICATIONS);
  onTestFinished(() => queue.close());
  const own = keys.campaign(NOTIFICATIONS);
  return {
    redis,
    own,
    notifier,
    queue,
    jobs: async () => (await queue.getWaiting()).map(({ data }) => Job.parse(data)),
    status: () => campaignStatus(redis, keys, NOTIFICATIONS),
    verify: () => verify(redis, keys, NOTIFICATIONS),
    async lines(): Promise<AuditLine[]> {
      const lines: AuditLine[] = [];
      for await (const piece of audit(redis, keys, NOTIFICATIONS)) lines.push(...piece);
      return lines;
    },
  };
}

function notifierOn(redis: ReturnType<typeof connect>, prefix: string): Notifier {
  const notifier = notifierOver(redis, createKeys(prefix));
  onTestFinished(() => notifier.close());
  return notifier;
}

function notifierOf(fleet: Fleet): Notifier {
  return notifierOn(fleet.redis, fleet.keys.prefix);
}

describe('a notification as a job', () => {
  test('expires in an hour and is resent, unless told otherwise', async () => {
    const { notifier, jobs } = openNotifier();
    const before = Date.now();
    await notifier.notify({
      to: '65 9123 4567',
      template: 'otp',
      params: { code: 4711, ok: true },
    });
    const after = Date.now();

    const [job] = await jobs();
    expect(job).toMatchObject({
      campaign: NOTIFICATIONS,
      template: 'otp',
      plan_name: NOTIFICATIONS,
      on_unconfirmed: 'resend',
      params: ['code', 'ok'],
      messages: [[[TO], ['4711', 'true']]],
    });
    expect(job?.not_after).toBeGreaterThanOrEqual(before + 3_600_000);
    expect(job?.not_after).toBeLessThanOrEqual(after + 3_600_000);
    expect(job).not.toHaveProperty('schedule_time');
  });

  test('carries what it is told', async () => {
    const { notifier, jobs } = openNotifier();
    const now = Date.now();
    const options = {
      to: '9123 4567',
      country: 'SG',
      template: 'otp',
      planName: 'alerts',
      customArgs: { ticket: 7 },
      at: now + 600_000,
      notAfter: now + 1_200_000,
      onUnconfirmed: 'park',
    } as const;
    await notifier.notify(options);

    expect(await jobs()).toEqual([
      {
        v: 1,
        campaign: NOTIFICATIONS,
        template: 'otp',
        plan_name: 'alerts',
        custom_args: { ticket: 7 },
        schedule_time: Math.ceil(options.at / 1000),
        not_after: options.notAfter,
        on_unconfirmed: 'park',
        params: [],
        messages: [[[TO], []]],
      },
    ]);
  });

  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  test.each<[string, object, RegExp]>([
    ['a bad number', { to: '12' }, /^to: expected/],
    ['no number', { to: undefined }, /^to: expected a phone number as text, got undefined/],
    ['an empty template', { template: '' }, /^template: expected an id, got ""/],
    ['no template', { template: undefined }, /^template: /],
    ['an empty dedupe key', { dedupeKey: '' }, /^dedupeKey: expected a text, got ""/],
    ['a dedupe key that is no text', { dedupeKey: 7 }, /^dedupeKey: expected a text, got number/],
    ['a param without a value', { params: { a: undefined } }, /^params.a: .* got undefined/],
    ['a param without a name', { params: { '': 'x' } }, /^params.0: /],
    ['a policy that there is not', { onUnconfirmed: 'drop' }, /^on_unconfirmed: /],
    ['an unknown country', { country: 'XX' }, /XX/],
    ['a time that is too near', { at: Date.now() + 1000 }, /^at: expected a time more than 3/],
    ['an end that is over', { notAfter: Date.now() - 1 }, /^not-after: expected a time ahead/],
    ['an end that is no number', { notAfter: Number.NaN }, /^not-after: expected Unix ms, got NaN/],
    ['arguments that JSON cannot hold', { customArgs: circle }, /^custom_args: /],
  ])('is refused with %s', async (_case, wrong, message) => {
    const { notifier, redis, own } = openNotifier();
    const options = Object.assign({ to: TO, template: 'otp' }, wrong);
    const refused = expect(notifier.notify(options)).rejects;
    await refused.toMatchObject({ code: 'bad_input', message: expect.stringMatching(message) });
    expect(await redis.exists(own.jobs, own.counts, own.campaign)).toBe(0);
  });
});

describe('a dedupe key', () => {
  test('used twice at once is one notification, and so it is later', async () => {
    const { notifier, jobs, verify } = openNotifier();
    const options = { to: TO, template: 'otp', dedupeKey: 'order-1' };
    const together = await Promise.all([notifier.notify(options), notifier.notify(options)]);
    const later = await notifier.notify(options);

    expect(new Set([...together, later].map(({ message }) => message)).size).toBe(1);
    expect(together.map(({ deduplicated }) => deduplicated).sort()).toEqual([false, true]);
    expect(later.deduplicated).toBe(true);
    expect(await jobs()).toHaveLength(1);
    expect(await verify()).toMatchObject({ verified: true, recipients: 1 });
  });

  test('of another notification does not stand in the way', async () => {
    const { notifier, jobs } = openNotifier();
    for (const dedupeKey of ['a', 'b', undefined, undefined]) {
      const { deduplicated } = await notifier.notify({ to: TO, template: 'otp', dedupeKey });
      expect(deduplicated).toBe(false);
    }
    expect(await jobs()).toHaveLength(4);
  });

  test('lives for 24 hours from when its notification was taken', async () => {
    const { notifier, redis, own, jobs } = openNotifier();
    const options = { to: TO, template: 'otp', dedupeKey: 'order-1' };
    // An earlier call that never got further than its claim, a minute before that runs out.
    const seconds = 24 * 3600;
    await notifier.notify(options);
    const [key = ''] = await redis.keys(`${own.dedupe('')}*`);
    await redis.set(key, 'n-claimed', 'EX', 60);
    await notifier.notify(options);

    expect(await redis.ttl(key)).toBeGreaterThan(seconds - 60);
    expect(await jobs()).toHaveLength(2);
    expect(await notifier.notify(options)).toMatchObject({
      message: 'n-claimed.0',
      deduplicated: true,
    });
  });

  test('is not sent again once its job was removed for its age', async () => {
    const fleet = await openFleet();
    const notifier = notifierOf(fleet);
    const options = { to: TO, template: 'otp', dedupeKey: 'order-1' };
    const { message, result } = await notifier.notify(options);
    await fleet.createWorker().start();
    await result();
    const job = message.replace(/\.0$/, '');
    const own = fleet.keys.campaign(NOTIFICATIONS);
    expect(await retire(fleet.redis, own, job, [1], Date.now() + 60_000)).toBe(true);

    const again = await notifier.notify(options);
    expect(again).toMatchObject({ message, deduplicated: true });
    await expect(again.result()).rejects.toMatchObject({ code: 'not_found' });
    expect(fleet.sandbox.stats()).toMatchObject({ texts: 1 });
  });
});

describe('its end', () => {
  test('is told by result(), as the audit has it', async () => {
    const fleet = await openFleet();
    const notifier = notifierOf(fleet);
    const { message, result } = await notifier.notify({ to: TO, template: 'otp' });
    const waiting = result();
    await fleet.createWorker().start();

    const line = await waiting;
    expect(line).toMatchObject({ message, state: 'accepted', to: [TO], accepted_count: 1 });
    expect(await fleet.lines(NOTIFICATIONS)).toEqual([line]);
    expect(await result()).toEqual(line);
  });

  test('is told where it was not accepted, too', async () => {
    const fleet = await openFleet({ faults: { on_template: { otp: '3001' } } });
    const { result } = await notifierOf(fleet).notify({ to: TO, template: 'otp' });
    await fleet.createWorker().start();
    expect(await result()).toMatchObject({ state: 'rejected', code: 3001 });
  });

  test('is not waited for any longer once the signal aborts', async () => {
    const { notifier } = openNotifier();
    const { result } = await notifier.notify({ to: TO, template: 'otp' });
    const stop = new AbortController();
    const waiting = result(stop.signal);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});

describe('the standing campaign', () => {
  test('balances from the first notification on, before any worker has run', async () => {
    const { notifier, status, verify } = openNotifier();
    await Promise.all(
      Array.from({ length: 20 }, () => notifier.notify({ to: TO, template: 'otp' })),
    );
    expect(await status()).toMatchObject({ rows: 20, recipients: 20, pending: 20, balanced: true });
    expect(await verify()).toMatchObject({ verified: true, jobs: 20, recipients: 20 });
  });

  test('balances after all kinds of ends', async () => {
    const fleet = await openFleet({ faults: { on_template: { bad: '3001' } } });
    const notifier = notifierOf(fleet);
    const results = [];
    for (const template of ['good', 'bad', 'good', 'bad', 'good']) {
      results.push((await notifier.notify({ to: TO, template })).result());
    }
    const late = await notifier.notify({ to: TO, template: 'good' });
    results.push(late.result());
    const job = await fleet.queueOf(NOTIFICATIONS).getJob(late.message.replace(/\.0$/, ''));
    await job?.updateData({ ...Job.parse(job.data), not_after: 1 });
    await fleet.createWorker().start();
    await Promise.all(results);

    expect(await fleet.counts(NOTIFICATIONS)).toEqual({ accepted: 3, rejected: 2, expired: 1 });
    expect(await fleet.verify(NOTIFICATIONS)).toMatchObject({ verified: true, recipients: 6 });
    const status = await campaignStatus(fleet.redis, fleet.keys, NOTIFICATIONS);
    expect(status).toMatchObject({ rows: 6, pending: 0, balanced: true, state: 'finished' });
  });

  test('is audited whole and once, with many of the same millisecond', async () => {
    const { notifier, redis, own, lines } = openNotifier();
    const ids: string[] = [];
    // Each has 2 s, which 350 at once may not all have of a busy machine.
    for (let bunch = 0; bunch < 7; bunch++) {
      const sent = Array.from({ length: 50 }, () => notifier.notify({ to: TO, template: 'otp' }));
      for (const { message } of await Promise.all(sent)) ids.push(message.replace(/\.0$/, ''));
    }
    // Three bunches, the middle one of more than a piece.
    const times = ids.map((_id, at) => (at < 50 ? 1000 : at < 300 ? 1001 : 1002));
    for (const [at, id] of ids.entries()) await redis.zadd(own.jobs, times[at] ?? 0, id);

    const audited = (await lines()).map(({ job }) => job);
    const inTheirBunches = [ids.slice(0, 50), ids.slice(50, 300), ids.slice(300)];
    expect(audited).toEqual(inTheirBunches.flatMap((bunch) => bunch.sort()));
  });

  test('keeps its totals when a job is removed for its age, with all that was of it', async () => {
    const fleet = await openFleet({ faults: { on_template: { bad: '3001' } } });
    const notifier = notifierOf(fleet);
    const own = fleet.keys.campaign(NOTIFICATIONS);
    const lines = [];
    const worker = fleet.createWorker();
    await worker.start();
    for (const template of ['good', 'bad']) {
      const { result } = await notifier.notify({ to: TO, template });
      lines.push(await result());
    }
    const before = await campaignStatus(fleet.redis, fleet.keys, NOTIFICATIONS);
    for (const { job } of lines) {
      expect(await retire(fleet.redis, own, job, [1], Date.now() - 60_000)).toBe(false);
      expect(await retire(fleet.redis, own, job, [1], Date.now() + 60_000)).toBe(true);
      expect(await retire(fleet.redis, own, job, [1], Date.now() + 60_000)).toBe(false);
      expect(await fleet.redis.exists(own.job(job), own.ledger(job))).toBe(0);
    }

    expect(await fleet.redis.exists(own.jobs)).toBe(0);
    const {
      jobs,
      memory_bytes: _less,
      ...after
    } = await campaignStatus(fleet.redis, fleet.keys, NOTIFICATIONS);
    expect(jobs).toMatchObject({ completed: 0, failed: 0 });
    expect(before).toMatchObject(after);
    expect(after).toMatchObject({ accepted: 1, rejected: 1, codes: { 3001: 1 }, balanced: true });
    expect(await fleet.verify(NOTIFICATIONS)).toMatchObject({ verified: true, recipients: 2 });
    expect(await fleet.lines(NOTIFICATIONS)).toEqual([]);
  });
});

describe('a job of another program', () => {
  const job = (changes: object) => ({
    v: 1,
    campaign: NOTIFICATIONS,
    template: 'otp',
    on_unconfirmed: 'resend',
    params: [],
    messages: [
      [['+6591000001'], []],
      [['+6591000002', '+6591000003'], []],
    ],
    ...changes,
  });

  test('that is well-formed is counted in and sent, and balances when it is removed', async () => {
    const fleet = await openFleet();
    const queue = fleet.queueOf(NOTIFICATIONS);
    await queue.add('other', job({}), { jobId: 'other-1' });
    const worker = fleet.createWorker();
    const ended = once(worker, 'job');
    await worker.start();

    expect(await ended).toEqual([{ campaign: NOTIFICATIONS, job: 'other-1', ok: true }]);
    expect(await fleet.counts(NOTIFICATIONS)).toEqual({ accepted: 3 });
    expect(await fleet.verify(NOTIFICATIONS)).toMatchObject({ verified: true, recipients: 3 });
    expect(fleet.sandbox.stats()).toMatchObject({ numbers: 3, most_texts: 1 });

    await worker.stop();
    const own = fleet.keys.campaign(NOTIFICATIONS);
    // Its ledger may have been folded into its return value.
    expect(await retire(fleet.redis, own, 'other-1', [1, 2], Date.now() + 60_000)).toBe(true);
    expect(await fleet.verify(NOTIFICATIONS)).toMatchObject({ verified: true, recipients: 3 });
  });

  test('that is broken is rejected outside the counts, and the worker goes on', async () => {
    const fleet = await openFleet();
    const queue = fleet.queueOf(NOTIFICATIONS);
    await queue.add('other', job({ messages: [[['9123'], []]] }), { jobId: 'other-1' });
    const worker = fleet.createWorker();
    const ended = once(worker, 'job');
    await worker.start();
    const [{ ok, reason }] = await ended;
    expect({ ok, reason }).toEqual({
      ok: false,
      reason: expect.stringMatching(/^bad job: messages/),
    });

    const { result } = await notifierOf(fleet).notify({ to: TO, template: 'otp' });
    expect(await result()).toMatchObject({ state: 'accepted' });
    expect(await fleet.counts(NOTIFICATIONS)).toEqual({ accepted: 1 });
    expect(await fleet.verify(NOTIFICATIONS)).toMatchObject({ verified: true, recipients: 1 });
    const own = fleet.keys.campaign(NOTIFICATIONS);
    expect(await retire(fleet.redis, own, 'other-1', [], Date.now() + 60_000)).toBe(true);
    expect(await fleet.verify(NOTIFICATIONS)).toMatchObject({ verified: true, recipients: 1 });
  });

  test("in a campaign's queue is refused and not counted", async () => {
    const fleet = await openFleet();
    await fleet.send('mine', [{ to: TO }]);
    const queue = fleet.queueOf('mine');
    await queue.add('other', job({ campaign: 'mine' }), { jobId: 'mine-0000007' });
    const worker = fleet.createWorker();
    const reasons = new Map<string, string | undefined>();
    const both = new Promise<void>((resolve) => {
      worker.on('job', (ended) => {
        reasons.set(ended.job, ended.reason);
        if (reasons.size === 2) resolve();
      });
    });
    await worker.start();
    await both;

    expect(reasons.get('mine-0000007')).toBe(
      'bad job: mine-0000007 is none of the 1 jobs of its campaign',
    );
    expect(await fleet.counts('mine')).toEqual({ accepted: 1 });
    expect(await fleet.verify('mine')).toMatchObject({ verified: true, recipients: 1 });
    expect(fleet.sandbox.stats()).toMatchObject({ texts: 1 });
  });
});
