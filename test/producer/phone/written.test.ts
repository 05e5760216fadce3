/** Numbers as people write them: strokes, a plus that is missing, what nobody sees. */
import { expect, test } from 'vitest';
import { PhoneNumbers } from '../../../src/producer/phone/number.ts';

test.each([
  ['0171/2345678', 'DE', '+491712345678'],
  ['0171 / 23 45 678', 'DE', '+491712345678'],
  ['(0664)/1234567', 'AT', '+436641234567'],
  ['+49 171/2345678', undefined, '+491712345678'],
  ['0171／2345678', 'DE', '+491712345678'],
])('a stroke ends an area code: %s', (cell, country, number) => {
  expect(new PhoneNumbers(country).read(cell)).toBe(number);
});

test.each([
  ['91234567/91234568', 'SG'],
  ['+65 9123 4567/68', undefined],
  ['030 1234567/68', 'DE'],
  ['+65/9123/4567', undefined],
  ['0171/2345678/9', 'DE'],
  ['/0171 2345678', 'DE'],
])('a stroke that divides numbers is none of one: %s', (cell, country) => {
  expect(new PhoneNumbers(country).read(cell)).toBeUndefined();
});

test.each([
  ['4915112345678', 'DE', '+4915112345678'],
  ['491712345678', 'DE', '+491712345678'],
  ['436641234567', 'AT', '+436641234567'],
  ['6281234567890', 'ID', '+6281234567890'],
  // A fixed line that begins with the calling code's digits stays one.
  ['4941123456', 'DE', '+494941123456'],
])(
  'a mobile number that lacks its plus is no fixed line of its country: %s',
  (cell, country, number) => {
    expect(new PhoneNumbers(country).read(cell)).toBe(number);
  },
);

test.each(['\u0007', '\u001f', '\u007f', '\u0085', '\u0090'])(
  'a control character is no part of a number: %j',
  (character) => {
    const cell = ['', '+1', '415', '5550134', ''].join(character);
    expect(new PhoneNumbers().read(cell)).toBe('+14155550134');
  },
);
