// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { offerLimits } from '../../../src/shared/fleet/limits.ts';
import { lockValve, openValve } from '../../../src/shared/fleet/valve.ts';
import { createKeys, type FleetKeys } from '../../../src/shared/redis/keys.ts';
import { RedisClock } from '../../../src/shared/redis/redis-clock.ts';
import { Pacer } from '../../../src/worker/pacing/pacer.ts';
import { askForSlots } from '../../../src/worker/pacing/slots.ts';
import type { Waiter } from '../../../src/worker/pacing/waiters.ts';
import { Network } from '../../chaos/network.ts';
import { Log } from '../../support/fleet.ts';
import { connect, redisUrl, testPrefix } from '../../support/redis.ts';

const FINGERPRINT = '0a1b2c3d';

interface Limits {
  rate?: number;
  recipientRate?: number;
}

async function openPacer({
  keys = createKeys(testPrefix()).fleet,
  rate = 10_000,
  recipientRate,
  concurrency = 1000,
  redis = connect(),
}: Limits & { keys?: FleetKeys; concurrency?: number; redis?: Redis } = {}) {
  const log = new Log();
  await offerLimits(redis, keys, { rate, recipientRate });
  const worker = randomBytes(4).toString('hex');
  const options = {
    worker,
    fingerprint: FINGERPRINT,
    concurrency,
    clock: new RedisClock(),
    log: log.logger,
  };
  const pacer = new Pacer(redis, keys, options);
  onTestFinished(() => pacer.stop());
  return { pacer, redis, keys, log };
}

const never = new AbortController().signal;

/** A message of a campaign, to so many numbers. */
function message(numbers = 1): Waiter {
  return { campaign: 'list', isUrgent: false, numbers };
}

test('permits go to those who wait in the order in which they came', async () => {
  const { pacer } = await openPacer({ rate: 1000 });
  const order: number[] = [];
  const places = Array.from({ length: 50 }, (_none, place) => place);
  await Promise.all(
    places.map(async (place) => {
      await pacer.acquire(message(), never);
      order.push(place);
    }),
  );
  expect(order).toEqual(places);
});

test('whoever gives up leaves the queue, and takes no permit with it', async () => {
  const { pacer } = await openPacer({ concurrency: 1 });
  const first = await pacer.acquire(message(), never);
  expect(first).toBeDefined();
  const leaving = new AbortController();
  const left = pacer.acquire(message(), leaving.signal);
  const stays = pacer.acquire(message(), never);
  leaving.abort();
  expect(await left).toBeUndefined();
  expect(pacer.inFlight).toBe(1);
  first?.[Symbol.dispose]();
  const second = await stays;
  expect(second).toBeDefined();
  expect(pacer.inFlight).toBe(1);
  second?.[Symbol.dispose]();
  expect(pacer.inFlight).toBe(0);
});

test('whoever has given up before does not wait', async () => {
  const { pacer } = await openPacer();
  expect(await pacer.acquire(message(), AbortSignal.abort())).toBeUndefined();
  expect(pacer.inFlight).toBe(0);
});

test('giving up once the permit is there changes nothing', async () => {
  const { pacer } = await openPacer({ concurrency: 1 });
  const late = new AbortController();
  const permit = await pacer.acquire(message(), late.signal);
  expect(permit).toBeDefined();
  late.abort();
  expect(pacer.inFlight).toBe(1);
  permit?.[Symbol.dispose]();
  expect(await pacer.acquire(message(), never)).toBeDefined();
});

test('a permit that is given back twice is one permit', async () => {
  const { pacer } = await openPacer({ concurrency: 2 });
  const [first] = [await pacer.acquire(message(), never), await pacer.acquire(message(), never)];
  first?.[Symbol.dispose]();
  first?.[Symbol.dispose]();
  expect(pacer.inFlight).toBe(1);
});

test('no more are under way than may be', async () => {
  const { pacer } = await openPacer({ concurrency: 3 });
  const seen: number[] = [];
  await Promise.all(
    Array.from({ length: 60 }, async () => {
      const permit = await pacer.acquire(message(), never);
      seen.push(pacer.inFlight);
      await new Promise(setImmediate);
      permit?.[Symbol.dispose]();
    }),
  );
  expect(Math.max(...seen)).toBe(3);
  expect(pacer.inFlight).toBe(0);
});

