/** What the command says where a campaign waits for a person: after a halt, and at its canary's end. */
import { expect, test } from 'vitest';
import { campaignStatus } from '../../src/producer/report/status.ts';
import { connect } from '../support/redis.ts';
import { createScene, fileWith, HEADER, listOf } from './scene.ts';

/** Each command is a process of its own, and there are many. */
const SLOW = 240_000;

test('where a person is needed, --wait ends with 3 and says for what', {
  timeout: SLOW,
}, async () => {
  const scene = await createScene({ latency: 10, rates: { '4001': 1 } });
  Object.assign(scene.env, { VOLLEY_CONCURRENCY: '2' });
  const { volley, sandbox, startWorker, keys } = scene;
  await startWorker();
  const file = await fileWith(HEADER + listOf(100));
  const send = (campaign: string, ...more: string[]) =>
    volley(
      ...['send', file, '--template', 'promo', '--params', 'name', '--again', '--wait'],
      ...['--campaign', campaign, ...more],
    );

  const halted = await send('spring', '--halt-after', '5');
  const why =
    '5 messages in a row refused with 4001, none accepted between; EngageLab said: template not found. ';
  expect(halted.code).toBe(3);
  expect(halted.stdout).toMatch(
    /^spring {2}paused by itself, \d+ recipients waiting for volley resume spring$/m,
  );
  expect(halted.stdout).toContain(`\n  ${why}`);
  expect((await volley('campaigns')).stdout).toContain(`\nspring: ${why}`);
  const statusOf = () => campaignStatus(connect(), keys, 'spring');
  const status = await statusOf();
  expect(status).toMatchObject({
    state: 'paused',
    paused: { by: 'halt', since: expect.any(Number), why: expect.stringContaining(why) },
  });
  expect(status.rejected).toBeLessThanOrEqual(7);

  sandbox.setFaults({ rates: {} });
  expect((await volley('resume', 'spring')).stdout).toMatch(
    /^spring {2}resumed: sending, \d+ recipients pending; it does not stop for 4001 again\n$/,
  );
  const accepted = async () => (await statusOf()).accepted;
  await expect.poll(accepted, { timeout: 60_000, interval: 100 }).toBe(100 - status.rejected);

  const canary = await send('summer', '--canary', '10');
  expect(canary.code).toBe(3);
  expect(canary.stdout).toMatch(/^summer {2}paused after its canary, 90 recipients waiting/m);
});

test('--halt-after 0 is refused', async () => {
  const { volley } = await createScene();
  const file = await fileWith(HEADER + listOf(1));
  expect(await volley('send', file, '--template', 'promo', '--halt-after', '0')).toMatchObject({
    code: 2,
    stderr: `volley: --halt-after: expected a whole number from 1 to 1000000, or never, got "0"\n`,
  });
});

test('the dry run says when it halts, where that was said', async () => {
  const { volley } = await createScene();
  const file = await fileWith(HEADER + listOf(1));
  const dry = async (...more: string[]) => {
    const args = ['--template', 'promo', '--params', 'name', '--dry-run'];
    return (await volley('send', file, ...args, ...more)).stdout;
  };
  const [plain, never] = await Promise.all([dry(), dry('--halt-after', 'never')]);
  expect(plain).not.toContain('halts');
  expect(never).toMatch(/^ +halts +never, whatever is refused$/m);
});
