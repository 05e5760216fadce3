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
  const words = fc.string({ unit: 'grapheme' }).filter((text) => !/\d/.test(text));
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