test('permits come from a Redis that is far away', async () => {
  const { hostname: host, port } = new URL(redisUrl());
  const later = async (bytes: Buffer, write: (bytes: Buffer) => Promise<void>) => {
    await sleep(60);
    await write(bytes);
    return true;
  };
  const far = new Network({ host, port: Number(port) }, () => ({ up: later, down: later }));
  const redis = new Redis(await far.listen(), { maxRetriesPerRequest: null });
  onTestFinished(async () => {
    redis.disconnect();
    await far.stop();
  });
  const { pacer } = await openPacer({ rate: 100, redis });
  for (let time = 0; time < 5; time++) {
    const permit = await pacer.acquire(message(), never);
    expect(permit).toBeDefined();
    permit?.[Symbol.dispose]();
  }
});

test('a process begins slowly, and not for long', async () => {
  const { pacer } = await openPacer({ concurrency: 50 });
  const granted: number[] = [];
  const begunAt = performance.now();
  const wait = async () => {
    await pacer.acquire(message(), never);
    granted.push(performance.now() - begunAt);
  };
  const all = Array.from({ length: 20 }, wait);
  await all[0];
  // Nothing came back yet, so nothing follows until the time is over.
  await Promise.all(all);
  expect(granted[1]).toBeGreaterThan(200);
  expect(pacer.inFlight).toBe(20);
});

