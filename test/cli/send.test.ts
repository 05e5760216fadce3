// Longer than 250 lines, because it is a list of cases, each of which is read on its own.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCounts } from '../../src/shared/campaign/campaign.ts';
import { temporaryFolder, writeAll } from '../support/programs.ts';
import { connect } from '../support/redis.ts';
import { createScene, fileWith, HEADER, listOf, patiently } from './scene.ts';

test('sends a CSV and waits for its end: each number once, with its own params', async () => {
  const { sandbox, json, startWorker } = await createScene();
  const file = await fileWith(HEADER + listOf(1500));
  await startWorker();
  const args = ['--template', 'promo', '--params', 'name', '--campaign', 'spring'];

  const sent = await json('send', file, ...args, '--wait', '--json');

  expect(sent).toMatchObject({
    campaign: 'spring',
    rows: 1500,
    invalid: 0,
    duplicate: 0,
    suppressed: 0,
    recipients: 1500,
    messages: 1500,
    jobs: 15,
    released: true,
    status: { state: 'finished', accepted: 1500, pending: 0, balanced: true },
  });
  expect(sandbox.stats()).toMatchObject({ texts: 1500, numbers: 1500, most_texts: 1 });
  expect(sandbox.textsTo('+6590000777')).toMatchObject({
    template: 'promo',
    params: { name: 'Name 777' },
  });
});

test('prints exactly the documented keys', async () => {
  const { json } = await createScene();
  const file = await fileWith(HEADER + listOf(3));
  const sent = await json('send', file, '--template', 'promo', '--params', 'name', '--json');
  const keys = 'campaign rows invalid duplicate suppressed recipients blank messages jobs released';
  expect(Object.keys(sent)).toEqual(keys.split(' '));
  expect(sent['campaign']).toMatch(/^list-[0-9a-f]{8}$/);
});

test('sends NDJSON, and constants, in messages by equal params', async () => {
  const { sandbox, json, startWorker } = await createScene();
  const rows = [1, 2, 3, 4, 5].map((at) => ({ to: `+659000000${at}`, params: { name: 'all' } }));
  const file = await fileWith(
    rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    'list.ndjson',
  );
  await startWorker();
  const options = ['--template', 'promo', '--param', 'shop=East=1', '--batch-size', '2'];
  const sent = await json('send', file, ...options, '--wait', '--json');
  expect(sent).toMatchObject({ recipients: 5, messages: 3 });
  expect(sandbox.textsTo('+6590000005')?.params).toEqual({ name: 'all', shop: 'East=1' });
});

test('sends standard input', async () => {
  const { sandbox, start, startWorker } = await createScene();
  await startWorker();
  const args = ['--campaign', 'piped', '--template', 'promo', '--params', 'name'];
  const send = start('send', '-', ...args, '--wait');
  send.child.stdin?.end(HEADER + listOf(40));
  expect(await send.ended).toBe(0);
  expect(sandbox.stats()).toMatchObject({ texts: 40, most_texts: 1 });
});

test('exits 3 when some recipients were not accepted', async () => {
  const { volley, startWorker } = await createScene({ on_number: { '+6590000003': '3002' } });
  const file = await fileWith(HEADER + listOf(10));
  await startWorker();
  const args = ['--template', 'promo', '--params', 'name', '--wait', '--json'];
  const { code, stdout } = await volley('send', file, ...args);
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    status: { accepted: 9, rejected: 1, codes: { '3002': 1 } },
  });
});

test('run again it enqueues nothing, says so, and leaves the rejects of the first run', async () => {
  const { volley, json } = await createScene();
  const file = await fileWith(`${HEADER}${listOf(20)}12,Bad\n`);
  const rejects = join(await temporaryFolder(), 'bad.csv');
  const command = ['send', file, '--template', 'promo', '--params', 'name', '--rejects', rejects];
  const first = await json(...command, '--json');

  const again = await volley(...command);

  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing was enqueued') });
  expect(await json(...command, '--json')).toEqual({ ...first, released: false });
  expect(await readFile(rejects, 'utf8')).toMatch(/^line,reason,detail,row\r\n22,bad_number,/);
});

