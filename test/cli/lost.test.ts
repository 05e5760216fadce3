/** What the commands say of a campaign some of whose jobs another program removed. */
import { expect, test } from 'vitest';
import { jobIdAt, NOTIFICATIONS } from '../../src/shared/job.ts';
import { openQueue } from '../../src/shared/redis/queue.ts';
import { connect } from '../support/redis.ts';
import { createScene, fileWith, patiently, type Scene } from './scene.ts';

async function inQueue<T>(
  scene: Scene,
  campaign: string,
  work: (queue: ReturnType<typeof openQueue>) => Promise<T>,
): Promise<T> {
  const queue = openQueue(connect(), scene.keys, campaign);
  try {
    return await work(queue);
  } finally {
    await queue.close();
  }
}

test('lost recipients are shown, what is left is audited, and nothing waits for ever', async () => {
  const scene = await createScene();
  const rows = Array.from({ length: 200 }, (_none, at) => `+${6_591_000_000 + at},${at}`);
  const list = await fileWith(`phone,name\n${rows.join('\n')}\n`);
  const args = [list, '--template', 'promo', '--params', 'name', '--campaign', 'spring'];
  await scene.json('send', ...args, '--yes', '--json');
  await inQueue(scene, 'spring', (queue) => queue.remove(jobIdAt('spring', 0)));
  const worker = await scene.startWorker();
  await worker.says('LOST: ');

  const sent = await scene.volley('send', ...args, '--yes', '--wait');
  expect(sent.code).toBe(3);
  expect(sent.stdout).toMatch(/^ +lost +100$/m);
  const status = await scene.volley('status', 'spring');
  expect(status.stdout).toMatch(/^spring {2}finished$/m);
  expect(status.stdout).toContain('100 recipients lost: another program, or Redis, removed');
  expect(await scene.json('status', 'spring', '--json')).toMatchObject({
    ...{ state: 'finished', pending: 0, accepted: 100, capped: 0, lost: 100, balanced: true },
  });

  const audit = await scene.volley('audit', 'spring');
  expect(audit.code).toBe(0);
  expect(audit.stdout.trim().split('\n')).toHaveLength(100);
  expect(audit.stderr.match(/1 job is gone/g)).toHaveLength(1);
  const verify = await scene.volley('verify', 'spring');
  expect(verify).toMatchObject({ code: 0, stderr: '' });
  expect(verify.stdout).toContain('verified: 100 recipients in 100 messages, 1 job;');
  expect(verify.stdout).toContain('1 job is gone');
  const plan = await scene.volley('replay', 'spring', '--dry-run');
  expect(plan.stdout).toMatch(/nothing to replay\n.*1 job is gone/);
  const refused = await scene.volley('replay', 'spring', '--state', 'lost', '--yes');
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('lost recipients cannot be replayed'),
  });
});

test('notify --wait of one whose job is removed ends, and says so', async () => {
  const scene = await createScene();
  const args = ['--to', '+6591000001', '--template', 'otp', '--wait', '--json'];
  const notify = scene.start('notify', ...args);
  const { jobs } = scene.keys.campaign(NOTIFICATIONS);
  await expect.poll(() => connect().zcard(jobs), patiently).toBe(1);
  await inQueue(scene, NOTIFICATIONS, (queue) => queue.drain());
  expect(await notify.ended).toBe(3);
  expect(notify.output().stderr).toMatch(/its job is gone: another program, or Redis, removed it/);
  expect(JSON.parse(notify.output().stdout)).toMatchObject({ deduplicated: false });
});
