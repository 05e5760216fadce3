import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { ReadPacksOptions, RowChunk } from '../../../src/producer/list/read-packs.ts';
import { openList } from '../../../src/producer/list/source.ts';
import { sheetOf, writeWorkbook } from '../../support/workbook.ts';
import { cellsOf } from '../workbook/cells.ts';
import { inPieces, readWhole } from './lists.ts';

/** XML 1.0 has no other control characters. */
const isOfXml = (text: string) => [...text].every((it) => it >= ' ' || '\t\n\r'.includes(it));

const HEADER = ['phone', 'name', 'code'];

test('reads every row that was written, in every way to write it', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter(isOfXml);
  const cell = fc.oneof(text, fc.integer(), fc.constant(undefined), fc.constant('_x0041_'));
  const book = fc.record({
    texts: fc.constantFrom('shared' as const, 'inline' as const),
    prefix: fc.constantFrom('', 'x:', 'ss:'),
    root: fc.constantFrom('', '/xl/'),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.array(cell, { maxLength: 3 }), fc.constant(undefined)), {
        maxLength: 20,
      }),
      book,
      fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 4 }),
      async (rows, options, sizes) => {
        const read = await cellsOf(await sheetOf([HEADER, ...rows], options), {}, sizes);
        const expected = rows.flatMap((row, at) => {
          const cells = HEADER.map((_name, column) => String(row?.[column] ?? ''));
          return cells.every((each) => each.trim() === '') ? [] : [{ at, cells }];
        });
        expect(read.rows).toEqual(expected.map(({ cells }) => cells));
        expect(read.lines).toEqual(expected.map(({ at }) => at + 2));
        const written = rows.filter((row) => row !== undefined).length;
        expect(read.blank).toBe(written - expected.length);
      },
    ),
    { numRuns: 60 },
  );
});

test('finds columns by letters, and without them by their order', async () => {
  const sparse = await sheetOf([
    HEADER,
    ['+6591234567', undefined, 'X1'],
    [undefined, 'Ana', 'X2'],
  ]);
  expect((await cellsOf(sparse)).rows).toEqual([
    ['+6591234567', '', 'X1'],
    ['', 'Ana', 'X2'],
  ]);
  const bare = await sheetOf([HEADER, [6591234567, 'Ana', 'X1'], []], { places: false });
  const read = await cellsOf(bare);
  expect(read).toMatchObject({ rows: [['6591234567', 'Ana', 'X1']], lines: [2], blank: 1 });
});

test('takes the first row that is not empty for the header, or the one that is chosen', async () => {
  const late = await sheetOf([undefined, [' '], HEADER, [6591234567, 'Ana', 'X1']]);
  expect(await cellsOf(late)).toMatchObject({ rows: [['6591234567', 'Ana', 'X1']], lines: [4] });
  const titled = await sheetOf([['Our customers'], undefined, HEADER, [6591234567, 'Ana', 'X1']]);
  expect((await cellsOf(titled, { headerRow: 3 })).rows).toEqual([['6591234567', 'Ana', 'X1']]);
  await expect(cellsOf(titled, { headerRow: 2 })).rejects.toThrow(
    'sheet Sheet1, row 2: expected the names',
  );
  await expect(cellsOf(titled, { headerRow: 9 })).rejects.toThrow('got none in row 9');
  await expect(cellsOf(titled)).rejects.toThrow('sheet Sheet1, row 1: expected a column');
  await expect(cellsOf(await sheetOf([]))).rejects.toThrow(
    'expected a header and rows, got an empty sheet',
  );
});

