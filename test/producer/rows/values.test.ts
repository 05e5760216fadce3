import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cleaned,
  isEmpty,
  isPlain,
  isSpreadsheetError,
  PLACEHOLDERS,
  placeholderIn,
} from '../../../src/producer/rows/values.ts';

test.each([
  ['Ana ', 'Ana'],
  [' \tAna Maria\r', 'Ana Maria'],
  ['\u00a0Ana\u202f', 'Ana'],
  ['\ufeffAna\u200b', 'Ana'],
  ['\u200eAna\u200f', 'Ana'],
  ['王\u3000', '王'],
  ['\u200dAna\u200c', 'Ana'],
  ['a\u00a0b\u200bc', 'a\u00a0b\u200bc'],
  ["'t Hooft", "'t Hooft"],
  ['="007"', '007'],
  [' =" 007\u00a0" ', '007'],
  ['="say ""hi"""', 'say "hi"'],
  ['="a"&"b"', '="a"&"b"'],
  ['=""', ''],
  ['="', '="'],
  ['\u2060\u00ad', ''],
  // What belongs to the sign before it.
  ['❤\ufe0f ', '❤\ufe0f'],
  ['ണ\u0d4d\u200d', 'ണ\u0d4d\u200d'],
  // One of a pair is not left alone.
  ['a \u2067ب\u2069', 'a \u2067ب\u2069'],
  ['\u2067ب\u2069', 'ب'],
])('makes %j to %j', (cell, value) => {
  expect(cleaned(cell)).toBe(value);
  expect(cleaned(value)).toBe(value);
  expect(isEmpty(cell)).toBe(value === '');
});

test('calls a value plain only where it is sent as it stands', () => {
  const piece = fc.constantFrom(
    ...[
      'a',
      'Z',
      '7',
      ' ',
      '\u00a0',
      '\u200b',
      '\ufeff',
      '#',
      '#Н/Д',
      '#YOK',
      '!',
      '"',
      '=',
      'é',
      '王',
      '\u2069',
    ],
    ...['null', 'NaN', 'Loading...', '#N/A', 'Err:502', '错误:504', '\\N', '[object Object]', ''],
  );
  const value = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(value, (text) => {
      if (!isPlain(text)) return;
      expect(cleaned(text)).toBe(text);
      expect(text).not.toBe('');
      expect(isSpreadsheetError(text)).toBe(false);
      expect(placeholderIn(text)).toBe(-1);
    }),
    { numRuns: 5000 },
  );
});

test.each([
  ...['#N/A', '#REF!', '#VALUE!', '#NAME?', '#DIV/0!', '#NULL!', '#NUM!', '#SPILL!', '#CALC!'],
  ...['#GETTING_DATA', '#ERROR!', 'Err:502', 'Err:508', 'Loading...', '#########'],
  ...['#BEZUG!', '#WERT!', '#NV', '#¡REF!', '#¡VALOR!', '#¿NOMBRE?', '#NOM?', '#ЗНАЧ!', '#Н/Д'],
  ...['#RIF!', '#VERW!', '#ADR!', '#溢出!', '#スピル!', '错误:502', '#n/a'],
])('knows %s as an error of a spreadsheet', (value) => {
  expect(isSpreadsheetError(value)).toBe(true);
  expect(isPlain(value)).toBe(false);
});

test.each(['#SALE!', '#1', '#', 'N/A', 'Err', 'Error', '#ref', '#blessed', 'ref!', '## 5'])(
  'takes %s for a text',
  (value) => expect(isSpreadsheetError(value)).toBe(false),
);

test.each([
  ['null', 'null'],
  ['NULL', 'null'],
  ['Undefined', 'undefined'],
  ['nan', 'NaN'],
  ['NaN', 'NaN'],
  ['None', 'None'],
  ['none', undefined],
  ['[object Object]', '[object Object]'],
  ['\\N', '\\N'],
  ['Nullmeier', undefined],
  ['Nan Goldin', undefined],
  ['-', undefined],
])('calls %s a placeholder: %s', (value, word) => {
  expect(PLACEHOLDERS[placeholderIn(value)]).toBe(word);
  if (word !== undefined) expect(isPlain(value)).toBe(false);
});
