/** A misspelt setting is told by whatever reads settings: once, without a value, and it stops nothing. */
import { expect, test } from 'vitest';
import { run } from '../support/programs.ts';
import { createScene, fileWith, HEADER, listOf, startVolley, VOLLEY } from './scene.ts';

const STRANGE = { VOLLEY_RATES: '80', ENGAGELAB_SECRET: 'hidden', VOLLEY_COLOUR: 'red' };
const WORDS = [
  'warning: ENGAGELAB_SECRET is no setting; did you mean ENGAGELAB_DEV_SECRET?',
  'warning: VOLLEY_COLOUR is no setting; volley worker --help lists them',
  'warning: VOLLEY_RATES is no setting; did you mean VOLLEY_RATE?',
];

test('it is warned of once on standard error', async () => {
  const scene = await createScene();
  const list = await fileWith(HEADER + listOf(3));
  const env = { ...scene.env, ...STRANGE };
  const send = ['send', list, '--template', 'promo', '--params', 'name', '--json'];
  for (const args of [['status', '--json'], [...send, '--dry-run'], send]) {
    const { code, stdout, stderr } = await run(VOLLEY, args, { env });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toBeTypeOf('object');
    expect(stderr.split('\n').filter((line) => line.includes('no setting'))).toEqual(WORDS);
    expect(stderr).not.toMatch(/hidden|red\b|=80/);
  }
  expect(await run(VOLLEY, ['completion', 'fish'], { env })).toMatchObject({ stderr: '' });
});

test('a worker has it in its log', async () => {
  const scene = await createScene();
  const worker = startVolley(['worker'], { ...scene.env, ...STRANGE });
  await worker.says('worker started');
  const { stderr } = worker.output();
  const lines = stderr.split('\n').filter((line) => line.includes('no setting'));
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(
    WORDS.map((words) => words.replace('warning: ', '')),
  );
  expect(stderr).not.toContain('hidden');
});

test('it is told beside what is missing for it', async () => {
  const scene = await createScene();
  const { ENGAGELAB_DEV_SECRET: secret, ...env } = scene.env;
  const wrong = { ...env, ENGAGELAB_DEVSECRET: secret, VOLLEY_CONCURRENCY: 'many' };
  const { code, stderr } = await run(VOLLEY, ['worker'], { env: wrong });
  expect(code).toBe(2);
  expect(stderr).toContain('ENGAGELAB_DEVSECRET is no setting; did you mean ENGAGELAB_DEV_SECRET?');
  expect(stderr).toContain('VOLLEY_CONCURRENCY: expected');
});
