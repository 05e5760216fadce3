import { describe, expect, onTestFinished, test } from 'vitest';
import { createProducer } from '../../../src/producer/producer.ts';
import { jobIds, readJobs } from '../../../src/producer/report/stored-jobs.ts';
import { beginForgetting, removeJobs } from '../../../src/shared/campaign/forget.ts';
import { CampaignHandle } from '../../../src/shared/campaign/handle.ts';
import { closeAttempts } from '../../../src/shared/ledger/close.ts';
import { sweepCampaigns } from '../../../src/worker/upkeep/campaign-retention.ts';
import { type Fleet, openFleet, people, workUntilFinished } from '../../support/fleet.ts';
import { redisUrl } from '../../support/redis.ts';

const DAY_MS = 86_400_000;

async function openScene() {
  const fleet = await openFleet({ faults: { on_template: { bad: '5001' } } });
  const producer = createProducer({ redis: redisUrl(), prefix: fleet.keys.prefix });
  onTestFinished(() => producer.close());
  return { fleet, producer };
}

/** Sends them to their end; what stays of such a campaign is its record and its counts. */
async function finish(fleet: Fleet, ...campaigns: string[]): Promise<void> {
  for (const campaign of campaigns) {
    const template = campaign.startsWith('bad') ? 'bad' : 'promo';
    await fleet.send(campaign, people(700), { template, haltAfter: 'never' });
  }
  const worker = fleet.createWorker();
  await workUntilFinished(worker, ...campaigns);
  // It would sweep, too.
  await worker.stop();
}

/** A key of BullMQ's may run out by itself a little later. */
async function keysOf({ redis, keys }: Fleet, campaign: string): Promise<string[]> {
  const found = await redis.keys(`${keys.prefix}:{${campaign}}*`);
  const lasting = await Promise.all(found.map(async (key) => (await redis.pttl(key)) === -1));
  return found.filter((_key, at) => lasting[at]).sort();
}

const sweep = ({ redis, keys }: Fleet, ms: number) => sweepCampaigns(redis, keys, DAY_MS, ms);

test('a finished campaign is forgotten: its counts stay, and its list is still known', async () => {
  const { fleet, producer } = await openScene();
  await finish(fleet, 'good', 'bad');
  for (const campaign of ['good', 'bad']) {
    const before = await producer.status(campaign);
    const forgotten = await producer.forget(campaign);
    expect(forgotten).toMatchObject({ campaign, jobs: 7, changed: true });
    const { memory_bytes, forgotten_at, jobs, ...after } = await producer.status(campaign);
    expect(before).toMatchObject(after);
    expect(forgotten_at).toBe(forgotten.forgotten_at);
    // What it freed is what it took, but for its record; of 7 jobs all are measured.
    const freed = before.memory_bytes - memory_bytes;
    expect(forgotten.freed_bytes).toBeGreaterThan(0.9 * freed);
    expect(forgotten.freed_bytes).toBeLessThan(1.1 * freed);
    const own = fleet.keys.campaign(campaign);
    expect(await keysOf(fleet, campaign)).toEqual([own.campaign, own.counts]);

    expect(await producer.forget(campaign)).toEqual({ ...forgotten, jobs: 0, changed: false });
    await expect(producer.verify(campaign)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('forgotten'),
    });
    await expect(producer.audit(campaign).next()).rejects.toMatchObject({ code: 'not_found' });
    const options = { campaign, template: campaign === 'bad' ? 'bad' : 'promo' };
    expect(await producer.send({ rows: people(700) }, options)).toMatchObject({
      released: false,
      recipients: 700,
    });
    await expect(producer.send({ rows: people(3) }, options)).rejects.toMatchObject({
      code: 'conflict',
    });
    for (const verb of ['pause', 'resume', 'cancel'] as const) {
      await expect(producer[verb](campaign)).rejects.toMatchObject({ code: 'conflict' });
    }
    expect(await keysOf(fleet, campaign)).toEqual([own.campaign, own.counts]);
  }
  expect((await producer.campaigns()).map(({ campaign, state }) => [campaign, state])).toEqual([
    ['good', 'finished'],
    ['bad', 'finished'],
  ]);
});

