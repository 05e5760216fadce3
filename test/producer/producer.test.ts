// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type EmbeddedRedis, startEmbeddedRedis } from '../../src/local-redis/embedded-redis.ts';
import { draftOf } from '../../src/producer/notify/notification.ts';
import { createProducer, type Producer } from '../../src/producer/producer.ts';
import { NOTIFICATIONS } from '../../src/shared/job.ts';
import { createKeys } from '../../src/shared/redis/keys.ts';
import { openFleet, people } from '../support/fleet.ts';
import { connect, redisUrl, searchPath, testPrefix } from '../support/redis.ts';
import { startRedisProxy } from '../support/redis-proxy.ts';

const TO = '+6591234567';
const UNAVAILABLE = { name: 'VolleyError', code: 'unavailable' };
/** The contract says 2 s; a busy machine may take its time to look at the clock. */
const SOON_MS = 4500;

function openProducer(redis: string, prefix: string): Producer {
  const producer = createProducer({ redis, prefix });
  onTestFinished(() => producer.close());
  return producer;
}

async function ownRedis(): Promise<EmbeddedRedis> {
  const redis = await startEmbeddedRedis({ path: searchPath, appendfsync: 'everysec' });
  onTestFinished(() => redis.stop());
  return redis;
}

/** How long it took to reject as it did. */
async function rejection(work: Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const startedAt = performance.now();
  const error = await work.then(
    () => new Error('it resolved'),
    (reason: unknown) => reason,
  );
  return { error, ms: performance.now() - startedAt };
}

/** What there is of notifications, looked at over a connection of its own. */
async function enqueued(prefix: string) {
  const redis = connect();
  const own = createKeys(prefix).campaign(NOTIFICATIONS);
  return {
    waiting: await redis.llen(own.job('wait')),
    counted: Number((await redis.hget(own.counts, 'recipients')) ?? 0),
    indexed: await redis.zcard(own.jobs),
  };
}

