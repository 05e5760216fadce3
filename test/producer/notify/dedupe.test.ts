/** One dedupe key, one caller that is told to be the first, however its callers come together. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type Draft,
  draftOf,
  type NotifyOptions,
} from '../../../src/producer/notify/notification.ts';
import type { NotificationQueue } from '../../../src/producer/notify/notification-queue.ts';
import { NOTIFICATIONS } from '../../../src/shared/job.ts';
import { createKeys } from '../../../src/shared/redis/keys.ts';
import { notificationQueueOn } from '../../support/notifier.ts';
import { connect, redisUrl, testPrefix, withPrefix } from '../../support/redis.ts';

const OPTIONS: NotifyOptions = { to: '+6591234567', template: 'otp', dedupeKey: 'order-1' };

/** Long enough that no machine is too slow for it. */
const deadline = () => performance.now() + 60_000;

function openNotifier(redis: Redis, prefix: string): NotificationQueue {
  const notifier = notificationQueueOn(redis, createKeys(prefix));
  onTestFinished(() => notifier.close());
  return notifier;
}

describe('of one dedupe key', () => {
  test('exactly one of four processes at once is the first, key by key', async () => {
    const prefix = testPrefix();
    const keys = 300;
    const program = new URL('dedupe-caller.ts', import.meta.url).pathname;
    const callers = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const args = [program, redisUrl(), prefix, String(keys)];
        const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
        onTestFinished(() => void child.kill('SIGKILL'));
        const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
        expect(await lines.next()).toMatchObject({ value: 'ready' });
        return { child, lines };
      }),
    );
    for (const { child } of callers) child.stdin.end('go\n');
    const told = await Promise.all(
      callers.map(async ({ child, lines }) => {
        const ended = once(child, 'close');
        const { value } = await lines.next();
        await ended;
        return JSON.parse(String(value));
      }),
    );
    const firsts = Array.from({ length: keys }, (_none, at) =>
      told.map((answers) => answers[at].deduplicated).filter((each) => !each),
    );
    expect(firsts.filter(({ length }) => length !== 1)).toEqual([]);
    for (let at = 0; at < keys; at++) {
      expect(new Set(told.map((answers) => answers[at].message)).size).toBe(1);
    }
    expect(await connect().zcard(createKeys(prefix).campaign(NOTIFICATIONS).jobs)).toBe(keys);
  });

  test('who lays what another had claimed is the first, and the other is not', async () => {
    const { redis, prefix, claim } = await claimed();
    const mine = draftOf(OPTIONS, Date.now());
    const notifier = openNotifier(redis, prefix);
    const { id } = claim;
    expect(await notifier.enqueue(mine, deadline())).toEqual({ id, deduplicated: false });
    expect(await notifier.enqueue(claim, deadline())).toEqual({ id, deduplicated: true });
    // Once more, as after a lost reply: each is told what it was told.
    expect(await notifier.enqueue(mine, deadline())).toEqual({ id, deduplicated: false });
    expect(await notifier.enqueue(claim, deadline())).toEqual({ id, deduplicated: true });
  });

  test('a claim that ran out as it was carried out gives way to what stands there then', async () => {
    const { redis, prefix, claim, key } = await claimed();
    const other = connect();
    const later = draftOf(OPTIONS, Date.now());
    let isReplaced = false;
    const notifier = openNotifier(
      stepwise(redis, async (exec) => {
        const replies = await exec();
        if (!isReplaced) {
          isReplaced = true;
          await other.del(key);
          await openNotifier(other, prefix).enqueue(later, deadline());
        }
        return replies;
      }),
      prefix,
    );
    const { id } = later;
    expect(await notifier.enqueue(claim, deadline())).toEqual({ id, deduplicated: true });
    const own = createKeys(prefix).campaign(NOTIFICATIONS);
    expect(await other.lrange(own.job('wait'), 0, -1)).toEqual([id]);
    expect(await other.zrange(own.jobs, 0, '-1')).toEqual([id]);
  });

  test('a key that was stored before it told who was first is the first of its own job', async () => {
    const { redis, prefix, claim, key } = await claimed();
    await redis.set(key, `=${claim.id}`, 'EX', 60);
    const notifier = openNotifier(redis, prefix);
    const { id } = claim;
    expect(await notifier.enqueue(claim, deadline())).toEqual({ id, deduplicated: false });
    const answer = await notifier.enqueue(draftOf(OPTIONS, Date.now()), deadline());
    expect(answer).toEqual({ id, deduplicated: true });
  });

  /** What a caller does next, at each of its steps: go on, hear nothing of it and ask again, or die. */
  const Fate = fc.constantFrom('hears', 'hears', 'hears', 'loses the reply', 'dies before', 'dies');
  const Plan = fc.record({
    fates: fc.array(fc.array(Fate, { maxLength: 4 }), { minLength: 2, maxLength: 3 }),
    order: fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
  });

  test('no more than one is the first in whatever order their steps come', async () => {
    const connections = [connect(), connect(), connect()];
    await fc.assert(
      fc.asyncProperty(Plan, ({ fates, order }) =>
        withPrefix((prefix) => playAll(connections, prefix, fates, order)),
      ),
      { numRuns: 150 },
    );
  });
});

