import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowOf } from '../../../src/producer/csv/csv-row.ts';
import { plainRows } from '../../../src/producer/csv/plain-csv.ts';
import { inPieces, readWhole } from '../list/lists.ts';

const number = fc.integer({ min: 6580100000, max: 6598999999 }).map(String);
const cell = fc
  .oneof(
    fc.constantFrom('', 'Ada', 'é', '"', 'a"b', ',', '\n', '\r\n', ' x ', '5" pipe', '😀', ';'),
    fc.string(),
    // NUL is no text, and a lone surrogate cannot be written as UTF-8.
  )
  .map((text) => text.replaceAll('\0', '').toWellFormed());
const row = fc.tuple(number, cell, cell);
const style = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t'),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  mark: fc.constantFrom('', '\ufeff'),
  ended: fc.boolean(),
});
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

function written(value: string): string {
  return /[",;\t\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

test('reads back what was written, however it is cut into pieces', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1 }), style, sizes, async (rows, as, cuts) => {
      const lines = [['phone', 'a', 'b'], ...rows].map((cells) =>
        cells.map(written).join(as.delimiter),
      );
      const text = as.mark + lines.join(as.lineEnd) + (as.ended ? as.lineEnd : '');
      const source = { bytes: inPieces(text, cuts), name: 'list' };
      const list = await readWhole(source, { params: 'all', allowEmpty: true, batchSize: 1 });
      const first = new Map(rows.map((cells) => [cells[0], cells] as const).reverse());
      const expected = rows.filter((cells) => first.get(cells[0]) === cells);
      const found = list.packs.flat().map(([[to = ''], values]) => [to.slice(1), ...values]);
      expect(found).toEqual(expected.map((cells) => cells.map((value) => value.trim())));
      expect(list.totals.rows).toBe(rows.length);
    }),
  );
});

test('takes the same rows from any text as csv-parse does, each with its own text and line', async () => {
  const token = fc.constantFrom(
    ...['x', '6591234567', ',', ',', '\n', '\n', '\r\n', '"', ' ', '""', '\u00a0', '='],
  );
  const text = fc.array(token, { minLength: 1, maxLength: 40 }).map((tokens) => tokens.join(''));
  await fc.assert(
    fc.asyncProperty(text, sizes, async (body, cuts) => {
      const csv = `phone,a\n${body}`;
      let records: string[][];
      try {
        records = parse(csv, {
          relax_column_count: true,
          record_delimiter: ['\r\n', '\n'],
        });
      } catch {
        // What csv-parse refuses may still be a quote in the middle of a cell, which is text here.
        return;
      }
      const source = { bytes: inPieces(csv, cuts), name: 'list' };
      const options = { params: 'all', allowEmpty: true, batchSize: 1 } as const;
      const list = await readWhole(source, options).catch(() => undefined);
      const isBlank = (record: string[]) => record.every((cell) => /^\s*(="\s*")?\s*$/.test(cell));
      const blank = records.filter(isBlank).length;
      expect(list?.totals.rows ?? 0).toBe(records.length - 1 - blank);
      if (list !== undefined) expect(list.totals.blank).toBe(blank);
      for (const { raw, line } of list?.invalid ?? []) {
        expect(
          csv
            .split('\n')
            .slice(line - 1)
            .join('\n')
            .startsWith(raw),
        ).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test('takes text without quotes apart as csv-parse does', () => {
  const token = fc.constantFrom(
    ...['x', 'é', '65', ',', ',', ',', '\n', '\n', '\r\n', '\r', ' ', ';', '\u00a0', '\u200b'],
    ...['a name of fourteen', '#N/A', '\ufeff'],
  );
  const text = fc.array(token, { maxLength: 60 }).map((tokens) => tokens.join(''));
  const roles = { number: 'b', unused: [] };
  const columns = { delimiter: ',', count: 3, phone: 1, picked: [2, 0], names: ['c', 'a'], roles };
  fc.assert(
    fc.property(text, fc.constantFrom(10, 13), (csv, recordEnd) => {
      const record_delimiter = recordEnd === 10 ? ['\r\n', '\n'] : ['\r'];
      const records = parse(csv, { relax_column_count: true, record_delimiter });
      const rows = records.map((record) => rowOf(record, columns));
      const kept = rows.filter((row) => row !== undefined);
      const found = plainRows(Buffer.from(csv), columns, recordEnd);
      expect(found).toEqual({ rows: kept, blank: rows.length - kept.length });
    }),
    { numRuns: 1000 },
  );
});

test('says the line and the whole text of invalid rows', async () => {
  const csv =
    'phone,a\n\n6591234567,x\n"12",x\n"",\u00a0\n6591234568,"multi\nline"\n6591234569\n,"y\nz"\n , \n7,"q"';
  const { invalid, totals } = await readWhole(csv, { params: 'all' });
  expect(invalid.map(({ line, reason, raw }) => [line, reason, raw])).toEqual([
    [4, 'bad_number', '"12",x'],
    [8, 'missing_param', '6591234569'],
    [9, 'bad_number', ',"y\nz"'],
    [12, 'bad_number', '7,"q"'],
  ]);
  expect(totals).toMatchObject({ rows: 6, invalid: 4, recipients: 2, blank: 3 });
});

test.each([
  ['phone\n6591234567\n'],
  ['To\n6591234567'],
  [' MOBILE \r\n6591234567\r\n'],
  ['"phone"\r6591234567\r'],
  ['\ufeff"phone"\n6591234567\n'],
  ['\n\nphone\n\n6591234567\n\n\n'],
])('finds the number in %j', async (csv) => {
  expect((await readWhole(csv)).recipients).toEqual(['+6591234567:']);
});

test('picks the params that were chosen, in that order, and adds the constants', async () => {
  const csv = 'email;phone;name;code\na@b.c;6591234567;Ada;1\n';
  const list = await readWhole(csv, { params: ['code', 'name'], constants: { shop: 'S' } });
  expect(list.params).toEqual(['code', 'name', 'shop']);
  expect(list.recipients).toEqual(['+6591234567:1,Ada,S']);
  expect((await readWhole(csv, { params: 'all' })).params).toEqual(['email', 'name', 'code']);
  expect((await readWhole(csv, { params: [] })).params).toEqual([]);
  expect((await readWhole(csv, { constants: { shop: 'S' } })).params).toEqual(['shop']);
});

test('calls an empty cell a missing param unless told otherwise', async () => {
  const csv = 'phone,name\n6591234567,\n6591234568,  \n6591234569,Ada\n';
  const strict = await readWhole(csv, { params: 'all' });
  expect(strict.totals.reasons).toEqual({ missing_param: 2 });
  const lax = await readWhole(csv, { params: 'all', allowEmpty: true });
  expect(lax.recipients).toEqual(['+6591234567:', '+6591234568:', '+6591234569:Ada']);
});

test('takes any column as the number when told', async () => {
  const csv = 'phone,Handy\n1,6591234567\n';
  const list = await readWhole(csv, { phoneColumn: 'handy', params: [] });
  expect(list.recipients).toEqual(['+6591234567:']);
});
