import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createScene } from './scene.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'volley-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('adds, checks, counts and removes numbers, however they are written', async () => {
  const { json } = await createScene();
  expect(await json('suppress', 'count', '--json')).toEqual({ count: 0 });
  const given = ['+6591234567', '65 9123 4567', '+6598765432'];
  expect(await json('suppress', 'add', ...given, '--json', '--yes')).toEqual({
    ...{ numbers: 2, added: 2, count: 2 },
  });
  expect(
    await json('suppress', 'check', '9123-4567', '9000 0000', '--country', 'SG', '--json'),
  ).toEqual({
    suppressed: 1,
    numbers: [
      { to: '+6591234567', suppressed: true },
      { to: '+6590000000', suppressed: false },
    ],
  });
  expect(await json('suppress', 'remove', '+6591234567', '+6590000000', '--json')).toEqual({
    ...{ numbers: 2, removed: 1, count: 1 },
  });
});

test('changes nothing where one number is none', async () => {
  const { volley, json } = await createScene();
  const { code, stderr } = await volley('suppress', 'add', '+6591234567', 'nobody');
  expect([code, stderr]).toEqual([2, expect.stringContaining('number 2: expected a phone number')]);
  expect(await json('suppress', 'count', '--json')).toEqual({ count: 0 });
  expect(await volley('suppress')).toMatchObject({ code: 2 });
  expect(await volley('suppress', 'add')).toMatchObject({ code: 2 });
});

test('imports what can be used of a file, and tells the rest', async () => {
  const { volley, json } = await createScene();
  const path = await folder();
  const list = join(path, 'list.csv');
  const rejects = join(path, 'rejects.csv');
  await writeFile(list, 'name,phone\nAda,+6591234567\nBob,0\nCy,+6598765432\nAda,+6591234567\n');
  const { code, stdout, stderr } = await volley(
    ...['suppress', 'import', list, '--rejects', rejects, '--json'],
  );
  expect(JSON.parse(stdout)).toEqual({
    ...{ rows: 4, invalid: 1, partly: 0, blank: 0, numbers: 3, elsewhere: 0, added: 2, count: 2 },
  });
  expect([code, stderr]).toEqual([3, expect.stringContaining('line 3:')]);
  expect(await readFile(rejects, 'utf8')).toMatch(/^line,.*\r\n3,bad_number,.*"Bob,0"\r\n$/);

  const rest = join(path, 'rest.ndjson');
  await writeFile(rest, '{"to":"+6590000001"}\n{"to":"+6590000002","params":{"name":"Di"}}\n');
  expect(await json('suppress', 'import', rest, '--json')).toMatchObject({ added: 2, count: 4 });
  expect(await volley('suppress', 'import', join(path, 'none.csv'))).toMatchObject({ code: 2 });
});

test('imports bare numbers without a header, with a mark at their beginning', async () => {
  const { start, volley, json } = await createScene();
  const list = join(await folder(), 'numbers');
  await writeFile(list, '\ufeff+65 9123 4567\r\nnobody\r\n"6598765432"\r\n');
  const { code, stdout, stderr } = await volley('suppress', 'import', list, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ rows: 3, invalid: 1, added: 2, count: 2 });
  expect([code, stderr]).toEqual([3, expect.stringContaining('line 2:')]);

  const piped = start('suppress', 'import', '-', '--country', 'SG');
  piped.child.stdin?.end('90000001\n90000002');
  expect(await piped.ended).toBe(0);
  expect(await json('suppress', 'count', '--json')).toEqual({ count: 4 });
});

test('a row that names a number never drops out for its other cells', async () => {
  const { volley, json } = await createScene();
  const path = await folder();
  const list = join(path, 'ragged.csv');
  await writeFile(list, 'phone,reason\n+6591234808,STOP\n+6591234809\n+6591234810,STOP,\n');
  const ragged = await volley('suppress', 'import', list);
  expect([ragged.code, ragged.stdout]).toEqual([0, expect.stringMatching(/^3 rows: 3 numbers/)]);

  const rejects = join(path, 'rejects.csv');
  const bytes = Buffer.from('phone,name\n+6591234811,Andr\xe9\n"+6591234812, 12",x\nz\n', 'latin1');
  await writeFile(list, bytes);
  const foreign = await volley('suppress', 'import', list, '--rejects', rejects);
  expect(foreign.code).toBe(3);
  expect(foreign.stdout).toMatch(/^3 rows: 2 numbers added, 1 row read only in part, 1 invalid\./);
  expect(foreign.stderr).toMatch(/\(part_unread\)\n {2}line 3: .*\n.*\(bad_number\)\n {2}line 4: /);
  expect(foreign.stderr).not.toContain('91234812');
  expect(await readFile(rejects, 'utf8')).toMatch(/\r\n3,part_unread,.*\r\n4,bad_number,.*\r\n$/);
  expect(await json('suppress', 'count', '--json')).toEqual({ count: 5 });
});

test('reads a list by the options it was given', async () => {
  const { volley } = await createScene();
  const list = join(await folder(), 'list.csv');
  await writeFile(list, '+6591234567\nphone,mobile\n91234568,98765432\n');
  const options = ['--country', 'SG', '--header-row', '2', '--phone-column', 'mobile', '--json'];
  const { code, stdout } = await volley('suppress', 'import', list, ...options);
  expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ rows: 1, count: 1 })]);
  const none = await volley('suppress', 'import', list, '--phone-column', 'fax');
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('expected a column "fax"')]);
});

test('leaves out every number of --exclude, and tells what could not be read of it', async () => {
  const { volley } = await createScene();
  const path = await folder();
  const list = join(path, 'list.csv');
  const before = join(path, 'before.csv');
  await writeFile(list, 'handy\n+6591234567\n+6598765432\n+6590000001\n+6590000002\n');
  await writeFile(before, 'phone,x\n"+6591234567; +6598765432"\n+6590000001,a,b\nnobody,\n');
  const send = ['send', list, '--template', 'promo', '--phone-column', 'handy'];
  const { code, stdout, stderr } = await volley(...send, '--exclude', before, '--json');
  expect([code, JSON.parse(stdout)]).toEqual([
    ...[0, expect.objectContaining({ rows: 4, suppressed: 3, recipients: 1 })],
  ]);
  expect(stderr).toMatch(/1 row of 3 without a usable number\n {2}line 4: /);

  await writeFile(before, '+6591234567\n+6598765432 +6590000001\n');
  const bare = await volley(
    ...send,
    '--campaign',
    'bare',
    '--exclude',
    before,
    '--json',
    '--again',
  );
  expect(JSON.parse(bare.stdout)).toMatchObject({ suppressed: 3, recipients: 1 });
});

test('a list is enqueued without those on the list', async () => {
  const { json, volley } = await createScene();
  const list = join(await folder(), 'list.csv');
  await writeFile(list, 'phone\n+6591234567\n+6598765432\n');
  await json('suppress', 'add', '+6598765432', '--json');
  expect(await json('send', list, '--template', 'promo', '--json')).toMatchObject({
    ...{ rows: 2, suppressed: 1, recipients: 1 },
  });
  const shown = await volley('send', list, '--template', 'other');
  expect(shown.stdout).toMatch(/suppressed +1\n/);
});