test('a campaign that is forgotten while it is read says so', async () => {
  const { fleet, producer } = await openScene();
  await finish(fleet, 'good');
  const { redis, keys } = fleet;
  const campaign = new CampaignHandle(redis, keys, 'good');
  for await (const ids of jobIds(campaign)) {
    await producer.forget('good');
    await expect(readJobs(campaign, ids)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('forgotten'),
    });
  }
});

test('a campaign that is not finished is not forgotten', async () => {
  const { fleet, producer } = await openScene();
  await fleet.send('big', people(300));
  await expect(producer.forget('big')).rejects.toMatchObject({ code: 'conflict' });
  // Cancelled, its jobs are still there: what a dead worker left open is not looked at yet.
  await producer.cancel('big');
  await expect(producer.forget('big')).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('worker'),
  });
  expect(await producer.verify('big')).toMatchObject({ verified: true, jobs: 3 });
  await workUntilFinished(fleet.createWorker(), 'big');
  expect(await producer.forget('big')).toMatchObject({ jobs: 3, changed: true });
  expect(await producer.status('big')).toMatchObject({ state: 'cancelled', cancelled: 300 });
  await expect(producer.forget('nothing')).rejects.toMatchObject({ code: 'not_found' });
  await expect(producer.forget('notifications')).rejects.toMatchObject({ code: 'bad_input' });
});

test('a reply that comes after it was forgotten changes nothing', async () => {
  const { fleet, producer } = await openScene();
  await finish(fleet, 'good');
  await producer.forget('good');
  const before = await producer.status('good');
  const own = fleet.keys.campaign('good');
  const rules = { attempts: 3, park: true };
  const late = {
    index: 0,
    number: 1,
    run: 'gone',
    verdict: 'accepted',
    numbers: 1,
    accepted: 1,
  } as const;
  await closeAttempts(fleet.redis, own, 'good-0000000', rules, [late]);
  expect(await producer.status('good')).toEqual(before);
  expect(await keysOf(fleet, 'good')).toEqual([own.campaign, own.counts]);
});

describe('workers', () => {
  test('forget what finished long enough ago, a piece at a time', async () => {
    const { fleet, producer } = await openScene();
    await finish(fleet, 'old', 'bad-old');
    await fleet.redis.del(fleet.keys.fleet.sweepCampaigns);
    expect(await sweep(fleet, Date.now() + DAY_MS - 60_000)).toEqual([]);
    // The fleet looks once in a while, whoever asks.
    expect(await sweep(fleet, Date.now() + DAY_MS + 1)).toEqual([]);
    await fleet.redis.del(fleet.keys.fleet.sweepCampaigns);
    expect((await sweep(fleet, Date.now() + DAY_MS + 1)).sort()).toEqual(['bad-old', 'old']);
    expect(await fleet.redis.zcard(fleet.keys.fleet.finished)).toBe(0);
    expect(await producer.status('old')).toMatchObject({ state: 'finished', accepted: 700 });
    expect(await producer.status('bad-old')).toMatchObject({ rejected: 700, balanced: true });
  });

  test('leave what a replay has put work into since', async () => {
    const { fleet } = await openScene();
    await finish(fleet, 'old');
    await fleet.redis.del(fleet.keys.fleet.sweepCampaigns);
    await fleet.redis.hincrby(fleet.keys.fleet.serving, 'old', 1);
    expect(await sweep(fleet, Date.now() + 2 * DAY_MS)).toEqual([]);
    expect(await fleet.verify('old')).toMatchObject({ verified: true });
  });

  test('go on where a process was killed over it', async () => {
    const { fleet, producer } = await openScene();
    await finish(fleet, 'old');
    const { redis, keys } = fleet;
    const own = keys.campaign('old');
    expect(await beginForgetting(redis, keys, 'old', Date.now())).toBe('begun');
    expect(await removeJobs(redis, keys, 'old', 4)).toBe(4);
    await redis.del(keys.fleet.sweepCampaigns);
    expect(await sweep(fleet, Date.now())).toEqual(['old']);
    expect(await keysOf(fleet, 'old')).toEqual([own.campaign, own.counts]);
    expect(await producer.forget('old')).toMatchObject({ changed: false });
  });
});
