import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ReadPacksOptions } from '../../../src/producer/list/read-packs.ts';
import { inPieces, readWhole } from '../list/lists.ts';

const ALL = { params: 'all', allowEmpty: true, batchSize: 1 } as const;
const ANA = '+6591234511';
const BO = '+6591234512';

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
const mark = fc.constantFrom('', '\ufeff');
const cell = fc
  .oneof(
    fc.constantFrom(
      '',
      'Ada',
      'é',
      'a"b',
      ',',
      '; |',
      '\t',
      ' x ',
      '5" pipe',
      '😀',
      'a\nb',
      'sep=;',
    ),
    fc.string({ unit: 'grapheme' }),
  )
  .map((text) => text.replaceAll('\0', '').replaceAll('\r', '').toWellFormed())
  // Nothing that nobody sees is sent at the ends of a value.
  .map((text) => text.replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu, '').trim());
const rows = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 91000000, max: 91999999 }), cell, cell), {
    minLength: 1,
    maxLength: 6,
    selector: ([number]) => number,
  })
  .map((some) => some.map(([number, a, b]) => [`+65${number}`, a, b]));

/** As a spreadsheet writes it: in quotes where it would be taken for something else. */
function written(cells: readonly string[], delimiter: string): string {
  return cells
    .map((value) =>
      value.includes(delimiter) || /["\r\n]/.test(value)
        ? `"${value.replaceAll('"', '""')}"`
        : value,
    )
    .join(delimiter);
}

async function read(text: string, cuts: readonly number[], options: ReadPacksOptions = {}) {
  const list = await readWhole(
    { bytes: inPieces(text, cuts), name: 'list' },
    { ...ALL, ...options },
  );
  const found = list.packs.flat().map(([[to], values]) => [to, ...values]);
  return { ...list, found };
}

test.each<[string, string]>([
  ['a semicolon', `sep=;\nphone;name\n${ANA};Ana, B\n`],
  ['a pipe in quotes, in upper case', `"SEP=|"\r\nphone|name\r\n${ANA}|Ana, B\r\n`],
  ['a caret behind a mark', `\ufeffsep=^\rphone^name\r${ANA}^Ana, B\r`],
  ['a tab by its name', `sep=\\t\nphone\tname\n${ANA}\tAna, B\n`],
  ['a character of two bytes', `Sep=¦\nphone¦name\n${ANA}¦Ana, B\n`],
  ['a comma, in quotes behind a mark', `\ufeff"sep=,"\nphone,name\n${ANA},"Ana, B"\n`],
  ['another line end than all others have', `sep=;\r\nphone;name\n${ANA};Ana, B\n`],
  ['a lone CR in front of lines', `sep=;\rphone;name\n${ANA};Ana, B\n`],
  ['as many as there are columns', `sep=;;;;\nphone;name;;\n${ANA};Ana, B;;\n`],
  ['as many, in quotes', `"sep=,",,\r\nphone,name,\r\n${ANA},"Ana, B",\r\n`],
  ['blanks behind it', `sep=;  \nphone;name\n${ANA};Ana, B\n`],
])('sep= names %s', async (_case, text) => {
  for (const cuts of [[1], [3, 5], [1000]]) {
    expect((await read(text, cuts)).recipients).toEqual([`${ANA}:Ana, B`]);
  }
});

test('finds a pipe by itself', async () => {
  const { found } = await read(`phone|a|b\n${ANA}|x,y|"p|q"\n`, [7]);
  expect(found).toEqual([[ANA, 'x,y', 'p|q']]);
});

test('what sep= names divides cells, however the list is cut into pieces', async () => {
  const delimiter = fc.constantFrom(...';,|\t^~:!#*§¦、😀@');
  const quoted = fc.boolean();
  await fc.assert(
    fc.asyncProperty(rows, delimiter, quoted, mark, lineEnd, sizes, async (...given) => {
      const [some, by, inQuotes, bom, end, cuts] = given;
      const lines = [['phone', 'a', 'b'], ...some].map((cells) => written(cells, by));
      const sep = inQuotes ? `"sep=${by}"` : `SEP=${by}`;
      const { found, totals } = await read(bom + [sep, ...lines, ''].join(end), cuts);
      expect(found).toEqual(some);
      expect(totals).toMatchObject({ rows: some.length, invalid: 0 });
    }),
    { numRuns: 200 },
  );
});

test('a header row skips what is above it, whatever that is', async () => {
  const junk = fc.oneof(
    fc.constantFrom(
      '',
      'Customers 2026',
      '"Exported, today"',
      ',,,',
      '5" x',
      '"open',
      'a,"b"c',
      ';',
    ),
    fc.constantFrom('phone', 'phone,to', '"""', `${ANA},x`, '""', ' ', "'", 'title|"x'),
    fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\0\r\n]/g, '').toWellFormed()),
  );
  const above = fc.array(junk, { maxLength: 8 });
  const sep = fc.constantFrom(undefined, 'sep=;', '"sep=|"');
  await fc.assert(
    fc.asyncProperty(rows, above, sep, mark, lineEnd, sizes, async (...given) => {
      const [some, others, first, bom, end, cuts] = given;
      const by = first === undefined ? ',' : first.replace(/^"?sep=|"$/g, '');
      const top = [...(first === undefined ? [] : [first]), ...others];
      // What a first line sep= said would hold.
      fc.pre(first !== undefined || !/^"?sep=/i.test(top[0] ?? ''));
      const lines = [['phone', 'a', 'b'], ...some, ['bad', '', '']].map((each) =>
        written(each, by),
      );
      const text = bom + [...top, ...lines, ''].join(end);
      const { found, invalid } = await read(text, cuts, { headerRow: top.length + 1 });
      expect(found).toEqual(some);
      // A line end within a cell is LF.
      const inCells = end === '\r' ? 0 : some.flat().join('').split('\n').length - 1;
      expect(invalid.map(({ line }) => line)).toEqual([top.length + 2 + some.length + inCells]);
    }),
    { numRuns: 300 },
  );
});

