/** What the command says of a canary, and of a campaign that waits for a place. */
import { expect, test } from 'vitest';
import { createScene, fileWith, HEADER, listOf, patiently } from './scene.ts';

/** Each command is a process of its own, and there are many. */
const SLOW = 240_000;

async function openScene(environment: Record<string, string>) {
  const scene = await createScene({ latency: 20 });
  Object.assign(scene.env, environment);
  const send = async (campaign: string, rows: number, ...more: string[]) => {
    const file = await fileWith(HEADER + listOf(rows));
    const options = ['--template', 'promo', '--params', 'name', '--campaign', campaign, '--again'];
    expect(await scene.volley('send', file, ...options, ...more)).toMatchObject({ code: 0 });
  };
  const status = (id: string) => scene.json('status', id, '--json');
  return { ...scene, send, status };
}

test('resume says what it did to a canary', { timeout: SLOW }, async () => {
  const { volley, json, send, status, startWorker, sandbox } = await openScene({});
  await send('spring', 300, '--canary', '100');
  const resume = async (...more: string[]) => (await volley('resume', 'spring', ...more)).stdout;
  const under = 'its canary is under way, and the other 200 recipients wait for its end\n';
  expect(await resume()).toBe(`spring  it was not paused: ${under}`);
  await volley('pause', 'spring');
  expect(await resume('--yes')).toBe(`spring  resumed: ${under}`);
  expect(await status('spring')).toMatchObject({
    state: 'sending',
    canary: { recipients: 100, held: 200, over: false },
  });
  await startWorker();
  await expect.poll(async () => (await status('spring'))['state'], patiently).toBe('paused');
  expect((await volley('status', 'spring')).stdout).toMatch(
    /^spring {2}paused after its canary, 200 recipients waiting for volley resume spring\n/,
  );
  await volley('pause', 'spring');
  expect(await resume()).toBe(
    'spring  no longer paused: its canary is over; volley resume spring again sends to the other 200 recipients\n',
  );
  expect(sandbox.stats().texts).toBe(100);
  expect(await json('resume', 'spring', '--json')).toMatchObject({ changed: true, canary: null });
  await expect.poll(async () => (await status('spring'))['state'], patiently).toBe('finished');
  expect(sandbox.stats()).toMatchObject({ texts: 300, most_texts: 1 });
});

test('who waits for a place is told who has them', { timeout: SLOW }, async () => {
  const { volley, send, start, status, startWorker } = await openScene({
    VOLLEY_MAX_CAMPAIGNS: '1',
    // Slow enough to be under way still where the machine is slow, too.
    VOLLEY_RATE: '5',
  });
  await send('spring', 300);
  await startWorker();
  await send('summer', 5);
  await expect
    .poll(async () => (await status('summer'))['waits_for_place'], patiently)
    .toEqual({ held_by: ['spring'] });
  expect(await status('summer')).toMatchObject({ state: 'sending', eta_s: null });
  const words = 'it waits for a place: VOLLEY_MAX_CAMPAIGNS lets no more be sent at once (spring)';
  expect((await volley('status', 'summer')).stdout).toContain(`summer  sending, but ${words}\n`);
  expect((await volley('campaigns')).stdout).toContain(`\nsummer: ${words}\n`);
  const file = await fileWith(HEADER + listOf(5));
  const options = ['--template', 'promo', '--params', 'name', '--campaign', 'autumn', '--again'];
  const waiting = start('send', file, ...options, '--wait');
  await waiting.says(`autumn: waiting: ${words}`);
});
