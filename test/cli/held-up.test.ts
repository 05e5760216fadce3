/** What another program set on a queue in BullMQ: it is shown as the reason why nothing moves, and `resume` undoes it. */
import { expect, onTestFinished, test } from 'vitest';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { NOTIFICATIONS } from '../../src/shared/job.ts';
import { openQueue } from '../../src/shared/redis/queue.ts';
import { connect } from '../support/redis.ts';
import { createScene, fileWith, patiently, type Scene } from './scene.ts';

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

async function sendTo(scene: Scene, campaign: string, people: number, ...more: string[]) {
  const rows = Array.from({ length: people }, (_none, at) => `+${6_591_000_000 + at},${at}`);
  const list = await fileWith(`phone,name\n${rows.join('\n')}\n`);
  const args = [list, '--template', 'promo', '--params', 'name', '--campaign', campaign];
  await scene.json('send', ...args, '--yes', '--again', '--json', ...more);
}

test('a campaign whose queue was stopped or slowed in BullMQ says so, and resume undoes it', async () => {
  const scene = await createScene();
  const ids = ['stopped', 'none', 'limited', 'late'];
  await Promise.all(ids.map((id) => sendTo(scene, id, 120)));
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
  await expect.poll(async () => (await statusOf(scene, 'limited')).pending, patiently).toBe(20);
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

  const resumed = await Promise.all(ids.map((id) => scene.json('resume', id, '--json')));
  expect(resumed.map(({ changed }) => changed)).toEqual([true, true, true, true]);
  for (const id of ids.filter((each) => each !== 'limited'))
    await expect
      .poll(() => statusOf(scene, id), patiently)
      .toMatchObject({ state: 'finished', accepted: 120, paused: null, slowed: null });
  expect(worker.output().stderr.split('held up by another program').length).toBe(4);
});

test('notifications whose queue was paused in BullMQ wait, say so, and go on after resume', async () => {
  const scene = await createScene();
  await scene.startWorker();
  const refused = await scene.volley('resume', NOTIFICATIONS);
  expect(refused).toMatchObject({ code: 2 });
  await queueOf(scene, NOTIFICATIONS).pause();
  expect((await scene.volley('status')).stdout).toContain(`none leaves: ${WORDS.paused}`);
  const args = ['--to', '+6591000001', '--template', 'otp', '--wait', '--json'];
  const notify = scene.start('notify', ...args);
  await expect.poll(() => notify.output().stderr, patiently).toContain(WORDS.paused);
  expect(await scene.json('status', NOTIFICATIONS, '--json')).toMatchObject({
    ...{ state: 'paused', pending: 1, paused: { by: 'queue', why: WORDS.paused } },
  });
  expect(await scene.json('resume', NOTIFICATIONS, '--json')).toMatchObject({ changed: true });
  expect(await notify.ended).toBe(0);
});

test('send --wait says why nothing moves', async () => {
  const scene = await createScene();
  const list = await fileWith('phone\n+6591000001\n');
  const args = ['send', list, '--template', 'promo', '--campaign', 'spring', '--yes'];
  await scene.volley(...args);
  await queueOf(scene, 'spring').pause();
  await scene.startWorker();
  const waiting = scene.start(...args, '--wait');
  await waiting.says(`waiting: ${WORDS.paused}; volley resume spring goes on`);
  expect(await scene.volley('resume', 'spring')).toMatchObject({ code: 0 });
  expect(await waiting.ended).toBe(0);
});
