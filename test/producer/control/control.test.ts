import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createProducer, type Producer } from '../../../src/producer/producer.ts';
import { jobIdAt } from '../../../src/shared/job.ts';
import { openFleet, people, workUntilFinished } from '../../support/fleet.ts';
import { redisUrl } from '../../support/redis.ts';

async function openScene() {
  const fleet = await openFleet();
  const producer = createProducer({ redis: redisUrl(), prefix: fleet.keys.prefix });
  onTestFinished(() => producer.close());
  return { fleet, producer };
}

const OPTIONS = { campaign: 'big', template: 'promo' };

/** A `send` whose list does not end before it is told to, with more than a piece of jobs laid already. */
function sendEndless(producer: Producer) {
  const more = Promise.withResolvers<void>();
  const laid = Promise.withResolvers<void>();
  async function* rows() {
    yield* people(60_000);
    laid.resolve();
    await more.promise;
    yield* people(60_010).slice(60_000);
  }
  const sending = producer.send({ rows: rows() }, OPTIONS);
  // Looked at later, where it may have been rejected long since.
  sending.catch(() => {});
  return { sending, laid: laid.promise, end: more.resolve };
}

describe('while its list is being read', () => {
  test('a campaign that is cancelled is cleared, and its send says so', async () => {
    const { fleet, producer } = await openScene();
    const { sending, laid, end } = sendEndless(producer);
    await laid;
    const cancelling = producer.cancel('big');
    await expect
      .poll(() => fleet.redis.hget(fleet.keys.campaign('big').campaign, 'cancelled'), {
        timeout: 20_000,
      })
      .toBe('1');
    end();
    await expect(sending).rejects.toMatchObject({
      code: 'interrupted',
      message: expect.stringContaining('it was cancelled'),
    });
    expect(await cancelling).toMatchObject({ state: 'cancelled', changed: true });
    expect(await producer.status('big')).toMatchObject({
      state: 'cancelled',
      rows: 0,
      balanced: true,
      jobs: { waiting: 0 },
    });
    expect(await fleet.redis.exists(fleet.keys.campaign('big').job(jobIdAt('big', 0)))).toBe(0);
    expect(await producer.verify('big')).toMatchObject({ verified: true });
    await expect(producer.send({ rows: people(2) }, OPTIONS)).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await producer.cancel('big')).toMatchObject({ changed: false });
  });

  test('a campaign that is paused is released paused', async () => {
    const { fleet, producer } = await openScene();
    const { sending, laid, end } = sendEndless(producer);
    await laid;
    expect(await producer.pause('big')).toMatchObject({ state: 'enqueuing', changed: true });
    end();
    expect(await sending).toMatchObject({ released: true, recipients: 60_010 });
    expect(await producer.status('big')).toMatchObject({ state: 'paused', pending: 60_010 });
    const worker = fleet.createWorker();
    await worker.start();
    expect(await producer.resume('big')).toMatchObject({ state: 'sending' });
    await once(worker, 'attached');
    expect(await producer.cancel('big')).toMatchObject({ state: 'cancelled', balanced: true });
  });
});

test('a send that died, and was cancelled, leaves nothing', async () => {
  const { fleet, producer } = await openScene();
  const own = fleet.keys.campaign('big');
  await fleet.send('big', people(200));
  // as if it had died before its release, with one of its jobs laid for later
  await fleet.redis.rpop(own.job('wait'));
  await fleet.redis.zadd(own.job('delayed'), 1, jobIdAt('big', 0));
  await fleet.redis.hdel(own.campaign, 'jobs', 'messages', 'fingerprint', 'released_by');
  await fleet.redis.hset(own.campaign, 'phase', 'enqueuing');
  expect(await producer.status('big')).toMatchObject({ state: 'abandoned' });
  expect(await producer.cancel('big')).toMatchObject({ state: 'cancelled', rows: 0 });
  expect(await fleet.redis.exists(own.job(jobIdAt('big', 0)), own.counts)).toBe(0);
});

describe('what is asked of a campaign', () => {
  test('twice is done once', async () => {
    const { fleet, producer } = await openScene();
    await fleet.send('big', people(5));
    const changes: boolean[] = [];
    const noting = async (work: Promise<{ changed: boolean }>) => {
      changes.push((await work).changed);
    };
    await noting(producer.resume('big'));
    await noting(producer.pause('big'));
    await noting(producer.pause('big'));
    await noting(producer.resume('big'));
    await noting(producer.resume('big'));
    await noting(producer.cancel('big'));
    await noting(producer.cancel('big'));
    expect(changes).toEqual([false, true, false, true, false, true, false]);
    expect(await fleet.counts('big')).toEqual({ cancelled: 5 });
  });

  test('is refused where it cannot be', async () => {
    const { fleet, producer } = await openScene();
    await fleet.send('done', people(1));
    await workUntilFinished(fleet.createWorker(), 'done');
    await fleet.send('off', people(1));
    await producer.cancel('off');
    const refusal = (work: Promise<unknown>) =>
      work.then(
        () => 'done',
        (error: unknown) => Reflect.get(Object(error), 'code'),
      );
    expect(await refusal(producer.pause('done'))).toBe('conflict');
    expect(await refusal(producer.cancel('done'))).toBe('conflict');
    expect(await refusal(producer.resume('done'))).toBe('done');
    expect(await refusal(producer.pause('off'))).toBe('conflict');
    expect(await refusal(producer.resume('off'))).toBe('conflict');
    for (const verb of ['pause', 'resume', 'cancel'] as const) {
      expect(await refusal(producer[verb]('nothing'))).toBe('not_found');
      expect(await refusal(producer[verb]('notifications'))).toBe('bad_input');
    }
    expect(await fleet.redis.keys(`${fleet.keys.prefix}*nothing*`)).toEqual([]);
  });
});