test('lines are those of the file, also where a cell above has several', async () => {
  const text = `"A title\nin two lines",\n\n"names ""here"":"\nphone,name\n${ANA},Ana\nbad,x\n`;
  const { recipients, invalid, totals } = await read(text, [9], { headerRow: 5 });
  expect(recipients).toEqual([`${ANA}:Ana`]);
  expect(invalid.map(({ line }) => line)).toEqual([7]);
  expect(totals).toMatchObject({ rows: 2, invalid: 1 });
});

test.each<[string, string, string]>([
  [
    'a title',
    `Customers\nname,phone\nAna,${ANA}\n`,
    'line 2 looks like the header, "name", "phone": --header-row 2',
  ],
  [
    'an export with notes and blank lines',
    `"Export, of today",,\nby Bob,,\n\nName,Mobile Phone,City\nAna,${ANA},x\n`,
    '"Mobile Phone", "City": --header-row 4',
  ],
  [
    'a title in two lines',
    `"Our\ncustomers"\n姓名;手机号码\nAna;${ANA}\n`,
    'line 3 looks like the header, "姓名", "手机号码": --header-row 3',
  ],
  ['a date', `2026-11-27\n\nphone|name\n${ANA}|Ana\n`, '--header-row 3'],
  [
    'fewer cells than what follows',
    `Kunden\nName;Nr;Ort\nAna;${ANA};x\n`,
    'line 2 may be the header, "Name", "Nr", "Ort": --header-row 2',
  ],
  ['a sep= that says nothing', `sep=\nphone,name\n${ANA},Ana\n`, '--header-row 2'],
  ['a sep= that a spreadsheet kept', `sep=;,,\nphone,name,x\n${ANA},Ana,\n`, '--header-row 2'],
])('says where the header seems to be below %s', async (_case, text, message) => {
  for (const cuts of [[1], [11], [1000]]) {
    const error: unknown = await read(text, cuts).catch((reason: unknown) => reason);
    expect(String(error)).toContain(message);
    const [, row] = / --header-row (\d+)$/.exec(String(error)) ?? [];
    const phoneColumn = message.includes('Nr') ? { phoneColumn: 'Nr' } : {};
    const { totals } = await read(text, cuts, { headerRow: Number(row), ...phoneColumn });
    expect(totals).toMatchObject({ rows: 1, recipients: 1 });
  }
});

