import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/programs.ts';
import { createScene, HEADER, listOf, patiently } from './scene.ts';

/** Each command is a process of its own, and there are many. */
const SLOW = 240_000;

async function sceneWithCampaign() {
  const scene = await createScene();
  const file = join(await temporaryFolder(), 'spring.csv');
  await writeFile(file, HEADER + listOf(300));
  const options = ['--template', 'promo', '--params', 'name', '--campaign', 'spring'];
  const send = () => scene.volley('send', file, ...options);
  expect(await send()).toMatchObject({ code: 0 });
  return { ...scene, send };
}

test('pause, resume, cancel and forget say what they did', { timeout: SLOW }, async () => {
  const { volley, json, startWorker, sandbox, send } = await sceneWithCampaign();
  const waiting = '300 recipients waiting\n';
  expect(await volley('pause', 'spring')).toMatchObject({
    code: 0,
    stdout: `spring  paused: nothing further leaves until volley resume spring; ${waiting}`,
  });
  expect((await volley('pause', 'spring')).stdout).toBe(
    `spring  it was paused already; ${waiting}`,
  );
  await startWorker();
  expect((await volley('status', 'spring')).stdout).toMatch(/^spring {2}paused, 300 recipients/);
  expect(await json('resume', 'spring', '--json')).toMatchObject({
    campaign: 'spring',
    state: expect.stringMatching(/^(sending|finished)$/),
    changed: true,
  });
  await expect
    .poll(async () => (await json('status', 'spring', '--json'))['accepted'], patiently)
    .toBe(300);
  expect(sandbox.stats()).toMatchObject({ texts: 300, most_texts: 1 });

  expect(await volley('cancel', 'spring')).toMatchObject({
    code: 2,
    stderr:
      'volley: campaign spring: expected one to cancel; it is finished: nothing of it is left to send\n',
  });
  // Its last jobs may have a moment to go.
  await expect
    .poll(async () => (await volley('forget', 'spring')).stdout, patiently)
    .toMatch(/^spring {2}forgotten: 3 jobs removed, about \d+ kB of Redis freed\n$/);
  expect((await volley('forget', 'spring')).stdout).toMatch(/^spring {2}it was forgotten already/);
  expect((await volley('status', 'spring')).stdout).toContain('forgotten at ');
  expect(await volley('audit', 'spring')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('its jobs were forgotten at'),
  });
  expect((await send()).stdout).toContain('had been run before');
});

test('what was not sent is cancelled', { timeout: SLOW }, async () => {
  const { volley, json } = await sceneWithCampaign();
  expect((await volley('cancel', 'spring')).stdout).toBe(
    'spring  cancelled: 300 recipients cancelled, 0 accepted\n',
  );
  const again = await json('cancel', 'spring', '--yes', '--json');
  expect(again).toMatchObject({ state: 'cancelled', cancelled: 300, changed: false });
  expect(await volley('resume', 'spring')).toMatchObject({ code: 2, stdout: '' });
  expect(await volley('forget', 'spring')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('a running worker does that'),
  });
  for (const verb of ['pause', 'resume', 'cancel', 'forget']) {
    expect(await volley(verb, 'nothing')).toMatchObject({
      code: 2,
      stderr: 'volley: no campaign nothing; volley campaigns lists them\n',
    });
  }
});
