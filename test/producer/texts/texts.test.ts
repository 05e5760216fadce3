import fc from 'fast-check';
import sms from 'sms-segments-calculator';
import { expect, test } from 'vitest';
import { notInGsm7, segmentsOf } from '../../../src/producer/texts/segments.ts';
import { Texts } from '../../../src/producer/texts/texts.ts';

const ALPHABETS = [
  'abc XYZ 019.,!?@£Ø\n',
  '[]{}^~|\\€',
  '\r\n',
  'çЖё漢字かアｗ「—…’',
  '👍🏽👨‍👩‍👧e\u0301한글นำ',
];
const text = fc
  .array(
    fc.oneof(
      ...ALPHABETS.map((letters) => fc.constantFrom(...letters)),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
      fc.constant('plain text of many letters, to get near the end of a segment '),
    ),
    { maxLength: 60 },
  )
  .map((pieces) => pieces.join(''));

test('counts as many segments as the library, whatever the text', () => {
  fc.assert(
    fc.property(text, (one) => {
      expect(segmentsOf(one)).toBe(new sms.SegmentedMessage(one).segmentsCount);
    }),
    { numRuns: 500 },
  );
});

test.each([...ALPHABETS, 'ß∆', '漢'])('agrees with the library on long texts of %j', (letters) => {
  const words = fc.array(fc.constantFrom(...letters, 'a'), { minLength: 60, maxLength: 340 });
  fc.assert(
    fc.property(words, (characters) => {
      const one = characters.join('');
      expect(segmentsOf(one)).toBe(new sms.SegmentedMessage(one).segmentsCount);
    }),
    { numRuns: 30 },
  );
});

test.each([
  [160, 'a', 1],
  [161, 'a', 2],
  [307, 'a', 3],
  [70, '漢', 1],
  [71, '漢', 2],
  [135, '漢', 3],
  [80, '€', 1],
  [81, '€', 2],
])('%i times %j is in %3$i segments', (count, character, segments) => {
  expect(segmentsOf(character.repeat(count))).toBe(segments);
});

test('names the characters that GSM-7 lacks', () => {
  expect([...notInGsm7('Hé, ’twas 5 € – 👍')]).toEqual(['’', '–', '👍']);
});

test('adds up the texts of a list by recipient', async () => {
  const texts = new Texts('Hi {{name}}, {{ shop }} has a sale');
  const long = 'x'.repeat(160);
  await texts.take([[['+6591234567'], ['Ada', 'East', '1']]], ['name', 'shop', 'code']);
  await texts.take(
    [
      [
        ['+6591234568', '+6591234569'],
        [long, 'East', '1'],
      ],
    ],
    ['name', 'shop', 'code'],
  );
  await texts.take([[['+6591234560'], ['Chloë–', 'East', '1']]], ['name', 'shop', 'code']);
  expect(texts.totals).toMatchObject({
    segments: { min: 1, median: 1, max: 2, total: 6 },
    notGsm7Recipients: 1,
    notGsm7: [
      { character: 'ë', recipients: 1, example: 'Hi Chloë–, East has a sale' },
      { character: '–', recipients: 1 },
    ],
    unusedParams: ['code'],
  });
  expect(texts.totals.samples).toEqual([
    'Hi Ada, East has a sale',
    `Hi ${long}, East has a sale`,
    'Hi Chloë–, East has a sale',
  ]);
});

test('refuses variables that no param stands for', async () => {
  const texts = new Texts('Hi {{name}}, {{cod}} {{shop}}');
  await expect(texts.take([], ['name', 'code'])).rejects.toThrow(
    'got none for {{cod}}, {{shop}}, which would go out literally; there are the params name, code',
  );
});