test.each<[string, string, ReadPacksOptions, string]>([
  [
    'a header row behind the end',
    `a\nphone\n${ANA}`,
    { headerRow: 4 },
    'list: expected the names of the columns on line 4, got 3 lines in all',
  ],
  ['one right behind it', `phone\n${ANA}\n`, { headerRow: 3 }, 'on line 3, got 2 lines in all'],
  [
    'an empty header row',
    `a\n\nphone\n${ANA}`,
    { headerRow: 2 },
    'list, line 2: expected the names of the columns, got an empty line',
  ],
  ['a header row of 0', 'phone\n', { headerRow: 0 }, 'header row: expected a whole number'],
  ['half a header row', 'phone\n', { headerRow: 1.5 }, 'header row: expected a whole number'],
  ['a quote between cells', 'sep="\nphone\n', {}, 'list, line 1: expected sep= with the character'],
  ['sep= alone', 'sep=;\n', {}, 'list: expected a header and rows, got no text'],
  [
    'rows without a header',
    `${ANA},Ana\n${BO},Bo\n`,
    {},
    'list, header: expected a first line with the names of the columns, got a phone number',
  ],
  [
    'a header row of NDJSON',
    `{"to":"${ANA}"}`,
    { headerRow: 2 },
    '--header-row (headerRow) is for',
  ],
  ['columns of NDJSON', `{"to":"${ANA}"}`, { columns: { a: 'b' } }, '--column (columns) is for'],
])('refuses %s', async (_case, text, options, message) => {
  await expect(read(text, [4], options)).rejects.toMatchObject({ code: 'bad_input' });
  await expect(read(text, [4], options)).rejects.toThrow(message);
});

test('refuses columns of rows that a program gives', async () => {
  const source = { rows: [{ to: ANA }] };
  await expect(readWhole(source, { columns: { a: 'b' } })).rejects.toThrow('--column (columns)');
  await expect(readWhole(source, { headerRow: 1 })).rejects.toThrow('--header-row (headerRow)');
  expect((await readWhole(source, { columns: {} })).totals.recipients).toBe(1);
});

test('lines of nothing but delimiters above the header are no rows', async () => {
  const { found, totals, invalid } = await read(`,,\n"",\u200b\n\nphone,a\n${ANA},x\nbad,y\n`, [5]);
  expect(found).toEqual([[ANA, 'x']]);
  expect(totals.rows).toBe(2);
  expect(invalid.map(({ line }) => line)).toEqual([6]);
});

test('a quote within the name of a column is text, wherever the list is cut', async () => {
  const text = `phone,size 5" or more\n${ANA},x\n`;
  for (const cuts of [[1], [30], [1000]]) {
    expect((await read(text, cuts)).found).toEqual([[ANA, 'x']]);
  }
});

test('a letter that ends in the same byte as the delimiter divides nothing', async () => {
  const { found } = await read(`sep=¦\nphone¦a¦b\n${ANA}¦æ"x¦"y¦z"\n`, [3]);
  expect(found).toEqual([[ANA, 'æ"x', 'y¦z']]);
});

test('what ends the line of sep= need not end those above the header', async () => {
  const text = `sep=;\rtitle\nnotes\nphone;name\n${ANA};Ana\n`;
  expect((await read(text, [100], { headerRow: 4 })).recipients).toEqual([`${ANA}:Ana`]);
});
