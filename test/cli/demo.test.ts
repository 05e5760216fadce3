import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { run, temporaryFolder } from '../support/programs.ts';
import { searchPath } from '../support/redis.ts';
import { patiently, startVolley, VOLLEY } from './scene.ts';

test('accounts for every row, texts nobody twice, reads no setting and leaves nothing behind', async () => {
  const folder = await temporaryFolder();
  const env = {
    PATH: searchPath,
    TMPDIR: folder,
    REDIS_URL: 'redis://127.0.0.1:1',
    VOLLEY_RATE: 'not a rate',
    ENGAGELAB_BASE_URL: 'http://127.0.0.1:1',
  };

  const { code, stdout, stderr } = await run(VOLLEY, ['demo', '--json'], { env });

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const demo = JSON.parse(stdout);
  expect(demo).toMatchObject({
    ok: true,
    problems: [],
    send: { rows: 10_000, released: true },
    status: { state: 'finished', pending: 0, balanced: true, valve: [] },
    verify: { verified: true, differences: [] },
    sandbox: { most_texts: 1, texted_again: 0 },
  });
  expect(demo.send.invalid).toBeGreaterThan(0);
  expect(demo.send.duplicate).toBeGreaterThan(0);
  for (const state of ['accepted', 'shortfall', 'rejected', 'exhausted', 'unconfirmed'])
    expect(demo.status[state], state).toBeGreaterThan(0);
  expect(await readdir(folder)).toEqual([]);
});

test('ends all it started on Ctrl-C', async () => {
  const folder = await temporaryFolder();
  const demo = startVolley(['demo'], { PATH: searchPath, TMPDIR: folder });
  await expect.poll(() => demo.output().stdout, patiently).toContain('one worker');

  demo.child.kill('SIGINT');

  expect(await demo.ended).toBe(1);
  expect(demo.output().stderr).toContain('volley: stopped; all that ran is ended');
  expect(await readdir(folder)).toEqual([]);
});
