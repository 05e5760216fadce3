import fc from 'fast-check';
import { getCountries, getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { expect, test } from 'vitest';
import { fastE164 } from '../../../src/producer/phone/fast-path.ts';
import { NationalNumbers } from '../../../src/producer/phone/national.ts';
import { accepted, PhoneNumbers } from '../../../src/producer/phone/number.ts';
import { planOf, plansByCallingCode } from '../../../src/producer/phone/plans.ts';

const callingCodes = [...plansByCallingCode.keys()];

function byLibrary(number: string): string | undefined {
  return accepted(parsePhoneNumberFromString(number, { extract: false }));
}

test.each(callingCodes)('gives the library’s verdict on +%s without it', (callingCode) => {
  const prefixes = plansByCallingCode.get(callingCode)?.map((plan) => plan.nationalPrefix ?? '');
  // Prefixes are regular expressions; their digits are where the two could come to differ.
  const risky = (prefixes ?? []).flatMap((prefix) => prefix.match(/\d+/g) ?? []);
  const national = fc.tuple(fc.constantFrom('', '', ...risky), fc.stringMatching(/^\d{1,13}$/));
  fc.assert(
    fc.property(national, ([prefix, digits]) => {
      const number = `+${callingCode}${prefix}${digits}`;
      const fast = fastE164(number, false);
      if (fast !== undefined) expect(fast).toBe(byLibrary(number));
    }),
    { numRuns: 150 },
  );
});

test.each(getCountries())('gives the library’s verdict on digits without + in %s', (country) => {
  const plan = planOf(country, '');
  if (plan === undefined) throw new Error(`no plan of ${country}`);
  const nationals = new NationalNumbers(plan);
  const { callingCode, nationalPrefix = '', iddPrefix = '' } = plan;
  const risky = [nationalPrefix, iddPrefix].flatMap((prefix) => prefix.match(/\d+/g) ?? []);
  const heads = ['', '0', '1', callingCode, `0${callingCode}`, `${callingCode}0`, ...risky];
  const usual = fc.constantFrom(...plan.mobileLengths);
  const length = fc.oneof(usual, usual, fc.integer({ min: 1, max: 13 }));
  const head = fc.constantFrom(...heads);
  const digits = fc
    .tuple(head, fc.constantFrom('', '', ...risky), length)
    .chain(([first, second, count]) =>
      fc
        .stringMatching(new RegExp(`^\\d{${count}}$`))
        .map((national) => `${first}${second}${national}`),
    );
  fc.assert(
    fc.property(digits, (number) => {
      const fast = nationals.read(number);
      if (fast === undefined) return;
      const found = parsePhoneNumberFromString(number, { defaultCountry: country, extract: false });
      expect([number, fast]).toEqual([number, accepted(found)]);
      expect(found?.countryCallingCode).toBe(callingCode);
    }),
    { numRuns: 200 },
  );
});

test('takes the fast path for a mobile number of nearly every country, as it is dialled there', () => {
  const dialled = getCountries().flatMap((country) => {
    const example = getExampleNumber(country, examples);
    if (example === undefined) return [];
    const plan = planOf(country, '');
    const digits = example.formatNational().replace(/\D/g, '');
    return plan ? [new NationalNumbers(plan).read(digits) === example.number] : [];
  });
  expect(dialled.length).toBeGreaterThan(200);
  expect(dialled.filter(Boolean).length / dialled.length).toBeGreaterThan(0.9);
});

test('takes the fast path for the library’s own mobile number of nearly every country', () => {
  const mobiles = getCountries().map((country) => getExampleNumber(country, examples)?.number);
  const known = mobiles.filter((number) => number !== undefined);
  const fast = known.filter((number) => fastE164(number, false) === number);
  expect(fast.length / known.length).toBeGreaterThan(0.9);
  for (const number of known) expect(new PhoneNumbers().read(number)).toBe(number);
});

test('reads a national number of every country as its international one', () => {
  for (const country of getCountries()) {
    const example = getExampleNumber(country, examples);
    if (example === undefined) continue;
    const numbers = new PhoneNumbers(country);
    expect([country, numbers.read(example.formatNational())]).toEqual([country, example.number]);
    expect(numbers.read(example.formatInternational())).toBe(example.number);
  }
});

test.each([
  ['+6591234567', '+6591234567'],
  ['6591234567', '+6591234567'],
  [' +65 9123 4567 ', '+6591234567'],
  ['+65-9123.4567', '+6591234567'],
  ['(+65) 9123-4567', '+6591234567'],
  ['006591234567', '+6591234567'],
  ['+6580000000', '+6580000000'],
  ['+6599999999', '+6599999999'],
  ['+923700056581', '+923700056581'],
  ['+14155550123', '+14155550123'],
  ['+1 (415) 555-0123', '+14155550123'],
  ['+447700900123', '+447700900123'],
  ['+44 (0)7700 900123', '+447700900123'],
  ['\u202a+65\u00a09123\u20114567\u202c', '+6591234567'],
  ['+６５９１２３４５６７', '+6591234567'],
  ['+٦٥٩١٢٣٤٥٦٧', '+6591234567'],
])('reads %j as %s', (cell, number) => {
  expect(new PhoneNumbers().read(cell)).toBe(number);
});

test.each([
  ['', /no number/],
  ['   ', /no number/],
  ['123', /no number of a known country/],
  ['+659123456', /no number of a known country/],
  ['+65912345678', /no number of a known country/],
  ['+659123456789', /no number of a known country/],
  ['+2101234567', /no number of a known country/],
  ['91234567', /no number of a known country/],
  ['07700900123', /a number without its country/],
  ['6.59123E+09', /a spreadsheet took it for a quantity/],
  ['6591234567.0', /a spreadsheet took it for a quantity/],
  ['="+6591234567"', /a formula/],
  ["'+6591234567", /a formula or a text mark/],
  ['+65912345x7', /expected a phone number in E.164, got/],
  ['+6591234567/+6591234568', /expected a phone number/],
  ['+6591234567, 91234568', /expected a phone number/],
  ['++6591234567', /expected a phone number/],
  ['65+91234567', /expected a phone number/],
  ['tel:+6591234567', /expected a phone number/],
])('refuses %j and says why', (cell, why) => {
  const numbers = new PhoneNumbers();
  expect(numbers.read(cell)).toBeUndefined();
  expect(numbers.explain(cell)).toMatch(why);
});

test.each([
  ['SG', '91234567', '+6591234567'],
  ['sg', '9123 4567', '+6591234567'],
  ['SG', '+6591234567', '+6591234567'],
  ['SG', '6591234567', '+6591234567'],
  ['SG', '+14155550123', '+14155550123'],
  ['SG', '006591234567', undefined],
  ['GB', '07700 900123', '+447700900123'],
  ['GB', '0014155550123', '+14155550123'],
  ['US', '(415) 555-0123', '+14155550123'],
  ['US', '1 415 555 0123', '+14155550123'],
  ['US', '011 65 9123 4567', undefined],
])('with country %s reads %j as %s', (country, cell, number) => {
  expect(new PhoneNumbers(country).read(cell)).toBe(number);
});

test('shows at most the first two and the last four digits of what it refuses', () => {
  expect(new PhoneNumbers().explain('+65 9123 4567 8')).toContain('"+65 **** *567 8"');
  expect(new PhoneNumbers().explain('123456')).toContain('"12****"');
});

test('refuses a country that does not exist', () => {
  expect(() => new PhoneNumbers('XX')).toThrow('country: expected an ISO 3166 code such as SG');
});