/** A key that a caller has claimed, which then went no further. */
async function claimed() {
  const prefix = testPrefix();
  const redis = connect();
  const claim = draftOf(OPTIONS, Date.now());
  const key = createKeys(prefix)
    .campaign(NOTIFICATIONS)
    .dedupe(claim.dedupe ?? '');
  await redis.set(key, claim.id, 'EX', 60);
  return { redis, prefix, claim, key };
}

type Exec = ReturnType<Redis['multi']>['exec'];

/** The connection, with every transaction of it in the hands of `around`. */
function stepwise(redis: Redis, around: (exec: Exec) => ReturnType<Exec>): Redis {
  return new Proxy(redis, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'multi') return value.bind(target);
      return () => {
        const transaction = target.multi();
        const exec = transaction.exec.bind(transaction);
        transaction.exec = () => around(exec);
        return transaction;
      };
    },
  });
}

class Lost extends Error {}

/** Lets callers of one key take their steps one at a time, in the given order, and looks at what they were told. */
async function playAll(
  connections: readonly Redis[],
  prefix: string,
  fates: readonly (readonly string[])[],
  order: readonly number[],
): Promise<void> {
  const waiting = new Map<number, () => void>();
  let moved = Promise.withResolvers<void>();
  const dead = new Set<number>();
  const notifiers: NotificationQueue[] = [];
  const play = async (place: number) => {
    let step = 0;
    const redis = stepwise(connections[place] ?? connect(), async (exec) => {
      const turn = Promise.withResolvers<void>();
      waiting.set(place, turn.resolve);
      moved.resolve();
      await turn.promise;
      const fate = fates[place]?.[step++];
      const dies = fate === 'dies before' || fate === 'dies';
      if (dies) dead.add(place);
      const replies = fate === 'dies before' ? [] : await exec();
      if (dies || fate === 'loses the reply') throw new Lost('the reply was lost');
      return replies;
    });
    const notifier = notificationQueueOn(redis, createKeys(prefix));
    notifiers.push(notifier);
    const draft: Draft = draftOf(OPTIONS, Date.now());
    for (;;) {
      try {
        return await notifier.enqueue(draft, deadline());
      } catch (error) {
        if (dead.has(place)) return undefined;
        if (!(Object(error).cause instanceof Lost)) throw error;
      }
    }
  };
  let underWay = fates.length;
  const answers = fates.map((_fates, place) =>
    play(place).finally(() => {
      underWay--;
      moved.resolve();
    }),
  );
  for (let turn = 0; underWay > 0; turn++) {
    while (waiting.size < underWay) {
      await moved.promise;
      moved = Promise.withResolvers();
    }
    const places = [...waiting.keys()].sort();
    const place = places[(order[turn] ?? 0) % places.length];
    const goOn = waiting.get(place ?? -1);
    waiting.delete(place ?? -1);
    goOn?.();
  }
  const told = (await Promise.all(answers)).filter((answer) => answer !== undefined);
  await Promise.all(notifiers.map((notifier) => notifier.close()));
  const firsts = told.filter(({ deduplicated }) => !deduplicated).length;
  expect(firsts).toBeLessThanOrEqual(1);
  // Who died may have been the first; else one of those that live is.
  if (dead.size === 0) expect(firsts).toBe(1);
  expect(new Set(told.map(({ id }) => id)).size).toBeLessThanOrEqual(1);
}
