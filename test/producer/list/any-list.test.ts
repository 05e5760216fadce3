import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  canEncode,
  type SheetStyle,
  type TextEncoding,
  type WrittenRow,
  writeSheet,
} from '../../support/spreadsheet.ts';
import { inPieces, readWhole } from './lists.ts';

const LEGACY: readonly TextEncoding[] = ['windows-1252', 'gb18030', 'big5'];
const words = fc.array(
  fc.constantFrom(
    ...[
      'Ana',
      'Bo',
      "d'Arc",
      '5" pipe',
      'a,b',
      'x;y',
      'p|q',
      'line\nbreak',
      '=1',
      '#1',
      "'t Hooft",
    ],
    ...[
      'José',
      'Zoë',
      'Straße',
      '王小明',
      '李娜',
      '陳大文',
      'ひなた',
      'محمد',
      'अनिता',
      '😀',
      '0',
      'NULLA',
    ],
  ),
  { minLength: 1, maxLength: 3 },
);
const value = words.map((parts) => parts.join(' '));
const row: fc.Arbitrary<WrittenRow> = fc.record({
  // Mobile numbers of Singapore, each once.
  to: fc.integer({ min: 91_000_000, max: 91_999_999 }).map((digits) => `+65${digits}`),
  values: fc.tuple(value, value),
});
const rows = fc.uniqueArray(row, { minLength: 1, maxLength: 60, selector: ({ to }) => to });
const style: fc.Arbitrary<SheetStyle> = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  quotes: fc.constantFrom('where needed', 'all'),
  numberMark: fc.constantFrom('none', 'apostrophe', 'formula'),
  mark: fc.boolean(),
  encoding: fc.constantFrom('utf-8', 'utf-16le', 'utf-16be', ...LEGACY),
  sepLine: fc.boolean(),
  blankEvery: fc.constantFrom(0, 1, 3),
  surplus: fc.constantFrom(0, 0, 1, 2),
  padding: fc.constantFrom('', ' ', '\u00a0', ' \u3000 '),
  titles: fc.constantFrom([], ['Customers, May'], ['Export', '']),
  endsInLineEnd: fc.boolean(),
  gzip: fc.boolean(),
});
const cuts = fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 4 });

test('reads back the same people, however a spreadsheet has written them', async () => {
  await fc.assert(
    fc.asyncProperty(rows, style, cuts, async (people, as, sizes) => {
      const all = people.flatMap(({ values }) => values).join('') + as.padding;
      fc.pre(canEncode(all, as.encoding));
      // A lone CR as the end of lines, and a line feed within a value: no spreadsheet writes both.
      fc.pre(as.lineEnd !== '\r' || !all.includes('\n'));
      const sheet = writeSheet(['Phone', 'First Name', 'city'], people, as);
      const list = await readWhole(
        { bytes: inPieces(sheet.bytes, sizes), name: 'list' },
        {
          columns: { name: 'First Name' },
          params: ['name', 'city'],
          batchSize: 1,
          encoding: LEGACY.includes(as.encoding) ? as.encoding : undefined,
          headerRow: as.titles.length > 0 ? sheet.headerRow : undefined,
        },
      );
      expect(list.packs.flat()).toEqual(people.map(({ to, values }) => [[to], [...values]]));
      const { totals } = list;
      const { length } = people;
      expect(totals).toMatchObject({ rows: length, invalid: 0, duplicate: 0, recipients: length });
      expect(totals.blank).toBe(sheet.blank);
    }),
    { numRuns: 400 },
  );
});