describe('a producer', () => {
  test('enqueues, tells, audits and verifies over one connection', async () => {
    const fleet = await openFleet();
    const producer = openProducer(redisUrl(), fleet.keys.prefix);
    const options = { campaign: 'spring', template: 'promo' };
    const sent = await producer.send({ rows: people(250) }, options);
    expect(sent).toMatchObject({ campaign: 'spring', recipients: 250, released: true });
    expect(await producer.send({ rows: people(250) }, options)).toEqual({
      ...sent,
      released: false,
    });
    const { message, result } = await producer.notify({ to: TO, template: 'otp' });
    expect(await producer.status('spring')).toMatchObject({ state: 'sending', pending: 250 });

    const worker = fleet.createWorker();
    const finished = new Promise((resolve) => worker.on('detached', resolve));
    await worker.start();
    expect(await result()).toMatchObject({ message, state: 'accepted' });
    await finished;

    expect(await producer.campaigns()).toMatchObject([
      { campaign: 'notifications', accepted: 1 },
      { campaign: 'spring', accepted: 250 },
    ]);
    expect(await producer.verify('spring')).toMatchObject({ verified: true, recipients: 250 });
    expect(await producer.status()).toMatchObject({ rate: 5000, workers: [{ id: worker.id }] });
    const numbers: string[] = [];
    for await (const line of producer.audit('spring', { states: ['accepted'] })) {
      numbers.push(...line.to);
    }
    expect(numbers).toEqual(people(250).map(({ to }) => to));
  });

  test('sets the limits, holds the fleet and releases it', async () => {
    const producer = openProducer(redisUrl(), testPrefix());
    expect(await producer.rate()).toEqual({ rate: 50, setBy: 'default' });
    expect(await producer.rate({ rate: 80, recipientRate: 5000 })).toEqual({
      rate: 80,
      recipientRate: 5000,
      setBy: 'operator',
    });
    expect(await producer.rate('reset')).toEqual({ rate: 50, setBy: 'default' });
    await expect(producer.rate({ rate: 0 })).rejects.toMatchObject({ code: 'bad_input' });

    expect(await producer.hold('wrong prices')).toMatchObject([
      { reason: 'operator', detail: 'wrong prices' },
    ]);
    expect(await producer.release('throttled')).toMatchObject([{ reason: 'operator' }]);
    expect(await producer.release()).toEqual([]);
  });

  test('tells what is not there, or is wrong, by the code of its errors', async () => {
    const producer = openProducer(redisUrl(), testPrefix());
    await expect(producer.status('none')).rejects.toMatchObject({ code: 'not_found' });
    await expect(producer.verify('none')).rejects.toMatchObject({ code: 'not_found' });
    await expect(producer.audit('none').next()).rejects.toMatchObject({ code: 'not_found' });
    const options = { campaign: 'mine', template: '' };
    await expect(producer.send({ rows: people(1) }, options)).rejects.toMatchObject({
      code: 'bad_input',
    });
    await expect(producer.status('mine')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('names its own options in what it refuses', () => {
    expect(() => createProducer({ redis: 'http://127.0.0.1' })).toThrow(/^redis: expected redis:/);
    expect(() => createProducer({ prefix: 'a b' })).toThrow(/^prefix: expected 1 to 64 .*"a b"/);
  });

  test('says where a list broke off, with what it threw as the cause', async () => {
    const producer = openProducer(redisUrl(), testPrefix());
    const broken = new Error('the database went away');
    async function* rows() {
      yield { to: TO };
      throw broken;
    }
    const options = { campaign: 'mine', template: 'promo' };
    await expect(producer.send({ rows: rows() }, options)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'the rows broke off at row 2: the database went away',
      cause: broken,
    });
    await expect(producer.status('mine')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('sends a file, under an id made of its name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'volley-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'list.csv'), `phone\n${TO}\n`);
    const producer = openProducer(redisUrl(), testPrefix());
    const sent = await producer.send({ path: join(folder, 'list.csv') }, { template: 'promo' });
    expect(sent).toMatchObject({ recipients: 1, campaign: expect.stringMatching(/^list-\w{8}$/) });
  });

  test('says what a send would come to, and lays nothing; also without Redis where that is allowed', async () => {
    const prefix = testPrefix();
    const producer = openProducer(redisUrl(), prefix);
    const options = { campaign: 'dry', template: 'promo' };
    await producer.suppress.add([TO]);
    const rows = [...people(3), ...[TO, 'nobody'].map((to) => ({ to, params: { name: 'x' } }))];
    const run = await producer.dryRun({ rows }, options);
    expect(run).toMatchObject({ campaign: 'dry', isSent: false, limits: { rate: 50 } });
    const read = { rows: 5, invalid: 1, duplicate: 0 };
    expect(run.totals).toMatchObject({ ...read, suppressed: 1, recipients: 3 });
    expect(run.problem?.code).toBe('bad_input');
    expect(await connect().keys(`${prefix}*dry*`)).toEqual([]);

    const away = openProducer('redis://127.0.0.1:1', prefix);
    await expect(away.dryRun({ rows }, options)).rejects.toMatchObject(UNAVAILABLE);
    const told: unknown[] = [];
    const alone = await away.dryRun({ rows }, { ...options, onAway: (why) => told.push(why) });
    expect(told).toMatchObject([UNAVAILABLE]);
    expect(alone).toMatchObject({ limits: undefined, totals: { ...read, suppressed: 0 } });
  });

  test('takes nothing once it was closed, and ends the wait for a result', async () => {
    const producer = openProducer(redisUrl(), testPrefix());
    const { result } = await producer.notify({ to: TO, template: 'otp' });
    const waiting = expect(result()).rejects.toMatchObject({ code: 'interrupted' });
    const underWay = producer.notify({ to: TO, template: 'otp' });
    await producer.close();
    await waiting;
    expect(await underWay).toMatchObject({ deduplicated: false });
    for (const late of [producer.status(), producer.notify({ to: TO, template: 'otp' })]) {
      await expect(late).rejects.toMatchObject({ code: 'interrupted' });
    }
    await expect(producer.audit('mine').next()).rejects.toMatchObject({ code: 'interrupted' });
  });
});

describe('while Redis is away', () => {
  test('every call rejects, and the first one after it is back does not', async () => {
    const prefix = testPrefix();
    const proxy = await startRedisProxy(redisUrl());
    const producer = openProducer(proxy.url, prefix);
    const port = Number(new URL(proxy.url).port);
    await proxy.close();
    const calls = () => [
      producer.notify({ to: TO, template: 'otp' }),
      producer.send({ rows: people(1) }, { campaign: 'mine', template: 'promo' }),
      producer.status(),
      producer.status('mine'),
      producer.campaigns(),
      producer.verify('mine'),
      producer.audit('mine').next(),
      producer.rate(),
      producer.hold(),
      producer.release(),
    ];
    const refuseAll = async () => {
      for (const { error, ms } of await Promise.all(calls().map(rejection))) {
        expect(error).toMatchObject(UNAVAILABLE);
        expect(ms).toBeLessThan(SOON_MS);
      }
    };
    await refuseAll();
    await proxy.listen(port);
    await producer.notify({ to: TO, template: 'otp' });
    expect(await enqueued(prefix)).toEqual({ waiting: 1, counted: 1, indexed: 1 });
    // Lost after it had been there, and back again.
    await proxy.close();
    await refuseAll();
    await proxy.listen(port);
    expect(await producer.campaigns()).toMatchObject([{ campaign: 'notifications' }]);
    expect(await enqueued(prefix)).toEqual({ waiting: 1, counted: 1, indexed: 1 });
  });

  test('a notification whose connection breaks before Redis had it is tried again', async () => {
    const prefix = testPrefix();
    const proxy = await startRedisProxy(redisUrl());
    const producer = openProducer(proxy.url, prefix);
    await producer.status();
    let cuts = 0;
    proxy.fate = (bytes) => (bytes.includes('notify') && cuts++ === 0 ? 'cut before' : 'pass');
    expect(await producer.notify({ to: TO, template: 'otp' })).toMatchObject({
      deduplicated: false,
    });
    expect(cuts).toBe(2);
    expect(await enqueued(prefix)).toEqual({ waiting: 1, counted: 1, indexed: 1 });
  });

  test('a notification whose connection breaks after Redis had it is enqueued once', async () => {
    const prefix = testPrefix();
    const proxy = await startRedisProxy(redisUrl());
    const producer = openProducer(proxy.url, prefix);
    let cuts = 0;
    proxy.fate = (bytes) => (bytes.includes('notify') && cuts++ === 0 ? 'cut after' : 'pass');
    const options = { to: TO, template: 'otp', dedupeKey: 'once' };
    expect(await producer.notify(options)).toMatchObject({ deduplicated: false });
    expect(await producer.notify(options)).toMatchObject({ deduplicated: true });
    expect(await enqueued(prefix)).toEqual({ waiting: 1, counted: 1, indexed: 1 });
  });

  test('who carries out a claim of one that died stays the first though the reply is lost', async () => {
    const prefix = testPrefix();
    const proxy = await startRedisProxy(redisUrl());
    const producer = openProducer(proxy.url, prefix);
    const options = { to: TO, template: 'otp', dedupeKey: 'once' };
    const { dedupe = '' } = draftOf(options, Date.now());
    const own = createKeys(prefix).campaign(NOTIFICATIONS);
    await connect().set(own.dedupe(dedupe), 'n-claimed', 'EX', 60);
    let cuts = 0;
    proxy.fate = (bytes) => (bytes.includes('notify') && cuts++ === 0 ? 'cut after' : 'pass');
    const message = 'n-claimed.0';
    expect(await producer.notify(options)).toMatchObject({ message, deduplicated: false });
    expect(await producer.notify(options)).toMatchObject({ message, deduplicated: true });
    expect(cuts).toBe(1);
    expect(await enqueued(prefix)).toEqual({ waiting: 1, counted: 1, indexed: 1 });
  });

  test.each([
    ['before', 0, /^the connection broke before Redis told/],
    ['after', 1, /^the connection broke before Redis told/],
  ] as const)(
    'a notification is not sent again after its caller was told: cut %s Redis had it',
    async (where, most, words) => {
      const prefix = testPrefix();
      const proxy = await startRedisProxy(redisUrl());
      const producer = openProducer(proxy.url, prefix);
      const port = Number(new URL(proxy.url).port);
      await producer.status();
      const closing = Promise.withResolvers<void>();
      proxy.fate = (bytes) => {
        if (!bytes.includes('notify')) return 'pass';
        // From here on nobody is let in again.
        proxy.refuse();
        closing.resolve();
        return where === 'before' ? 'cut before' : 'cut after';
      };
      const options = { to: TO, template: 'otp', dedupeKey: 'once' };
      const { error, ms } = await rejection(producer.notify(options));
      expect(error).toMatchObject({ ...UNAVAILABLE, message: expect.stringMatching(words) });
      expect(ms).toBeLessThan(SOON_MS);
      await closing.promise;
      await proxy.close();
      expect(await enqueued(prefix)).toEqual({ waiting: most, counted: most, indexed: most });

      proxy.fate = () => 'pass';
      await proxy.listen(port);
      await producer.status();
      expect(await enqueued(prefix)).toEqual({ waiting: most, counted: most, indexed: most });
      // Its dedupe key makes another try harmless, whichever way it was.
      await producer.notify(options);
      expect(await enqueued(prefix)).toEqual({ waiting: 1, counted: 1, indexed: 1 });
    },
  );

  test.each([
    ['before', 'stays there, unsent', true],
    ['after', 'was released is not known: run the same command again', false],
  ] as const)(
    'a campaign that is cut off %s its release says how it stands',
    async (where, words, isReleasedByNext) => {
      const prefix = testPrefix();
      const proxy = await startRedisProxy(redisUrl());
      const producer = openProducer(proxy.url, prefix);
      proxy.fate = (bytes) => {
        // What only a job's data, and only what a release is given, has in it.
        const isIt = bytes.includes(where === 'before' ? '"on_unconfirmed"' : 'expiry_look');
        if (!isIt) return 'pass';
        return where === 'before' ? 'cut before' : 'cut after';
      };
      const options = { campaign: 'mine', template: 'promo' };
      await expect(producer.send({ rows: people(3) }, options)).rejects.toMatchObject({
        ...UNAVAILABLE,
        message: expect.stringContaining(words),
      });

      proxy.fate = () => 'pass';
      const again = await producer.send({ rows: people(3) }, options);
      expect(again).toMatchObject({ recipients: 3, jobs: 1, released: isReleasedByNext });
      expect(await producer.verify('mine')).toMatchObject({ verified: true, jobs: 1 });
    },
  );

  test('a notification is taken though Redis has forgotten its scripts', async () => {
    const redis = await ownRedis();
    const producer = openProducer(redis.url, 'test');
    await producer.notify({ to: TO, template: 'otp' });
    await forgetScripts(redis.url);
    await producer.notify({ to: TO, template: 'otp' });
    expect(await producer.verify(NOTIFICATIONS)).toMatchObject({ verified: true, recipients: 2 });
    expect(await producer.status(NOTIFICATIONS)).toMatchObject({ jobs: { waiting: 2 } });
  });
});

describe('while Redis is silent', () => {
  test.each([
    ['before its first call', false],
    ['between two calls', true],
  ])('every call rejects and nothing is sent later: %s', async (_case, isConnected) => {
    const redis = await ownRedis();
    const producer = openProducer(redis.url, 'test');
    if (isConnected) await producer.status();
    process.kill(redis.pid, 'SIGSTOP');
    try {
      const calls = [
        producer.notify({ to: TO, template: 'otp', dedupeKey: 'once' }),
        producer.notify({ to: TO, template: 'otp' }),
        producer.status(),
        producer.campaigns(),
        producer.hold(),
        producer.send({ rows: people(1) }, { campaign: 'mine', template: 'promo' }),
      ];
      for (const { error, ms } of await Promise.all(calls.map(rejection))) {
        expect(error).toMatchObject(UNAVAILABLE);
        expect(ms).toBeLessThan(SOON_MS);
        expect(ms).toBeGreaterThan(1000);
      }
    } finally {
      process.kill(redis.pid, 'SIGCONT');
    }
    // It answers only after it has done with all that had reached it.
    const { message, deduplicated } = await producer.notify({ to: TO, template: 'otp' });
    expect(deduplicated).toBe(false);
    const messages = [];
    for await (const line of producer.audit(NOTIFICATIONS)) messages.push(line.message);
    expect(messages).toEqual([message]);
    expect(await producer.status(NOTIFICATIONS)).toMatchObject({
      recipients: 1,
      balanced: true,
      jobs: { waiting: 1 },
    });
    expect(await producer.campaigns()).toMatchObject([{ campaign: 'notifications' }]);
  });

  test.each([
    ['its jobs are laid', '"v":1', 'stays there, unsent'],
    ['it is released', 'released_at', 'was released is not known: run the same command again'],
  ])(
    'a campaign fails where it falls silent as %s, and is not released later',
    { timeout: 60_000 },
    async (_case, bytes, words) => {
      const redis = await ownRedis();
      const proxy = await startRedisProxy(redis.url);
      const producer = openProducer(proxy.url, 'test');
      let isFrozen = false;
      proxy.fate = (piece) => {
        if (!isFrozen && piece.includes(bytes)) process.kill(redis.pid, 'SIGSTOP');
        isFrozen ||= piece.includes(bytes);
        return 'pass';
      };
      const options = { campaign: 'mine', template: 'promo' };
      try {
        const { error } = await rejection(producer.send({ rows: people(3) }, options));
        expect(error).toMatchObject({ ...UNAVAILABLE, message: expect.stringContaining(words) });
      } finally {
        process.kill(redis.pid, 'SIGCONT');
      }
      // It answers only after it has done with all that had reached it.
      expect(await producer.status('mine')).toMatchObject({ state: 'abandoned' });
      const again = await producer.send({ rows: people(3) }, options);
      expect(again).toMatchObject({ recipients: 3, released: true });
    },
  );

  test('what falls silent after the time was asked for is not sent later either', async () => {
    const redis = await ownRedis();
    const proxy = await startRedisProxy(redis.url);
    const producer = openProducer(proxy.url, 'test');
    await producer.status();
    proxy.fate = (bytes) => {
      if (bytes.includes('notify')) process.kill(redis.pid, 'SIGSTOP');
      return 'pass';
    };
    try {
      const { error } = await rejection(producer.notify({ to: TO, template: 'otp' }));
      expect(error).toMatchObject({
        ...UNAVAILABLE,
        message: 'the notification was not enqueued: no answer in 2000 ms',
      });
    } finally {
      process.kill(redis.pid, 'SIGCONT');
    }
    proxy.fate = () => 'pass';
    await producer.status();
    await expect(producer.status(NOTIFICATIONS)).rejects.toMatchObject({ code: 'not_found' });
    await producer.notify({ to: TO, template: 'otp' });
    expect(await producer.status(NOTIFICATIONS)).toMatchObject({
      recipients: 1,
      jobs: { waiting: 1 },
    });
  });
});

async function forgetScripts(url: string): Promise<void> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url);
  await client.script('FLUSH');
  client.disconnect();
}
