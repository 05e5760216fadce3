import fc from 'fast-check';
import { getCountries, getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { expect, test } from 'vitest';
import { NationalNumbers } from '../../../src/producer/phone/national.ts';
import { PhoneNumbers } from '../../../src/producer/phone/number.ts';
import { places } from '../../../src/producer/phone/places.ts';
import { planOf } from '../../../src/producer/phone/plans.ts';

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
      expect([number, fast]).toEqual([number, found?.isValid() ? found.number : undefined]);
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
  ['+6580100000', '+6580100000'],
  ['+6598999999', '+6598999999'],
  ['+923700056581', '+923700056581'],
  ['+14155550123', '+14155550123'],
  ['+1 (415) 555-0123', '+14155550123'],
  ['+447911123456', '+447911123456'],
  ['+44 (0)7911 123456', '+447911123456'],
  ['\u202a+65\u00a09123\u20114567\u202c', '+6591234567'],
  ['+６５９１２３４５６７', '+6591234567'],
  ['+٦٥٩١٢٣٤٥٦٧', '+6591234567'],
  ["'+6591234567", '+6591234567'],
  ["'6591234567", '+6591234567'],
  ['="+6591234567"', '+6591234567'],
  ['=""+65 9123 4567""', '+6591234567'],
  ['=+6591234567', '+6591234567'],
  ["'=+6591234567", '+6591234567'],
  ['="(+65) 9123-4567"', '+6591234567'],
  ['"+6591234567"', '+6591234567'],
  ['\u2019+6591234567', '+6591234567'],
  ['+1\ufe0f415-555-0134', '+14155550134'],
  ['+1\u{e0101}415\u00ad555\u20600134', '+14155550134'],
  ['\ufeff\u200e+65\u200b9123\u3164\u180e4567\u3000', '+6591234567'],
  ['+6️⃣5️⃣9️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣', '+6591234567'],
  ['＋６５（９１２３）－４５６７', '+6591234567'],
  ['+۶۵۹۱۲۳۴۵۶۷', '+6591234567'],
  ['+६५९१२३४५६७', '+6591234567'],
  ['+৬৫৯১২৩৪৫৬৭', '+6591234567'],
  ['+๖๕๙๑๒๓๔๕๖๗', '+6591234567'],
  ['+၆၅၉၁၂၃၄၅၆၇', '+6591234567'],
  ['+៦៥៩១២៣៤៥៦៧', '+6591234567'],
  ['+𝟞𝟝𝟡𝟙𝟚𝟛𝟜𝟝𝟞𝟟', '+6591234567'],
  ['tel:+65-9123-4567', '+6591234567'],
  ['p:+14155550134', '+14155550134'],
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
  ['07911123456', /a number without its country/],
  ['6.59123E+09', /a spreadsheet took it for a quantity/],
  ['6591234567.0', /a spreadsheet took it for a quantity/],
  ['=A2&B2', /a formula/],
  ['=6591234560+7', /a formula/],
  ['=65-91234567', /a formula/],
  ['+10912345678', /no number of US begins like this; --numbers possible lets it through/],
  ['+6551234567', /no number of SG begins like this; --numbers possible/],
  ['+6580000000', /no number of SG begins like this/],
  ['+65 9123 4567 x12', /an extension cannot be texted/],
  ['+6591234567;ext=5', /an extension cannot be texted/],
  ['+65 9123 4567 ext. 12', /an extension cannot be texted/],
  ['0011 65 9123 4567', /0011 is dialled abroad in AU, not everywhere: give --country AU/],
  ['011 65 9123 4567', /011 is dialled abroad in US/],
  ['010 65 9123 4567', /010 is dialled abroad in JP/],
  ['810 65 9123 4567', /810 is dialled abroad in RU/],
  ['0044 07911 123456', /what follows 00 is no number as it stands/],
  ['00 1 1 415 555 0123', /001 is dialled abroad in SG/],
  ['+65 9123 456²', /expected a phone number/],
  ['+65912345x7', /expected a phone number in E.164, got/],
  ['+6591234567/+6591234568', /expected a phone number/],
  ['+6591234567, 91234568', /expected a phone number/],
  ['++6591234567', /expected a phone number/],
  ['65+91234567', /expected a phone number/],
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
  ['GB', '07911 123456', '+447911123456'],
  ['GB', '0014155550123', '+14155550123'],
  ['US', '(415) 555-0123', '+14155550123'],
  ['US', '1 415 555 0123', '+14155550123'],
  ['US', '011 65 9123 4567', '+6591234567'],
  ['AU', '0011 65 9123 4567', '+6591234567'],
  ['AU', '0011 65 09123 4567', undefined],
  ['AU', '0065 9123 4567', undefined],
  ['SG', '001 60 12 345 6789', '+60123456789'],
  ['KR', '001 65 9123 4567', '+6591234567'],
  ['TH', '001 65 9123 4567', '+6591234567'],
  ['HK', '001 65 9123 4567', '+6591234567'],
  ['HK', '0065 9123 4567', '+6591234567'],
  ['JP', '010 65 9123 4567', '+6591234567'],
  ['RU', '810 65 9123 4567', '+6591234567'],
  ['GB', '0044 07911 123456', undefined],
  ['GB', '00 1 1 415 555 0123', undefined],
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

test.each([
  ['+6561234567', 'SG', 'fixed'],
  ['+6591234567', 'SG', 'mobile'],
  ['+18005550199', 'US', 'toll_free'],
  ['+80012345678', '+800', 'toll_free'],
  ['+14155550123', 'US', 'mobile'],
  ['+16135550123', 'CA', 'mobile'],
  ['+447624123456', 'IM', 'mobile'],
  ['+447012345678', 'GB', 'personal'],
  ['+77012345678', 'KZ', 'mobile'],
])('tells of %s that it is of %s and %s', (number, country, kind) => {
  const numbers = new PhoneNumbers();
  expect(numbers.read(number)).toBe(number);
  expect(places[numbers.place]).toMatchObject({ country, kind });
});

test.each([
  ['+19005550199', /a premium-rate number/],
  ['979123456789', /a premium-rate number/],
  ['+80812345678', /a shared-cost number/],
  ['+448451234567', /a premium-rate number/],
  ['881612345678', /a satellite or an international network/],
  ['+870773123456', /a satellite or an international network/],
  ['+8821612345678', /a satellite or an international network/],
  ['+88812345678901', /a universal-access number/],
  ['+447640123456', /a pager/],
])('does not text %s: %s', (number, why) => {
  for (const rule of ['valid', 'possible'] as const) {
    const numbers = new PhoneNumbers(undefined, { numbers: rule });
    expect(numbers.read(number)).toBeUndefined();
    expect(numbers.fault(number)).toMatchObject({ reason: 'not_textable' });
    expect(numbers.explain(number)).toMatch(why);
  }
  const any = new PhoneNumbers(undefined, { anyKind: true });
  expect(any.read(number)).toBe(number.startsWith('+') ? number : `+${number}`);
});

test.each(['+6580000000', '+6551234567', '6599999999', '+10912345678', '00 65 5123 4567'])(
  'reads %s, of a length that is possible, only where that is enough',
  (cell) => {
    expect(new PhoneNumbers().read(cell)).toBeUndefined();
    const numbers = new PhoneNumbers(undefined, { numbers: 'possible' });
    expect(numbers.read(cell)).toMatch(/^\+\d+$/);
    expect(places[numbers.place]?.kind).toBe('unknown');
    expect(numbers.read(`${cell}0`)).toBeUndefined();
  },
);