test('refuses a changed list under the same id', async () => {
  const { volley } = await createScene();
  const args = ['--template', 'promo', '--params', 'name', '--campaign', 'spring'];
  await volley('send', await fileWith(HEADER + listOf(20)), ...args);
  const changed = await volley('send', await fileWith(HEADER + listOf(21)), ...args);
  expect(changed).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('volley: campaign spring: it was sent before with another'),
  });
});

test('refuses a second send at work on the same id', async () => {
  const { keys, start, volley } = await createScene();
  const redis = connect();
  const args = ['--template', 'promo', '--params', 'name', '--campaign', 'spring'];
  const first = start('send', '-', ...args);
  first.child.stdin?.write(HEADER + listOf(20));
  await expect.poll(() => redis.exists(keys.campaign('spring').lease), patiently).toBe(1);

  const second = await volley('send', await fileWith(HEADER + listOf(20)), ...args);

  expect(second).toMatchObject({ code: 2, stderr: expect.stringContaining('another send is at') });
  first.child.stdin?.end();
  expect(await first.ended).toBe(0);
});

test('stopped while it waits for another send, it leaves what that one laid and says no more', async () => {
  const { keys, start } = await createScene();
  const redis = connect();
  const args = ['--template', 'promo', '--params', 'name', '--campaign', 'spring'];
  const { lease, campaign } = keys.campaign('spring');
  await redis.set(lease, 'another', 'PX', 60_000);
  await redis.hset(campaign, 'phase', 'enqueuing');
  const waiting = start('send', await fileWith(HEADER + listOf(20)), ...args);
  await waiting.says('another send holds this id');

  waiting.child.kill('SIGINT');

  expect(await waiting.ended).toBe(1);
  const { stderr } = waiting.output();
  expect(stderr).toContain('volley: stopped: nothing was sent, nothing it had laid is left');
  expect(stderr).not.toContain('was cleared');
  expect(await redis.hget(campaign, 'phase')).toBe('enqueuing');
});

test.for(['SIGINT', 'SIGTERM'] as const)(
  'clears what it laid on %s, and the same command then sends all',
  async (signal) => {
    const { keys, sandbox, start, startWorker } = await createScene();
    const redis = connect();
    await startWorker();
    const args = ['--template', 'promo', '--params', 'name', '--campaign', 'spring'];
    const stopped = start('send', '-', ...args);
    stopped.child.stdin?.write(HEADER + listOf(60_000));
    await expect
      .poll(async () => (await readCounts(redis, keys, 'spring')).rows, patiently)
      .toBeGreaterThan(0);

    stopped.child.kill(signal);

    expect(await stopped.ended).toBe(1);
    expect(stopped.output()).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('volley: stopped: nothing was sent'),
    });
    expect(sandbox.stats().requests).toBe(0);
    expect(await redis.keys(`${keys.prefix}*spring*`)).toEqual([]);

    const again = start('send', '-', ...args, '--wait');
    again.child.stdin?.end(HEADER + listOf(500));
    expect(await again.ended).toBe(0);
    expect(sandbox.stats()).toMatchObject({ texts: 500, most_texts: 1 });
  },
);

