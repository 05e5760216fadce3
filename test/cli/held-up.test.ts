/** Why nothing moves is shown: what another program set on a queue in BullMQ, which `resume` undoes; workers that send elsewhere. */
import { expect, onTestFinished, test } from 'vitest';
import { createProducer } from '../../src/producer/producer.ts';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { beat } from '../../src/shared/fleet/heartbeat.ts';
import { NOTIFICATIONS } from '../../src/shared/job.ts';
import { openQueue } from '../../src/shared/redis/queue.ts';
import { connect, redisUrl } from '../support/redis.ts';
import { createScene, fileWith, HEADER, listOf, type Scene } from './scene.ts';

/** Workers and commands are processes of their own. */
const SLOWLY = { timeout: 60_000, interval: 100 };
const SLOW = 240_000;

const WORDS = {
  paused: 'its queue was paused in BullMQ by another program',
  none: 'its queue was set to run at most 0 jobs at a time, by another program',
  limit: 'its queue was limited to 1 jobs in 86400000 ms, by another program',
};

function queueOf(scene: Scene, campaign: string) {
  const queue = openQueue(connect(), scene.keys, campaign);
  onTestFinished(() => queue.close());
  return queue;
}

const statusOf = (scene: Scene, id: string) => campaignStatus(connect(), scene.keys, id);

function producerOf({ keys: { prefix } }: Scene) {
  const producer = createProducer({ redis: redisUrl(), prefix });
  onTestFinished(() => producer.close());
  return producer;
}

test('a campaign whose queue was stopped or slowed in BullMQ says so, and resume undoes it', {
  timeout: SLOW,
}, async () => {
  const scene = await createScene();
  const producer = producerOf(scene);
  const ids = ['stopped', 'none', 'limited', 'late'];
  const path = await fileWith(HEADER + listOf(120));
  const options = { template: 'promo', params: ['name'], again: true };
  await Promise.all(ids.map((campaign) => producer.send({ path }, { ...options, campaign })));
  const [stopped, none, limited, late] = ids.map((id) => queueOf(scene, id));
  await stopped?.pause();
  await none?.setGlobalConcurrency(0);
  await limited?.setGlobalRateLimit(1, 86_400_000);
  for (const job of (await late?.getWaiting()) ?? []) {
    await connect().zadd(scene.keys.campaign('late').job('delayed'), 4096 * 2e12, job.id ?? '');
    await connect().lrem(scene.keys.campaign('late').job('wait'), 0, job.id ?? '');
  }
  const worker = await scene.startWorker();
  for (const words of Object.values(WORDS)) await worker.says(words);

  const paused = { by: 'queue', since: null };
  await expect.poll(async () => (await statusOf(scene, 'limited')).pending, SLOWLY).toBe(20);
  expect(await Promise.all(ids.map((id) => statusOf(scene, id)))).toMatchObject([
    { state: 'paused', eta_s: null, paused: { ...paused, why: WORDS.paused } },
    { state: 'paused', paused: { ...paused, why: WORDS.none } },
    { state: 'sending', eta_s: null, slowed: WORDS.limit },
    { state: 'sending', slowed: 'none of its jobs is due before 2033-05-18T03:33:20.000Z' },
  ]);
  const [shown, status] = await Promise.all([
    scene.volley('campaigns'),
    scene.volley('status', 'stopped'),
  ]);
  expect(shown.stdout).toContain(`stopped: ${WORDS.paused}; volley resume stopped goes on`);
  expect(shown.stdout).toContain(`limited: it is slow: ${WORDS.limit}; volley resume limited`);
  expect(status.stdout).toContain(`paused: ${WORDS.paused}, 120`);

  const again = ['send', path, '--template', 'promo', '--params', 'name', '--campaign', 'stopped'];
  const waiting = scene.start(...again, '--wait');
  await waiting.says(`waiting: ${WORDS.paused}; volley resume stopped goes on`);
  expect(await scene.json('resume', 'stopped', '--json')).toMatchObject({ changed: true });
  expect(await waiting.ended).toBe(0);
  const resumed = await Promise.all(ids.slice(1).map((id) => producer.resume(id)));
  expect(resumed.map(({ changed }) => changed)).toEqual([true, true, true]);
  for (const id of ids.filter((each) => each !== 'limited'))
    await expect
      .poll(() => statusOf(scene, id), SLOWLY)
      .toMatchObject({ state: 'finished', accepted: 120, paused: null, slowed: null });
  expect(worker.output().stderr.split('held up by another program').length).toBe(4);
});

test('notifications whose queue was paused in BullMQ wait, say so, and go on after resume', {
  timeout: SLOW,
}, async () => {
  const scene = await createScene();
  const [refused] = await Promise.all([scene.volley('resume', NOTIFICATIONS), scene.startWorker()]);
  expect(refused).toMatchObject({ code: 2 });
  await queueOf(scene, NOTIFICATIONS).pause();
  expect((await scene.volley('status')).stdout).toContain(`none leaves: ${WORDS.paused}`);
  const args = ['--to', '+6591000001', '--template', 'otp', '--wait', '--json'];
  const notify = scene.start('notify', ...args);
  await expect.poll(() => notify.output().stderr, SLOWLY).toContain(WORDS.paused);
  expect(await statusOf(scene, NOTIFICATIONS)).toMatchObject({
    ...{ state: 'paused', pending: 1, paused: { by: 'queue', why: WORDS.paused } },
  });
  expect(await scene.json('resume', NOTIFICATIONS, '--json')).toMatchObject({ changed: true });
  expect(await notify.ended).toBe(0);
});

test('a campaign that no worker goes on with, for all send elsewhere, is named by campaigns', async () => {
  const scene = await createScene();
  const [origin, elsewhere] = ['https://real.example', 'https://trial.example'];
  const producer = createProducer({ redis: redisUrl(), prefix: scene.keys.prefix });
  onTestFinished(() => producer.close());
  const rows = [{ to: '+6591000001' }];
  await producer.send({ rows }, { template: 'promo', campaign: 'spring', again: true });
  const redis = connect();
  await redis.hset(scene.keys.campaign('spring').campaign, { origin });
  await beat(redis, scene.keys.fleet, {
    ...{ id: 'trial', host: 'desk', pid: 1, in_flight: 0, sent_per_s: 0 },
    ...{ origin: elsewhere, reach: 'new' },
    // However long the command takes to start here.
    seen_at: Date.now() + 60_000,
  });
  const { stdout } = await scene.volley('campaigns');
  expect(stdout).toContain(
    `spring: it is sent to ${origin}, and the workers that run send to ${elsewhere}; start one`,
  );
});
