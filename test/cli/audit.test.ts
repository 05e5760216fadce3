import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aroundAll, describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/index.ts';
import { run, temporaryFolder, writeAll } from '../support/programs.ts';
import { connect, withPrefix } from '../support/redis.ts';
import { HEADER, listOf, type Scene, sceneWith, VOLLEY } from './scene.ts';

let scene: Scene;

/** 20 messages: one rejected, one shortfall, one exhausted, the rest accepted. */
aroundAll(async (runTests) => {
  const on_number = { '+6590000003': '3002', '+6590000004': 'partial', '+6590000005': '502' };
  await using sandbox = await startSandbox({ faults: { on_number } });
  await withPrefix(async (prefix) => {
    scene = sceneWith(sandbox, prefix);
    await sendAll(scene);
    await runTests();
  });
});

async function sendAll({ volley, env }: Scene): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'volley-audit-'));
  const worker = spawn(VOLLEY, ['worker'], { env, stdio: 'ignore' });
  const ended = once(worker, 'exit');
  try {
    await writeAll(folder, { 'list.csv': `${HEADER}${listOf(19)}+6590000019,"Zoë ""Z"", Jr"\n` });
    const args = ['--template', 'promo', '--params', 'name', '--campaign', 'spring', '--wait'];
    const sent = await volley('send', join(folder, 'list.csv'), ...args);
    expect(sent.code, sent.stderr).toBe(3);
  } finally {
    worker.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true });
  }
}

async function auditOf(...args: string[]): Promise<Record<string, unknown>[]> {
  const { code, stdout, stderr } = await scene.volley('audit', 'spring', ...args);
  expect(code, stderr).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe('volley audit', () => {
  test('prints a line a message, in the order of the list, and what was answered', async () => {
    const lines = await auditOf();
    expect(lines.map(({ to }) => to)).toEqual(
      Array.from({ length: 20 }, (_none, at) => [`+${6_590_000_000 + at}`]),
    );
    expect(lines[0]).toMatchObject({
      campaign: 'spring',
      message: 'spring-0000000.0',
      job: 'spring-0000000',
      state: 'accepted',
      template: 'promo',
      params: { name: 'Name 0' },
      plan_id: expect.stringMatching(/^\d{19}$/),
      total_count: 1,
      accepted_count: 1,
      http_status: 200,
      attempts: [{ outcome: 'accepted', http_status: 200 }],
    });
    expect(lines[5]).toMatchObject({
      state: 'exhausted',
      attempts: [{ outcome: 'retry' }, { outcome: 'retry' }, { outcome: 'retry' }],
    });
  });

  test('picks by state, code and number, however it is written', async () => {
    const of = async (...args: string[]) => (await auditOf(...args)).map(({ to }) => to);
    expect(await of('--state', 'rejected,shortfall')).toEqual([['+6590000003'], ['+6590000004']]);
    expect(await of('--code', '3002,5001')).toEqual([['+6590000003']]);
    expect(await of('--to', '65 9000 0007')).toEqual([['+6590000007']]);
    expect(await of('--to', '+6590000007', '--state', 'rejected')).toEqual([]);
  });

  test('writes CSV with the same columns for every campaign', async () => {
    const { stdout } = await scene.volley('audit', 'spring', '--format', 'csv');
    const [header = '', ...lines] = stdout.split('\r\n');
    expect(header).toBe(
      'campaign,message,job,state,to,opted_out,template,params,plan_id,message_id,task_id,' +
        'total_count,accepted_count,http_status,code,detail,attempts,last_at,last_ms,last_outcome,' +
        'last_http_status,last_code,last_message,last_note,replays,replayed_as,replayed_from,' +
        'enqueued_at,finished_at',
    );
    expect(lines).toHaveLength(21);
    expect(lines[5]).toMatch(/^spring,spring-0000000\.5,.*,exhausted,\+6590000005,,promo,/);
    expect(lines[19]).toContain(String.raw`"{""name"":""Zoë \""Z\"", Jr""}"`);
  });

  test('writes to a file that is whole, and says how much', async () => {
    const folder = await temporaryFolder();
    const args = ['audit', 'spring', '--out', join(folder, 'audit.ndjson')];
    expect(await scene.volley(...args)).toMatchObject({
      code: 0,
      stdout: '',
      stderr: `20 messages written to ${join(folder, 'audit.ndjson')}\n`,
    });
    const text = await readFile(join(folder, 'audit.ndjson'), 'utf8');
    expect(text.trimEnd().split('\n')).toHaveLength(20);
    expect(await readdir(folder)).toEqual(['audit.ndjson']);
  });

  test('leaves a file as it was where the audit cannot be written', async () => {
    const folder = await temporaryFolder();
    await writeAll(folder, { 'audit.ndjson': 'of yesterday' });
    const ended = await scene.volley('audit', 'nothing', '--out', join(folder, 'audit.ndjson'));
    expect(ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no campaign nothing'),
    });
    expect(await readFile(join(folder, 'audit.ndjson'), 'utf8')).toBe('of yesterday');
    expect(await readdir(folder)).toEqual(['audit.ndjson']);
  });

  test('ends quietly when its reader has read enough', async () => {
    const script = `'${VOLLEY}' audit spring | head -n 1; echo "and $?"`;
    const { stdout, stderr } = await run('/bin/sh', ['-c', script], { env: scene.env });
    expect(stdout.split('\n')).toHaveLength(3);
    expect(stderr).toBe('');
  });

  test.for([
    ['--state', 'sunk', '--state: expected some of pending, accepted'],
    ['--code', 'x', '--code: expected codes such as 5001,3002, got "x"'],
    ['--to', '12', '--to: expected a phone number'],
    ['--out', '/', '--out: expected a file that can be written, got /: a directory'],
  ] as const)('refuses %s %s', async ([option, value, message]) => {
    const ended = await scene.volley('audit', 'spring', option, value);
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });
});

