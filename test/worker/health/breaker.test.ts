// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
import { describe, expect, test } from 'vitest';
import { lockValve, openValve, readValve } from '../../../src/shared/fleet/valve.ts';
import { createKeys } from '../../../src/shared/redis/keys.ts';
import {
  type HealthReport,
  reportHealth,
  reportThrottle,
} from '../../../src/worker/health/breaker.ts';
import { askForSlots } from '../../../src/worker/pacing/slots.ts';
import { connect, testPrefix } from '../../support/redis.ts';

/** A breaker that nobody else knows, and the clock of its Redis. */
function openBreaker() {
  const redis = connect();
  const { fleet: keys } = createKeys(testPrefix());

  const lockOf = async (reason: string) => {
    const text = await redis.hget(keys.valve, reason);
    const lock: { since: number; until: number } | undefined = text ? JSON.parse(text) : undefined;
    return lock;
  };
  const now = async () => {
    const [seconds, micros] = await redis.time();
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  };
  return {
    redis,
    keys,
    lockOf,
    now,
    epoch: async () => Number((await redis.hget(keys.breaker, 'epoch')) ?? 0),
    report: (report: Partial<HealthReport>) =>
      reportHealth(redis, keys, {
        successes: 0,
        failures: 0,
        epoch: 0,
        detail: 'HTTP 500: ',
        ...report,
      }),
    throttle: (waitMs?: number) => reportThrottle(redis, keys, waitMs, 'HTTP 429'),
    ask: (worker = 'worker 1') =>
      askForSlots(redis, keys, {
        ...{ fingerprint: '0a1b2c3d', worker, urgent: 0, owed: 0 },
        numbers: [1, 1, 1],
      }),
    /** As if its time had come. */
    async elapse(reason: string): Promise<void> {
      const lock = await lockOf(reason);
      if (lock === undefined) throw new Error(`expected a lock, ${reason}, and there is none`);
      lock.until = (await now()) - 1;
      await redis.hset(keys.valve, reason, JSON.stringify(lock));
      // slots promised before are long over too
      await redis.del(keys.pacer);
    },
    /** That the lock holds for `ms` from a time at which this was done. */
    async expectLocked(reason: string, ms: number, work: () => Promise<unknown>): Promise<void> {
      const before = await now();
      await work();
      const { until } = (await lockOf(reason)) ?? { until: 0 };
      expect(until).toBeGreaterThanOrEqual(before + ms);
      expect(until).toBeLessThanOrEqual((await now()) + ms);
    },
  };
}

type Breaker = ReturnType<typeof openBreaker>;

/** Locked by a run of failures. */
async function openLockedBreaker(): Promise<Breaker> {
  const breaker = openBreaker();
  await breaker.report({ failures: 20 });
  return breaker;
}

describe('a run of failures', () => {
  test('locks the valve with the twentieth', async () => {
    const breaker = openBreaker();
    for (let failure = 1; failure < 20; failure++) {
      expect(await breaker.report({ failures: 1 })).toEqual({ isOutage: false, change: undefined });
    }
    expect(await breaker.lockOf('outage')).toBeUndefined();
    await breaker.expectLocked('outage', 5000, async () => {
      expect(await breaker.report({ failures: 1 })).toEqual({ isOutage: true, change: 'locked' });
    });
    expect(await breaker.ask()).toMatchObject({ lock: 'outage', slots: [], isFailing: true });
  });

  test('is ended by a success', async () => {
    const breaker = openBreaker();
    await breaker.report({ failures: 19 });
    await breaker.report({ successes: 1 });
    await breaker.report({ failures: 19 });
    expect(await breaker.lockOf('outage')).toBeUndefined();
    expect(await breaker.ask()).toMatchObject({ isFailing: true });
  });

  test('told by several processes is one', async () => {
    const breaker = openBreaker();
    const verdicts = await Promise.all([7, 7, 7].map((failures) => breaker.report({ failures })));
    expect(verdicts.filter(({ change }) => change === 'locked')).toHaveLength(1);
  });
});

test('a reply to a request from before the last change moves nothing', async () => {
  const breaker = await openLockedBreaker();
  const before = [
    await breaker.redis.hgetall(breaker.keys.breaker),
    await breaker.lockOf('outage'),
  ];
  const late = { isOutage: true, change: undefined };
  expect(await breaker.report({ failures: 50 })).toEqual(late);
  expect(await breaker.report({ successes: 50 })).toEqual(late);
  const after = [await breaker.redis.hgetall(breaker.keys.breaker), await breaker.lockOf('outage')];
  expect(after).toEqual(before);
});