describe('the limits', () => {
  /** The most of these times that lie within one second, its end not included. */
  function mostInASecond(times: readonly number[]): number {
    let first = 0;
    let most = 0;
    for (const [at, time] of times.entries()) {
      while ((times[first] ?? time) <= time - 1000) first++;
      most = Math.max(most, at - first + 1);
    }
    return most;
  }

  /** More than a second's worth of slots, asked for by two processes in turn; in ms of Redis's clock. */
  async function takeSlots(limits: Required<Limits>, numbers: number): Promise<number[]> {
    const keys = createKeys(testPrefix()).fleet;
    const clients = [connect(), connect()];
    for (const redis of clients) await offerLimits(redis, keys, limits);
    const slots: number[] = [];
    for (let turn = 0; (slots.at(-1) ?? 0) - (slots[0] ?? 0) < 1200; turn++) {
      const redis = clients[turn % 2] ?? connect();
      const { slots: ahead } = await askForSlots(redis, keys, {
        ...{ fingerprint: FINGERPRINT, worker: `worker ${turn % 2}`, urgent: 0, owed: 0 },
        numbers: Array.from({ length: 5 }, () => numbers),
      });
      // they are told from now; where now is, the next slot tells, one interval after the last of them
      const next = Number(await redis.hget(keys.pacer, 'requests')) / 1000;
      for (const each of ahead) slots.push(next + each - (ahead.at(-1) ?? 0));
    }
    return slots;
  }

  test('hold for recipients, but for one message, though small messages come between large ones', async () => {
    const keys = createKeys(testPrefix()).fleet;
    const limits = { keys, rate: 100_000, recipientRate: 4000 };
    const pacers = [await openPacer(limits), await openPacer(limits)].map(({ pacer }) => pacer);
    const sent: { at: number; numbers: number }[] = [];
    const end = performance.now() + 4000;
    const send = async (pacer: Pacer, waiter: Waiter) => {
      const permit = await pacer.acquire(waiter, AbortSignal.timeout(5000));
      if (!permit) return;
      sent.push({ at: performance.now(), numbers: waiter.numbers });
      permit[Symbol.dispose]();
    };
    const campaign = async (pacer: Pacer, numbers: number) => {
      for (let at = 0; performance.now() < end; at++) {
        const urgent = { campaign: 'notifications', isUrgent: true, numbers: 1 };
        const both = [send(pacer, message(numbers))];
        if (at % 3 === 0) both.push(send(pacer, urgent));
        await Promise.all(both);
      }
    };
    await Promise.all(
      pacers.flatMap((pacer) => [campaign(pacer, 500), campaign(pacer, 500), campaign(pacer, 7)]),
    );
    const most = Math.max(
      ...sent.map(({ at: from }) =>
        sent
          .filter(({ at }) => at >= from && at < from + 980)
          .reduce((sum, { numbers }) => sum + numbers, 0),
      ),
    );
    expect(most).toBeLessThanOrEqual(4000 + 500);
    expect(most).toBeGreaterThan(3500);
  });

  test('hold for the slots of two processes together', async () => {
    const slots = await takeSlots({ rate: 200, recipientRate: 1_000_000 }, 1);
    expect(slots.toSorted((a, b) => a - b)).toEqual(slots);
    expect(mostInASecond(slots)).toBeLessThanOrEqual(201);
  });

  test('hold for the recipients of two processes together', async () => {
    const slots = await takeSlots({ rate: 100, recipientRate: 1000 }, 20);
    expect(mostInASecond(slots)).toBeLessThanOrEqual(51);
  });

  test('hold for requests of two processes together', async () => {
    const keys = createKeys(testPrefix()).fleet;
    const fleet = await Promise.all([1, 2].map(() => openPacer({ keys, rate: 200 })));
    const startedAt = performance.now();
    await Promise.all(
      fleet.flatMap(({ pacer }) =>
        Array.from({ length: 100 }, async () => {
          const permit = await pacer.acquire(message(), never);
          permit?.[Symbol.dispose]();
        }),
      ),
    );
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(199 * 5 - 2);
  });

  // a grant may be late, so times are taken from the start; and a timer may be a millisecond early

  test('hold for recipients', async () => {
    const { pacer } = await openPacer({ recipientRate: 1000 });
    const startedAt = performance.now();
    const times: number[] = [];
    for (const numbers of [100, 200, 1]) {
      await pacer.acquire(message(numbers), never);
      times.push(performance.now() - startedAt);
    }
    expect(times[1]).toBeGreaterThanOrEqual(98);
    expect(times[2]).toBeGreaterThanOrEqual(298);
  });

  test('charge a permit to the message that it serves', async () => {
    const { pacer } = await openPacer({ rate: 100, recipientRate: 1000 });
    const startedAt = performance.now();
    const small = [pacer.acquire(message(), never), pacer.acquire(message(), never)];
    await small[0];
    // by now the second permit is promised for later, and the queue goes on behind it
    await Promise.all([
      ...small,
      pacer.acquire(message(300), never),
      pacer.acquire(message(), never),
    ]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(318);
  });
});

describe('a lock of the valve', () => {
  const lock = { since: Date.now(), detail: 'a test' };

  test('keeps permits back until it is opened', async () => {
    const { pacer, redis, keys, log } = await openPacer();
    await lockValve(redis, keys, { ...lock, reason: 'operator' });
    let granted = 0;
    const waiting = Array.from({ length: 5 }, async () => {
      if (await pacer.acquire(message(), never)) granted++;
    });
    await log.line('operator');
    expect(granted).toBe(0);
    await openValve(redis, keys, 'operator');
    await Promise.all(waiting);
    expect(granted).toBe(5);
  });

  test('with a time opens by itself, and not before', async () => {
    const { pacer, redis, keys } = await openPacer();
    const until = Date.now() + 300;
    await lockValve(redis, keys, { ...lock, reason: 'throttled', until });
    expect(await pacer.acquire(message(), never)).toBeDefined();
    expect(Date.now()).toBeGreaterThanOrEqual(until);
  });

  test('for other credentials keeps nothing back', async () => {
    const { pacer, redis, keys } = await openPacer();
    await lockValve(redis, keys, { ...lock, reason: 'unauthorized', fingerprint: 'ffffffff' });
    expect(await pacer.acquire(message(), never)).toBeDefined();
  });

  test('for these credentials keeps all back, and is left by giving up', async () => {
    const { pacer, redis, keys, log } = await openPacer();
    await lockValve(redis, keys, { ...lock, reason: 'unauthorized', fingerprint: FINGERPRINT });
    const leaving = new AbortController();
    const waiting = pacer.acquire(message(), leaving.signal);
    await log.line('unauthorized');
    leaving.abort();
    expect(await waiting).toBeUndefined();
    expect(pacer.inFlight).toBe(0);
  });
});
