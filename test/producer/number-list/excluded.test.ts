import { expect, test } from 'vitest';
import { readExcluded } from '../../../src/producer/number-list/excluded.ts';
import { inPieces } from '../list/lists.ts';

const A = '+6591234501';
const B = '+6591234502';
const C = '+6598765403';

const FORMS: Record<string, string> = {
  'ragged, with bad cells': `phone,x\n${A},#REF!\n${B}\n${C},,y\n`,
  'two in a cell': `x,phone\n,"${A}; ${B}"\n,${C}\n`,
  'bare numbers': `${A} ${B}\n6598765403\n`,
  'NDJSON of another form': `{"phone":"${A}","x":[]}\n{"to":"${B}","params":0}\n{"to":["${C}"]}\n`,
};

test.each(Object.entries(FORMS))('takes every number of a list: %s', async (_name, text) => {
  const excluded = await readExcluded({ bytes: inPieces(text), name: 'list' }, {});
  expect([A, B, C].map((number) => excluded.numbers.has(number))).toEqual([true, true, true]);
  expect(excluded).toMatchObject({ invalid: 0, partly: 0, firstInvalid: [] });
});

test('takes every number of rows that a program gives, and tells the others by their place', async () => {
  const rows = [
    { to: `${A} or ${B}`, params: {}, note: 'x' },
    { to: '', number: 1 },
    { to: C, params: { n: 1 } },
    { to: `${C} / 12` },
  ];
  const { numbers, firstInvalid, ...counts } = await readExcluded({ rows }, {});
  expect([numbers.size, numbers.has(B)]).toEqual([3, true]);
  expect(counts).toMatchObject({ rows: 4, invalid: 1, partly: 1 });
  expect(firstInvalid.map(({ line, reason }) => [line, reason])).toEqual([
    ...[
      [2, 'bad_number'],
      [4, 'part_unread'],
    ],
  ]);
});

test('the column named for the list counts where there is one of that name', async () => {
  const source = (text: string) => ({ bytes: inPieces(text), name: 'list' });
  const options = { phoneColumn: 'handy' };
  const both = await readExcluded(source(`phone,handy\n${A},${B}\n`), options);
  expect([both.numbers.has(A), both.numbers.has(B)]).toEqual([false, true]);
  for (const text of [`phone,x\n${A},\n`, `${A}\n`, `{"to":"${A}"}\n`]) {
    expect((await readExcluded(source(text), options)).numbers.has(A)).toBe(true);
  }
});
