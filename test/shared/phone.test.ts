import fc from 'fast-check';
import { expect, test } from 'vitest';
import { E164, maskPhone, maskPhonesIn } from '../../src/shared/phone.ts';

test.for([
  ['+6591234567', '+65****4567'],
  ['6591234567', '+65****4567'],
  ['+14155550123', '+14****0123'],
  ['+12', '+****'],
  ['', '+****'],
])('%s is shown as %s', ([number = '', masked]) => {
  expect(maskPhone(number)).toBe(masked);
});

test('every number in a text is masked', () => {
  expect(maskPhonesIn('+6591234567 and 6598765432: too frequent')).toBe(
    '+65****4567 and +65****5432: too frequent',
  );
});

test('what is no number stays as it is', () => {
  const text = 'HTTP 400, code 3004, plan 1972484198153367552, 123456 of 2026-11-21';
  expect(maskPhonesIn(text)).toBe(text);
});

test('no number of nine digits or more can be read from what is shown', () => {
  const number = fc.stringMatching(/^\+[1-9][0-9]{8,14}$/);
  const words = fc.string({ unit: 'grapheme' }).filter((text) => !/\p{Nd}/u.test(text));
  fc.assert(
    fc.property(number, words, words, (given, before, after) => {
      expect(E164.test(given)).toBe(true);
      const shown = maskPhonesIn(`${before}${given}${after}`);
      expect(shown).not.toContain(given.slice(1));
      expect(shown).toContain(given.slice(-4));
      // a few digits are left out, however short the number is
      expect(shown.replaceAll(/\D/g, '').length).toBeLessThanOrEqual(given.length - 1 - 3);
    }),
  );
});

test.for([
  '+65 9123 4567',
  '65 9123-4567',
  '(+65) 9123 4567',
  '+65(9123)4567',
  '0065.9123.4567',
  '65/9123/4567',
  '+65\u00a09123\u00a04567',
  '+65\u20119123\u20114567',
  '65\u200b9123\u200b4567',
  '＋６５９１２３４５６７',
  '６５ ９１２３ ４５６７',
  '٦٥٩١٢٣٤٥٦٧',
  '६५ ९१२३ ४५६७',
  '6591234567 6598765432',
  '65 91234567 65 98765432',
  '65 9123 4567 65 9876 5432',
  '1972484198153367552 65 9123 4567',
  '9123 4567',
])('%s is masked', (spelling) => {
  const shown = maskPhonesIn(`no route to ${spelling}, it says`);
  expect(asDigits(shown)).not.toMatch(/91234567/);
  expect(shown).toContain('****');
  expect(shown).toContain(', it says');
});

test.for([
  'HTTP 400, code 3004, plan 1972484198153367552',
  'at 2026-11-27 10:00:00, 2026-11-27T10:00:00.123Z',
  'connect ECONNREFUSED 192.168.100.200:443',
  'code 1000: internal error after 30000 ms, attempt 3/8',
  'short code 12345, 100 of 500',
])('%s stays as it is', (text) => {
  expect(maskPhonesIn(text)).toBe(text);
});

/** The digits of a text in their order, of whatever script, as an attentive reader has them. */
function asDigits(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\p{Nd}/gu, digitOf)
    .replace(/[\s\p{Zs}\p{Cf}\p{Pd}./()+]/gu, '');
}

function digitOf(letter: string): string {
  let value = 0;
  const code = letter.codePointAt(0) ?? 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++;
  return String(code < 58 ? code - 48 : value);
}
