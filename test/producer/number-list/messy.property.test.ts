import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readNumbers } from './lists.ts';

const NUMBER = /\+65[89]\d{7}(?!\d)/g;

const number = fc
  .tuple(fc.constantFrom('8', '9'), fc.integer({ min: 0, max: 9_999_999 }))
  .map(([first, rest]) => `+65${first}${String(rest).padStart(7, '0')}`);
const between = fc.constantFrom(',', ';', '/', '|', ' ', '\t', ' or ', '和', '\n', '', ' - ');
const junk = fc.oneof(
  fc.constantFrom('', '#REF!', 'NaN', '0', '12', 'tel:', '"', '""', "'", '="', '(', '\0', '\ufeff'),
  fc.string({ maxLength: 6 }).filter((text) => !/\d$/.test(text)),
);
/** Something that a number may stand in, in any column, with anything around it. */
const cell = fc.oneof(
  { weight: 3, arbitrary: junk },
  {
    weight: 2,
    arbitrary: fc
      .tuple(junk, fc.array(number, { minLength: 1, maxLength: 3 }), between, junk)
      .map(([before, numbers, divider, after]) => {
        // A digit right behind a number would make another one of it.
        const end = /^\d/.test(after) ? ` x${after}` : after;
        return `${before.replace(/[\d+]\s*$/, '')}${numbers.join(divider)}${end}`;
      }),
  },
);
const list = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  header: fc.constantFrom(undefined, ['phone'], ['name', 'phone'], ['mobile', 'x', 'phone', '']),
  beginning: fc.constantFrom('', '\ufeff', '\n', 'sep=;\n', 'Opted out\n'),
  rows: fc.array(fc.array(fc.tuple(cell, fc.boolean()), { maxLength: 5 }), { maxLength: 12 }),
  encoding: fc.constantFrom<BufferEncoding>('utf8', 'latin1'),
  piece: fc.integer({ min: 1, max: 40 }),
});

test('no number with its plus is lost, whatever else a list holds', async () => {
  await fc.assert(
    fc.asyncProperty(list, async (drawn) => {
      const { delimiter, lineEnd, header, beginning, rows, encoding, piece } = drawn;
      const lines = rows.map((cells) =>
        cells
          .map(([text, isQuoted]) => (isQuoted ? `"${text.replaceAll('"', '""')}"` : text))
          .join(delimiter),
      );
      if (header !== undefined) lines.unshift(header.join(delimiter));
      const text = beginning + lines.join(lineEnd);
      const bytes = Buffer.from(text, encoding);
      const wanted = new Set(bytes.toString('latin1').match(NUMBER) ?? []);
      // A NUL there may be UTF-16: such a list is refused as a whole, or read as what it is.
      fc.pre(wanted.size > 0 && !bytes.subarray(0, 8).includes(0));
      const { numbers, totals, told } = await readNumbers(bytes, { format: 'csv', sizes: [piece] });
      const found = new Set(numbers);
      expect([...wanted].filter((each) => !found.has(each))).toEqual([]);
      expect(totals.invalid + totals.partly).toBe(told.length);
    }),
    { numRuns: 1000 },
  );
});