test('shows invalid rows masked, and writes them in full to the rejects', async () => {
  const { volley } = await createScene();
  const bad = '+659123456789012,Ada\n+6590000100,\n+6590000101,a,b\n';
  const file = await fileWith(`${HEADER}${listOf(10)}${bad}`);
  const rejects = join(await temporaryFolder(), 'bad.csv');
  const args = ['--template', 'promo', '--params', 'name', '--max-invalid', '50%'];

  const sent = await volley('send', file, ...args, '--rejects', rejects);

  expect(sent.code).toBe(0);
  expect(sent.stderr).toContain('1 row without a usable number (bad_number)\n  line 12: ');
  expect(sent.stderr).toContain('1 row without one of the params (missing_param)\n  line 13: ');
  expect(sent.stderr).toContain('(wrong_cells)\n  line 14: expected 2 cells, got 3');
  expect(sent.stderr).not.toContain('9123456789012');
  const [, first, second, third] = (await readFile(rejects, 'utf8')).split('\r\n');
  expect(first).toMatch(/^12,bad_number,.*,"\+659123456789012,Ada"$/);
  expect(second).toMatch(/^13,missing_param,.*,"\+6590000100,"$/);
  expect(third).toMatch(/^14,wrong_cells,.*,"\+6590000101,a,b"$/);
});

test('keeps the rejects of a list with too many invalid rows', async () => {
  const { volley } = await createScene();
  const file = await fileWith(`${HEADER}${listOf(2)}12,x\n`);
  const rejects = join(await temporaryFolder(), 'bad.csv');
  const args = ['--template', 'promo', '--params', 'name', '--rejects', rejects];
  expect(await volley('send', file, ...args)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      '1 of 3 rows are invalid (1 bad_number), expected at most 10 %',
    ),
  });
  expect(await readFile(rejects, 'utf8')).toContain('4,bad_number,');
});

test('writes the header of the rejects where no row is invalid', async () => {
  const { volley } = await createScene();
  const file = await fileWith(HEADER + listOf(2));
  const rejects = join(await temporaryFolder(), 'bad.csv');
  await writeAll(join(rejects, '..'), { 'bad.csv': 'of an earlier list' });
  await volley('send', file, '--template', 'promo', '--params', 'name', '--rejects', rejects);
  expect(await readFile(rejects, 'utf8')).toBe('line,reason,detail,row\r\n');
});

test('warns that no worker is running', async () => {
  const { volley } = await createScene();
  const file = await fileWith(HEADER + listOf(2));
  const args = ['--template', 'promo', '--params', 'name', '--campaign', 'spring', '--yes'];
  expect(await volley('send', file, ...args)).toMatchObject({
    code: 0,
    stderr:
      'warning: no worker is running, so nothing of spring is sent; start one: volley worker\n',
  });
});

test('while it waits it says why nothing moves, and Ctrl-C leaves the campaign as it is', async () => {
  const { start, json, startWorker, sandbox } = await createScene();
  const file = await fileWith(HEADER + listOf(30));
  const args = ['--template', 'promo', '--params', 'name', '--campaign', 'spring', '--wait'];
  const waiting = start('send', file, ...args);
  await waiting.says('spring: waiting: no worker is running; start one: volley worker');

  waiting.child.kill('SIGINT');

  expect(await waiting.ended).toBe(1);
  expect(waiting.output().stderr).toContain('campaign spring goes on without this command');
  expect(await json('status', 'spring', '--json')).toMatchObject({ state: 'sending', pending: 30 });
  await startWorker();
  expect(await json('send', file, ...args, '--json')).toMatchObject({
    released: false,
    status: { state: 'finished', accepted: 30 },
  });
  expect(sandbox.stats()).toMatchObject({ texts: 30, most_texts: 1 });
});

test('while it waits it says when a scheduled campaign starts', async () => {
  const { start, json } = await createScene();
  const file = await fileWith(HEADER + listOf(3));
  const args = ['--template', 'promo', '--params', 'name', '--campaign', 'later'];
  const startAt = new Date(Date.now() + 3_600_000).toISOString();
  const waiting = start('send', file, ...args, '--start-at', startAt, '--wait');
  await waiting.says(`later: waiting: it starts at ${startAt.slice(0, 10)}`);
  expect(await json('status', 'later', '--json')).toMatchObject({ state: 'scheduled' });
});
