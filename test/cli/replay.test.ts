/** `volley replay`, and the audit that leads to it and tells of it, as real commands. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { temporaryFolder, writeAll } from '../support/programs.ts';
import { createScene, HEADER, listOf, patiently, type Scene } from './scene.ts';

const FAULTS = {
  '+6590000003': '5001',
  '+6590000004': '4001',
  '+6590000005': 'close-after',
  '+6590000006': '3003',
};

/** A campaign of ten, of which four were not accepted; the worker goes on. */
async function sendSpring(): Promise<Scene & { folder: string }> {
  const scene = await createScene({ on_number: FAULTS });
  const folder = await temporaryFolder();
  await writeAll(folder, { 'list.csv': `${HEADER}${listOf(9)}+6590000009,"Zoë ""Z"", Jr"\n` });
  await scene.startWorker();
  const args = ['--template', 'promo', '--params', 'name', '--campaign', 'spring', '--wait'];
  const sent = await scene.volley('send', join(folder, 'list.csv'), ...args);
  expect(sent.code, sent.stderr).toBe(3);
  return { ...scene, folder };
}

async function accepted(scene: Scene, campaign: string, count: number): Promise<void> {
  const look = async () => (await scene.json('status', campaign, '--json'))['accepted'];
  await expect.poll(look, patiently).toBe(count);
}

test('prints the plan, replays what is safe, and says what it left', async () => {
  const scene = await sendSpring();
  const plan = await scene.json('replay', 'spring', '--dry-run', '--json');
  expect(plan).toEqual({
    campaign: 'spring',
    dry_run: true,
    chapter: null,
    planned: { messages: 1, recipients: 1 },
    replayed: null,
    busy: 0,
    changed: 0,
    gone: 0,
    groups: [
      ['rejected', '5001', 'send failed', 'safe', 1, '+65****0003'],
      ['unconfirmed', 'no_reply', expect.any(String), 'may_double', 0, '+65****0005'],
      ['rejected', '4001', 'template not found', 'pointless', 0, '+65****0004'],
      ['rejected', '3003', 'business rule', 'pointless', 0, '+65****0006'],
    ].map(([state, code, detail, label, chosen, example]) => {
      const counts = { messages: 1, recipients: 1, chosen, examples: [example] };
      return { state, code, detail, label, ...counts };
    }),
  });
  const shown = await scene.volley('replay', 'spring', '--dry-run');
  expect(shown.stdout).toMatch(/^spring {2}1 message to 1 recipient chosen$/m);
  expect(shown.stdout).toMatch(/^ +safe +rejected +5001 +1 +1 +1 +\+65\*{4}0003 +send failed$/m);
  expect(shown.stdout).toMatch(/may double: .*--may-double/);
  expect(shown.stdout).toMatch(/pointless: .*--template/);

  scene.sandbox.setFaults({ on_number: {} });
  const done = await scene.volley('replay', 'spring', '--yes');
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(done.stdout).toContain('replayed 1 message to 1 recipient, chapter 2');
  await accepted(scene, 'spring', 7);
  const json = ['replay', 'spring', '--code', '4001,3003', '--param', 'name=Friend', '--json'];
  expect(await scene.json(...json)).toMatchObject({
    chapter: 3,
    planned: { messages: 2, recipients: 2 },
    replayed: { messages: 2, recipients: 2 },
  });
  await accepted(scene, 'spring', 9);
  expect(scene.sandbox.textsTo('+6590000004')).toMatchObject({ count: 1 });
  expect(scene.sandbox.stats()).toMatchObject({ texts: 10, most_texts: 1 });
  const nothing = await scene.volley('replay', 'spring', '--state', 'rejected');
  expect(nothing).toMatchObject({ code: 0 });
  expect(nothing.stdout).toContain('nothing was chosen, so nothing was replayed');
  expect(await scene.json('verify', 'spring', '--json')).toMatchObject({ verified: true });
});

test('what failed goes out as a list and in again, with the same params', async () => {
  const scene = await sendSpring();
  const { folder } = scene;
  const again = join(folder, 'again.csv');
  const choice = ['--state', 'rejected,unconfirmed', '--format', 'list'];
  const written = await scene.volley('audit', 'spring', ...choice, '--out', again);
  expect(written.stderr).toBe(
    `4 rows written to ${again}; to send it again: volley send '${again}' --template promo --params name\n`,
  );
  expect(await readFile(again, 'utf8')).toBe(
    'phone,name\r\n+6590000003,Name 3\r\n+6590000004,Name 4\r\n+6590000005,Name 5\r\n+6590000006,Name 6\r\n',
  );
  const all = ['--state', 'accepted', '--format', 'list', '--out', join(folder, 'all.ndjson')];
  await scene.volley('audit', 'spring', ...all);
  expect(await readFile(join(folder, 'all.ndjson'), 'utf8')).toContain(
    `{"to":"+6590000009","params":{"name":"Zoë \\"Z\\", Jr"}}\n`,
  );

  scene.sandbox.setFaults({ on_number: {} });
  for (const [campaign, file, rows] of [
    ['again', again, 4],
    ['all', join(folder, 'all.ndjson'), 6],
  ] as const) {
    const args = ['--template', 'promo', '--params', 'name', '--campaign', campaign];
    // One who is unconfirmed may have been texted, and the accepted were.
    expect(await scene.volley('send', file, ...args)).toMatchObject({ code: 2 });
    await scene.json('send', file, ...args, '--again', '--json');
    await accepted(scene, campaign, rows);
  }
  expect((await scene.volley('audit', 'again', '--to', '+6590000004')).stdout).toContain(
    '"params":{"name":"Name 4"}',
  );

  // All that was ever sent to one person, the oldest first.
  const found = await scene.volley('audit', '--to', '+65 9000 0005');
  const lines = found.stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { campaign: 'spring', state: 'unconfirmed', attempts: [{ outcome: 'unconfirmed' }] },
    { campaign: 'again', state: 'accepted', attempts: [{ outcome: 'accepted' }] },
  ]);
});

test('the audit is gzip where its file ends so', async () => {
  const scene = await sendSpring();
  const file = join(scene.folder, 'audit.csv.gz');
  const { stderr } = await scene.volley('audit', 'spring', '--format', 'csv', '--out', file);
  expect(stderr).toBe(`10 messages written to ${file}\n`);
  const plain = await scene.volley('audit', 'spring', '--format', 'csv');
  expect(gunzipSync(await readFile(file)).toString()).toBe(plain.stdout);
});

test('refuses what makes no sense, with what was expected', async () => {
  const scene = await createScene();
  for (const [args, message] of [
    [['replay', 'spring'], 'no campaign spring'],
    [['replay', 'spring', '--state', 'accepted'], '--state: expected some of shortfall, rejected'],
    [['replay', 'spring', '--code', 'x'], '--code: expected codes such as 5001,http_502'],
    [['replay', 'spring', '--split', '0'], '--split: expected a whole number from 1'],
    [['replay', 'spring', '--not-after', '2020-01-01T00:00:00Z'], 'expected a time to come'],
    [['replay', 'notifications'], 'notifications are not replayed'],
    [['audit'], 'expected the id of a campaign, or --to NUMBER'],
    [['audit', 'spring', '--format', 'list'], 'expected --state or --code'],
  ] as const) {
    expect(await scene.volley(...args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  }
});
