/** Opt-outs in a workbook: no number of the sheet is lost for what one in a text would not be. */
import { expect, test } from 'vitest';
import { writeWorkbook } from '../../support/workbook.ts';
import { type ReadOptions, readNumbers } from './lists.ts';

const A = '+6591234501';
const B = '+6591234502';
const C = '+6598765403';

type Cells = (string | number)[][];

const WHOLE: Record<string, [rows: Cells, options?: ReadOptions]> = {
  'two columns that can be the number': [
    [
      ['Name', 'Phone', 'Mobile'],
      ['Ana', 6591234501, B],
      ['Bo', '', 6598765403],
    ],
  ],
  'no header': [[[6591234501], [6591234502], [C]]],
  'no header, and words beside the numbers': [
    [
      ['Ana', A, 'STOP'],
      ['Bo', B, 'STOP'],
      ['Cy', C, 'x'],
    ],
  ],
  'a title above the header': [
    [['Opted out in May'], [], ['phone', 'why'], [A, 'STOP'], [B], [C, '', 'x']],
  ],
  'several in a cell': [[['phone'], [`${A} / ${B}`], [`${B}\n${C}`]]],
  'a number beside its column': [[['phone', 'note'], [A], ['', `call ${B} no more`], [C, '#REF!']]],
  'national ones': [[['phone'], ['9123 4501, 9123 4502'], [98765403]], { country: 'SG' }],
};

test.each(Object.entries(WHOLE))('takes every number: %s', async (_case, [rows, options]) => {
  const book = await writeWorkbook({ sheets: [{ name: 'S', rows }] });
  const { numbers, told, totals } = await readNumbers(book, options);
  expect(new Set(numbers)).toEqual(new Set([A, B, C]));
  expect(told).toEqual([]);
  expect(totals).toMatchObject({ invalid: 0, partly: 0 });
});

test('tells a row without a number by the number it has in the sheet', async () => {
  const rows = [['phone', 'why'], [A, 'STOP'], undefined, undefined, ['none', 'a "b", c'], [B]];
  const book = await writeWorkbook({ sheets: [{ name: 'S', rows }] });
  const { numbers, told, totals } = await readNumbers(book);
  expect(numbers).toEqual([A, B]);
  expect(told).toMatchObject([{ line: 5, reason: 'bad_number', raw: 'none,"a ""b"", c"' }]);
  expect(totals).toMatchObject({ rows: 3, invalid: 1 });
});

test('reads the column that is named, and the sheet', async () => {
  const sheets = [
    { name: 'Cover', rows: [['Read me']] },
    {
      name: 'List',
      rows: [
        ['phone', 'mobile'],
        [A, B],
      ],
    },
  ];
  const book = await writeWorkbook({ sheets });
  await expect(readNumbers(book)).rejects.toThrow(/sheet Cover.*; another sheet: --sheet List$/);
  const { numbers } = await readNumbers(book, { sheet: 'List', phoneColumn: 'mobile' });
  expect(numbers).toEqual([B]);
});
