import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseNames, writeNames } from '../../src/shared/name-list.ts';

test.each([
  ['name,code', ['name', 'code']],
  [' name , code ', ['name', 'code']],
  ['"name, first",code', ['name, first', 'code']],
  ['code, "name, first" ', ['code', 'name, first']],
  ['"5"" pipe",a"b', ['5" pipe', 'a"b']],
  ['"all"', ['all']],
  ['a,,b', ['a', '', 'b']],
  ['a,', ['a', '']],
  ['手机,"姓,名"', ['手机', '姓,名']],
])('reads %j', (line, names) => {
  expect(parseNames(line)).toEqual(names);
});

test.each([
  ['"name, first', 'a second quote'],
  ['a,"b', 'a second quote'],
  ['"name" first,a', 'a comma after the quote'],
  ['"a"b"', 'a comma after the quote'],
])('refuses %j', (line, why) => {
  expect(() => parseNames(line)).toThrow(why);
});

test('reads back the names that were written', () => {
  const name = fc
    .oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom(',', '"', ' ', 'a', ';', "'") }),
    )
    .map((text) => text.trim())
    .filter((text) => text !== '');
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
      expect(parseNames(writeNames(names))).toEqual(names);
    }),
  );
  expect(writeNames(['all'])).toBe('"all"');
});
