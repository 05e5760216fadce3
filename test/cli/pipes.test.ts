/** Lists that can be read only once, though they have a path. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { run, temporaryFolder } from '../support/programs.ts';
import { createScene, type Scene, VOLLEY } from './scene.ts';

const CSV = 'phone,name\n+6591234567,Ada\n+6598765432,Bob\n';

/** A command line of bash, in which `volley` is the command. */
function bash({ env }: Scene, line: string, ...args: string[]) {
  const script = `volley() { '${VOLLEY}' "$@"; }; ${line}`;
  return run('bash', ['-c', script, 'bash', ...args], { env });
}

async function listIn(content: string | Buffer, name = 'list.csv'): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, content);
  return path;
}

test('sends what a process substitution gives, read once', async () => {
  const scene = await createScene();
  const list = await listIn(CSV);
  const options = '--template promo --params name --json';
  const sent = await bash(scene, `volley send <(cat "$1") ${options} --campaign piped`, list);
  expect(sent.stderr).not.toContain('expected');
  expect(JSON.parse(sent.stdout)).toMatchObject({
    campaign: 'piped',
    rows: 2,
    recipients: 2,
    released: true,
  });

  const again = await bash(scene, `volley send <(cat "$1") ${options} --campaign piped`, list);
  expect(JSON.parse(again.stdout)).toMatchObject({ rows: 2, released: false });

  const other = await bash(scene, `volley send <(head -2 "$1") ${options} --campaign piped`, list);
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('another list')]);
});

test('wants an id for what can be read only once', async () => {
  const scene = await createScene();
  for (const more of ['', '--dry-run']) {
    const { code, stderr } = await bash(
      scene,
      `volley send <(echo phone) --template promo ${more}`,
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining('a pipe can be read only once')]);
  }
});

test.each([
  ['a CSV', CSV],
  ['a gzip', gzipSync(CSV)],
  ['UTF-16', Buffer.from(`\ufeff${CSV}`, 'utf16le')],
])('dry-runs %s out of a FIFO', async (_what, content) => {
  const scene = await createScene();
  const list = await listIn(content);
  const line =
    'mkfifo "$1.fifo"; cat "$1" > "$1.fifo" & volley send "$1.fifo" --template promo --params name --campaign fifo --dry-run --json';
  const { code, stdout, stderr } = await bash(scene, line, list);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ rows: 2, recipients: 2 });
});

test('tells the format of a FIFO by its ending', async () => {
  const scene = await createScene();
  const list = await listIn('{"to":"+6591234567"}\n{"to":"+6598765432"}\n');
  const line =
    'mkfifo "$1.ndjson"; cat "$1" > "$1.ndjson" & volley send "$1.ndjson" --template promo --campaign fifo --json';
  expect(JSON.parse((await bash(scene, line, list)).stdout)).toMatchObject({
    recipients: 2,
    released: true,
  });
});

test('leaves out the numbers of a pipe', async () => {
  const scene = await createScene();
  const list = await listIn(CSV);
  const line =
    'volley send "$1" --template promo --params name --exclude <(head -2 "$1") --dry-run --json';
  const { stdout, stderr } = await bash(scene, line, list);
  expect(JSON.parse(stdout), stderr).toMatchObject({ rows: 2, suppressed: 1, recipients: 1 });
});

test('imports opt-outs out of a pipe and a FIFO, with a header or without', async () => {
  const scene = await createScene();
  const list = await listIn(CSV);
  const imported = await bash(scene, 'volley suppress import <(cat "$1") --json', list);
  expect(JSON.parse(imported.stdout), imported.stderr).toMatchObject({
    rows: 2,
    invalid: 0,
    added: 2,
    count: 2,
  });
  const line =
    'mkfifo "$1.fifo"; printf "+6590000001\\n65 9000 0002" > "$1.fifo" & volley suppress import "$1.fifo" --json';
  const { stdout } = await bash(scene, line, list);
  expect(JSON.parse(stdout)).toMatchObject({ rows: 2, invalid: 0, added: 2, count: 4 });
});

test.each([
  ['gzip', gzipSync('+6590000001\r\n+6590000002\r\n')],
  ['UTF-16', Buffer.from('\ufeff+6590000001\r\n+6590000002\r\n', 'utf16le')],
  ['a JSON array', Buffer.from('[{"to":"+6590000001"},\n{"to":"+6590000002"}]')],
])('imports opt-outs that are %s', async (_what, content) => {
  const { json } = await createScene();
  const list = await listIn(content, 'numbers');
  expect(await json('suppress', 'import', list, '--json')).toMatchObject({
    rows: 2,
    invalid: 0,
    added: 2,
    count: 2,
  });
});

test('sends a list in an encoding by its name, without a list in another', async () => {
  const { json, volley } = await createScene();
  const list = await listIn(
    Buffer.from('phone,name\n+6591234567,José\n+6598765432,Zoë\n', 'latin1'),
    'a.csv',
  );
  const args = ['send', list, '--template', 'promo', '--params', 'name', '--dry-run'];
  const { code, stderr } = await volley(...args);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining('read it with --encoding windows-1252'),
  ]);
  const options = ['--encoding', 'windows-1252', '--json'];
  expect(await json(...args, ...options)).toMatchObject({ rows: 2, recipients: 2 });
  const opted = await listIn(
    Buffer.from('phone,ville\n+6598765432,Orléans\n', 'latin1'),
    'opted.csv',
  );
  expect(await json(...args, ...options, '--exclude', opted)).toMatchObject({ recipients: 1 });
  const utf8 = await listIn(
    'phone,ville\n+6598765432,Orléans Évry Besançon Nîmes Saint-Étienne\n',
    'utf8.csv',
  );
  expect(await json(...args, ...options, '--exclude', utf8)).toMatchObject({ recipients: 1 });
  const suppress = ['suppress', 'import', opted, '--encoding', 'windows-1252', '--json'];
  expect(await json(...suppress)).toMatchObject({ added: 1 });
});