describe('a probe', () => {
  test('goes once the time is over, and goes alone', async () => {
    const breaker = await openLockedBreaker();
    await breaker.elapse('outage');
    const asked = await Promise.all(['worker 1', 'worker 2'].map((worker) => breaker.ask(worker)));
    expect(asked.map(({ slots }) => slots.length).sort()).toEqual([0, 1]);
    expect(asked.filter(({ isProbe }) => isProbe)).toHaveLength(1);
    expect(asked.filter(({ lock }) => lock === 'outage')).toHaveLength(1);
  });

  test('tells its process, and all others, that a success is worth telling', async () => {
    const breaker = await openLockedBreaker();
    await breaker.elapse('outage');
    expect(await breaker.ask()).toMatchObject({ isProbe: true, isFailing: true });
    // it asks on behalf of the others before the probe has come back
    expect(await breaker.ask()).toMatchObject({ lock: 'outage', isFailing: true });
  });

  test('that succeeds opens the valve, and the next outage begins anew', async () => {
    const breaker = await openLockedBreaker();
    await breaker.elapse('outage');
    await breaker.ask();
    await breaker.report({ failures: 1, epoch: await breaker.epoch() });
    await breaker.elapse('outage');
    const { epoch } = await breaker.ask();
    expect(await breaker.report({ successes: 1, epoch })).toEqual({
      isOutage: false,
      change: 'opened',
    });
    const open = await breaker.ask();
    expect(open).toMatchObject({ isProbe: false, isFailing: false, epoch: epoch + 1 });
    expect(open.lock).toBeUndefined();
    const failing = { failures: 20, epoch: open.epoch };
    await breaker.expectLocked('outage', 5000, () => breaker.report(failing));
  });

  test('that fails locks it for twice as long, up to a minute', async () => {
    const breaker = await openLockedBreaker();
    const since = (await breaker.lockOf('outage'))?.since;
    for (const ms of [10_000, 20_000, 40_000, 60_000, 60_000]) {
      await breaker.elapse('outage');
      const { epoch } = await breaker.ask();
      await breaker.expectLocked('outage', ms, async () => {
        const verdict = await breaker.report({ failures: 1, epoch });
        expect(verdict).toEqual({ isOutage: true, change: undefined });
      });
    }
    expect((await breaker.lockOf('outage'))?.since).toBe(since);
  });

  test('that never comes back lets another go when its lease is over', async () => {
    const breaker = await openLockedBreaker();
    await breaker.elapse('outage');
    await breaker.expectLocked('outage', 10_000, async () => {
      expect(await breaker.ask('killed')).toMatchObject({ isProbe: true });
    });
    await breaker.elapse('outage');
    const { isProbe, epoch } = await breaker.ask('another');
    expect(isProbe).toBe(true);
    expect(await breaker.report({ successes: 1, epoch })).toMatchObject({ change: 'opened' });
  });

  test('does not go while another lock holds, and leaves that lock', async () => {
    const breaker = await openLockedBreaker();
    const lock = { since: await breaker.now(), detail: 'a test' };
    await lockValve(breaker.redis, breaker.keys, { ...lock, reason: 'operator' });
    await breaker.elapse('outage');
    expect(await breaker.ask()).toMatchObject({ lock: 'operator', slots: [] });
    await breaker.report({ successes: 1, epoch: await breaker.epoch() });
    expect(await breaker.lockOf('outage')).toBeUndefined();
    expect(await breaker.ask()).toMatchObject({ lock: 'operator', slots: [] });
  });
});

test('an outage that is released stays open until another failure, and is then a new one', async () => {
  const breaker = await openLockedBreaker();
  for (let probe = 0; probe < 4; probe++) {
    await breaker.elapse('outage');
    await breaker.report({ failures: 1, epoch: (await breaker.ask()).epoch });
  }
  expect(await openValve(breaker.redis, breaker.keys, 'outage')).toEqual(['outage']);
  const { slots, isProbe, epoch } = await breaker.ask();
  expect([slots.length, isProbe]).toEqual([1, false]);
  await breaker.report({ successes: 1, epoch });
  await breaker.expectLocked('outage', 5000, () => breaker.report({ failures: 20, epoch }));
});

describe('HTTP 429', () => {
  test('locks for as long as it asks for, and says so once', async () => {
    const breaker = openBreaker();
    await breaker.expectLocked('throttled', 30_000, async () => {
      expect(await breaker.throttle(30_000)).toBeDefined();
    });
    expect(await breaker.throttle(30_000)).toBeUndefined();
    expect(await breaker.ask()).toMatchObject({ lock: 'throttled', slots: [] });
  });

  test('is extended by one that asks for longer, and by no other', async () => {
    const breaker = openBreaker();
    await breaker.throttle(30_000);
    const first = await breaker.lockOf('throttled');
    await breaker.throttle(5000);
    await breaker.throttle();
    expect(await breaker.lockOf('throttled')).toEqual(first);
    await breaker.expectLocked('throttled', 60_000, () => breaker.throttle(60_000));
    const second = await breaker.lockOf('throttled');
    expect(second?.since).toBe(first?.since);
  });

  test.each([undefined, 0])('that asks for %s is waited for longer each time', async (asked) => {
    const breaker = openBreaker();
    for (const ms of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      await breaker.expectLocked('throttled', ms, () => breaker.throttle(asked));
      await breaker.elapse('throttled');
    }
  });

  test('without a time begins anew after one with a time', async () => {
    const breaker = openBreaker();
    for (let time = 0; time < 5; time++) {
      await breaker.throttle();
      await breaker.elapse('throttled');
    }
    await breaker.throttle(2000);
    await breaker.elapse('throttled');
    await breaker.expectLocked('throttled', 1000, () => breaker.throttle());
  });

  test('without a time begins anew after a success', async () => {
    const breaker = openBreaker();
    for (let time = 0; time < 5; time++) {
      await breaker.throttle();
      // A reply to a request from before it moves nothing.
      await breaker.report({ successes: 1 });
      await breaker.elapse('throttled');
    }
    await breaker.expectLocked('throttled', 32_000, () => breaker.throttle());
    await breaker.elapse('throttled');
    // So that workers know that a success is news.
    expect(await breaker.ask()).toMatchObject({ isFailing: true });
    await breaker.report({ successes: 1 });
    expect(await breaker.ask()).toMatchObject({ isFailing: false });
    await breaker.expectLocked('throttled', 1000, () => breaker.throttle());
  });

  test('is seen by who asks for the state of the valve', async () => {
    const { throttle, redis, keys, now } = openBreaker();
    await throttle(30_000);
    expect(await readValve(redis, keys, await now())).toMatchObject([
      { reason: 'throttled', detail: 'HTTP 429' },
    ]);
    expect(await readValve(redis, keys, (await now()) + 30_001)).toEqual([]);
  });
});