test('reads the first sheet that is not hidden, or the chosen one', async () => {
  const rows = (to: number) => [['phone'], [to]];
  const book = await writeWorkbook({
    sheets: [
      { name: 'Notes', rows: rows(6591234560), attributes: 'state="hidden"' },
      { name: 'May & June', rows: rows(6591234561) },
      { name: "Ana's", rows: rows(6591234562) },
      { name: 'Empty', rows: [[], undefined] },
    ],
  });
  expect((await cellsOf(book)).rows).toEqual([['6591234561']]);
  expect((await cellsOf(book, { sheet: "Ana's" })).rows).toEqual([['6591234562']]);
  expect((await cellsOf(book, { sheet: 'notes' })).rows).toEqual([['6591234560']]);
  await expect(cellsOf(book, { sheet: 'July' })).rejects.toThrow(
    "expected a sheet July, got Notes, 'May & June', 'Ana'\\''s', Empty; name one with --sheet",
  );
  const { columns } = (await firstChunk(book, {})) ?? {};
  expect(columns).toMatchObject({ sheet: 'May & June', otherSheets: ["Ana's"] });
  const chosen = await firstChunk(book, { sheet: "Ana's" });
  expect(chosen?.columns).toMatchObject({ sheet: "Ana's", otherSheets: [] });
});

test('where the first sheet is no list, says which others there are', async () => {
  const list = { name: "Ana's list", rows: [['phone'], [6591234562]] };
  for (const rows of [
    [['Read me'], ['Thanks']],
    [[], []],
  ]) {
    const book = await writeWorkbook({ sheets: [{ name: 'Notes', rows }, list] });
    const reading = cellsOf(book);
    await expect(reading).rejects.toThrow(/; another sheet: --sheet 'Ana'\\''s list'$/);
    expect((await cellsOf(book, { sheet: "Ana's list" })).rows).toEqual([['6591234562']]);
  }
  const alone = await writeWorkbook({ sheets: [{ name: 'Notes', rows: [['Read me'], ['x']] }] });
  await expect(cellsOf(alone)).rejects.toThrow(/--phone-column 'Read me'$/);
});

test('rows of nothing that anybody sees are no rows', async () => {
  const rows = [
    ['phone', 'name'],
    ['+6591234562', 'Ana'],
    ['\u200b', '\u00a0'],
    ['=""', ''],
    ['\ufeff'],
  ];
  const book = await writeWorkbook({ sheets: [{ name: 'S', rows }] });
  const { totals } = await readWhole(book, { params: 'all' });
  expect(totals).toMatchObject({ rows: 1, recipients: 1, blank: 3 });
});

async function firstChunk(bytes: Buffer, options: ReadPacksOptions) {
  const list = openList({ name: 'book', bytes: inPieces(bytes) }, options);
  let first: RowChunk | undefined;
  for await (const chunk of list.chunks) {
    first = chunk;
    break;
  }
  return first;
}

test('gives the row of an invalid recipient as it stands in the sheet', async () => {
  const rows = [
    HEADER,
    [6591234567, 'Ana', 'X1'],
    ['12', 'Lee, "B"', undefined, 'seen'],
    [6591234568, '', 'X'],
  ];
  const list = await readWhole(await sheetOf(rows), { params: ['name'] });
  expect(list.recipients).toEqual(['+6591234567:Ana']);
  expect(list.invalid).toMatchObject([
    { line: 3, raw: '12,"Lee, ""B""",,seen' },
    { line: 4, reason: 'missing_param', raw: '6591234568,,X' },
  ]);
});

test('reads a file and a pipe alike, and leaves nothing behind', async () => {
  const bytes = await sheetOf([HEADER, [6591234567, 'Ana', 'X1']]);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const recipients = ['+6591234567:Ana'];
  const params = ['name'];
  const folder = await mkdtemp(join(tmpdir(), 'volley-xlsx-'));
  vi.stubEnv('TMPDIR', folder);
  try {
    const pieces = inPieces(bytes, [3, 1]);
    const piped = await readWhole({ name: 'standard input', bytes: pieces }, { params });
    expect(piped).toMatchObject({ recipients, sha256 });
    expect(await readdir(folder)).toEqual([]);
    for (const name of ['list.xlsx', 'list', 'list.csv']) {
      const path = join(folder, name);
      await writeFile(path, bytes);
      const read = await readWhole({ path }, { params });
      expect(read).toMatchObject({ recipients, sha256, totals: { bytes: bytes.length } });
      await rm(path);
    }
    expect(await readdir(folder)).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  }
});
