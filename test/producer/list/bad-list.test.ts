import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ReadPacksOptions } from '../../../src/producer/list/read-packs.ts';
import { inPieces, readWhole } from './lists.ts';

const LONG = 'x'.repeat(10 * 1024 * 1024);

const BAD: [string, string | Buffer, ReadPacksOptions, string][] = [
  ['an empty list', '', {}, 'list: the list is empty, expected rows'],
  ['a mark alone', '\ufeff', {}, 'list: expected a header and rows, got no text'],
  ['a header alone', 'phone\n', {}, 'list: expected rows, got none'],
  ['blank lines alone', '\n\n', {}, 'list: expected a header and rows, got no text'],
  ['binary data', 'phone\n1\0', {}, 'list, line 2: expected text in UTF-8, got binary data'],
  ['half a workbook', Buffer.from('PK\x03\x04..'), {}, 'the workbook is damaged'],
  [
    'Latin-1',
    Buffer.from('phone,n\n6591234567,a\n6591234568,José\n', 'latin1'),
    { params: 'all' },
    'list, line 3: expected UTF-8, got other bytes',
  ],
  [
    'Latin-1 in the header',
    Buffer.from('phone,Größe\n', 'latin1'),
    {},
    'list, line 1: expected UTF-8',
  ],
  [
    'no column with the number',
    'name,email\na,b\n',
    {},
    'list, header: expected a column phone, to or mobile, got "name", "email"',
  ],
  ['no header', '+6591234567\n', {}, 'expected a first line with the names of the columns'],
  ['two columns with a number', 'phone,To\n1,2\n', {}, 'got "phone" and "To"; choose with'],
  [
    'duplicate columns that are sent',
    'phone,a,a,b\n1,2,3,4\n',
    { params: 'all' },
    'got "a" twice, as columns 2 and 3; give them different names, or choose with --params b',
  ],
  [
    'columns nobody chose',
    'phone,name,email\n1,2,3\n',
    {},
    'further columns: name, email. Add --params name,email',
  ],
  [
    'an unknown param',
    'phone,name\n1,2\n',
    { params: ['nam'] },
    'a column for the param "nam", got "phone", "name"',
  ],
  [
    'a param chosen twice',
    'phone,a\n1,2\n',
    { params: ['a', 'a'] },
    'the param "a" is named twice',
  ],
  [
    'a column that is a constant, too',
    'phone,a\n1,2\n',
    { params: 'all', constants: { a: 'b' } },
    'the param "a" is both a column of the list and a constant',
  ],
  [
    'a column without a name between others',
    'phone,,a\n1,2,3\n',
    { params: 'all' },
    'got none for column 2; name it in the list, or choose with --params a',
  ],
  [
    'an unknown phone column',
    'phone\n1\n',
    { phoneColumn: 'x' },
    'expected a column "x", got "phone"',
  ],
  [
    'an unclosed quote',
    'phone,n\n6591234567,a\n6591234568,"b\nc\n',
    { params: 'all' },
    'list, line 3: the quote opened here is not closed by the end of the list',
  ],
  [
    'a quote closed by the next one',
    'phone,n\n6591234567,"a\n6591234568,"b"\n',
    { params: 'all' },
    'list, line 3: expected a delimiter or the end of the line, got text after the quote',
  ],
  [
    'a cell of 10 MB',
    `phone,n\n6591234567,${LONG}\n`,
    { params: 'all' },
    'line 2: expected rows of at most 1 MB',
  ],
  [
    'a quoted cell of 10 MB',
    `phone,n\n6591234567,"${LONG}"\n`,
    { params: 'all' },
    'line 2: the quote opened here',
  ],
  ['a line of 10 MB', `{"to":"${LONG}"}\n`, {}, 'line 1: expected lines of at most 1 MB'],
  [
    'a batch size of 0',
    'phone\n',
    { batchSize: 0 },
    'batch size: expected a whole number of 1 or more, got 0',
  ],
  [
    'an unknown country',
    'phone\n',
    { country: 'XX' },
    'country: expected an ISO 3166 code such as SG, got "XX"',
  ],
];

test.each(BAD)('refuses %s', async (_name, text, options, message) => {
  const source = { bytes: inPieces(text), name: 'list' };
  const reading = (async () => readWhole(source, options))();
  await expect(reading).rejects.toMatchObject({ code: 'bad_input' });
  await expect(reading).rejects.toThrow(message);
});

test('refuses what is no file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'volley-'));
  try {
    await expect(readWhole({ path: folder })).rejects.toThrow('expected a file, got a directory');
    const path = join(folder, 'none.csv');
    await expect(readWhole({ path })).rejects.toThrow(`${path}: no such file`);
    await writeFile(path, 'phone\n+6591234567\n');
    expect((await readWhole({ path })).totals).toMatchObject({ rows: 1, bytes: 18 });
  } finally {
    await rm(folder, { recursive: true });
  }
});