describe('volley verify', () => {
  test('passes for counts that the jobs bear out', async () => {
    expect(await scene.json('verify', 'spring', '--json')).toEqual({
      campaign: 'spring',
      verified: true,
      jobs: 1,
      messages: 20,
      recipients: 20,
      gone: { jobs: 0, recipients: 0 },
      differences: [],
    });
  });

  test('fails for a count that was tampered with, and names it', async () => {
    const redis = connect();
    const { counts } = scene.keys.campaign('spring');
    await redis.hincrby(counts, 'accepted', 2);
    onTestFinished(async () => void (await redis.hincrby(counts, 'accepted', -2)));
    const json = await scene.volley('verify', 'spring', '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      verified: false,
      differences: [{ count: 'accepted', stored: 19, recounted: 17 }],
    });
    const { code, stdout } = await scene.volley('verify', 'spring');
    expect(code).toBe(1);
    expect(stdout).toMatch(/accepted +19 +17/);
  });
});

describe('volley status', () => {
  test('of a campaign prints exactly the documented keys', async () => {
    const status = await scene.json('status', 'spring', '--json');
    const keys =
      'campaign state rows invalid duplicate suppressed recipients pending accepted shortfall ' +
      'rejected exhausted unconfirmed expired cancelled opted_out capped lost codes jobs balanced valve eta_s ' +
      'memory_bytes forgotten_at start_at paused slowed origin account waits_for_origin canary waits_for_place ' +
      'replay_broken_off';
    expect(Object.keys(status).sort()).toEqual(keys.split(' ').sort());
    expect(status).toMatchObject({
      state: 'finished',
      recipients: 20,
      accepted: 17,
      rejected: 1,
      shortfall: 1,
      exhausted: 1,
      codes: { '3002': 1, http_502: 1 },
      jobs: { waiting: 0, delayed: 0, active: 0, completed: 0, failed: 1 },
      balanced: true,
      valve: [],
      eta_s: null,
    });
  });

  test('of the fleet prints exactly the documented keys', async () => {
    const worker = await scene.startWorker();
    const status = await scene.json('status', '--json');
    const keys = 'now valve rate recipient_rate sending_per_s workers notifications_held redis';
    expect(Object.keys(status)).toEqual(keys.split(' '));
    expect(status).toMatchObject({
      valve: [],
      rate: 5000,
      recipient_rate: null,
      workers: [{ in_flight: 0, seen_at: expect.any(Number), host: expect.any(String) }],
      redis: { version: expect.stringMatching(/^\d/), used_memory: expect.any(Number) },
    });
    worker.child.kill('SIGTERM');
    await worker.ended;
  });

  test('lists the campaigns', async () => {
    expect(await scene.json('campaigns', '--json')).toMatchObject({
      campaigns: [{ campaign: 'spring', state: 'finished', recipients: 20 }],
    });
    const { stdout } = await scene.volley('campaigns');
    expect(stdout).toMatch(
      /^campaign +state +recipients +accepted +not accepted +pending +created/,
    );
    expect(stdout).toMatch(/^spring +finished +20 +17 +3 +0 +\d{4}-/m);
  });

  test('is told that there is no such campaign', async () => {
    for (const command of ['status', 'audit', 'verify']) {
      expect(await scene.volley(command, 'other')).toMatchObject({
        code: 2,
        stdout: '',
        stderr: 'volley: no campaign other; volley campaigns lists them\n',
      });
    }
  });
});
