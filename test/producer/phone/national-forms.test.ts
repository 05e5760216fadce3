import { getCountries } from 'libphonenumber-js/max';
import { expect, test } from 'vitest';
import { NationalForms, SAMPLE } from '../../../src/producer/phone/national-forms.ts';
import { planOf } from '../../../src/producer/phone/plans.ts';
import { Reservoir } from '../../../src/producer/phone/reservoir.ts';
import { e164Numbers, nationalNumbers } from '../../support/numbers.ts';

function formsOf(numbers: readonly string[]): NationalForms {
  const forms = new NationalForms();
  for (const number of numbers) forms.take(number);
  return forms;
}

test.each([
  ['CN', ''],
  ['BR', ''],
  ['BR', '0'],
  ['DE', ''],
  ['DE', '0'],
  ['GD', ''],
  ['US', ''],
  ['SG', ''],
  ['HK', ''],
  ['TW', '0'],
  ['TW', ''],
  ['MY', '0'],
  ['MY', ''],
  ['ID', '0'],
  ['ID', ''],
  ['TH', '0'],
  ['TH', ''],
  ['VN', '0'],
  ['VN', ''],
  ['PH', '0'],
  ['PH', ''],
  ['MX', ''],
  ['JP', '0'],
  ['JP', ''],
  ['KR', '0'],
  ['KR', ''],
  ['IN', ''],
  ['IN', '0'],
])('a list of %s with %j before its numbers fits that country', (country, prefix) => {
  for (const count of [20, 200]) {
    const numbers = nationalNumbers(country, count);
    expect(numbers.length).toBeGreaterThan(count / 2);
    const fit = formsOf(numbers.map((digits) => prefix + digits)).verdict();
    expect(fit).toMatchObject({ sample: numbers.length, asNational: numbers.length });
    expect([fit?.country, ...(fit?.others ?? [])]).toContain(country);
    const { sample = 0, asNational = 0, asRead = 0 } = fit ?? {};
    expect(asNational - asRead).toBeGreaterThan(0.2 * sample);
  }
});

test('a Chinese list with a slip of the pen in it still is one', () => {
  const numbers = [...nationalNumbers('CN', 100), '1390', '139000000000000'];
  expect(formsOf(numbers).verdict()).toMatchObject({ country: 'CN', asNational: 100 });
});

test('Grenadian seven digits are told as such, too', () => {
  const seven = nationalNumbers('GD', 60).map((digits) => digits.slice(3));
  const fit = formsOf(seven).verdict();
  expect([fit?.country, ...(fit?.others ?? [])]).toContain('GD');
});

test('an international list of any country fits nobody better', () => {
  for (const country of getCountries()) {
    if (planOf(country, '')?.types.mobile === undefined) continue;
    const numbers = e164Numbers(country, 30).map((number) => number.slice(1));
    expect([country, formsOf(numbers).verdict()]).toEqual([country, undefined]);
  }
});

test('shows a number that would be somebody else’s', () => {
  const fit = formsOf(['15125060376', '15125060377', '01761234567']).verdict();
  expect(fit).toMatchObject({ sample: 3, asRead: 2, asNational: 3, country: 'DE' });
  expect(fit?.example).toBe(
    '15125060376 was read as +1 512 506 0376 (US); with --country DE it would be +49 1512 5060376',
  );
});

test('has nothing to say of no numbers, and of such as fit nobody', () => {
  expect(formsOf([]).verdict()).toBeUndefined();
  expect(formsOf(['1', '22', '00000000000000']).verdict()).toBeUndefined();
});

test('judges a sample of a long list, and the same each time', () => {
  const numbers = Array.from({ length: 100_000 }, (_none, at) =>
    String((at % 4 === 0 ? 6_591_000_000 : 13_900_000_000) + at),
  );
  const forms = formsOf(numbers);
  const fit = forms.verdict();
  expect(forms.count).toBe(100_000);
  expect(fit).toMatchObject({ sample: SAMPLE, country: 'CN' });
  expect((fit?.asNational ?? 0) / SAMPLE).toBeCloseTo(0.75, 1);
  expect(formsOf(numbers).verdict()).toEqual(fit);
});

test('a reservoir gives each the same chance', () => {
  const tenths = new Array<number>(10).fill(0);
  const reservoir = new Reservoir(1000);
  for (let at = 0; at < 100_000; at++) reservoir.take(String(at));
  expect(new Set(reservoir.items).size).toBe(1000);
  for (const item of reservoir.items) {
    const tenth = Math.floor(Number(item) / 10_000);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  for (const count of tenths) expect(count).toBeGreaterThan(60);
  for (const count of tenths) expect(count).toBeLessThan(150);
});

test.each([
  ['AU', ['0412345678', '0423456789', '0434567890']],
  ['IT', ['3331234567', '3471234567', '3281234567']],
  ['MA', ['0612345678', '0661234567', '0671234567']],
  ['GD', ['4734031234', '4734041234', '4734051234']],
])('of countries that share a calling code, %s is named', (country, numbers) => {
  const fit = formsOf(numbers).verdict();
  expect([fit?.country, ...(fit?.others ?? [])]).toContain(country);
  for (const small of ['CC', 'CX', 'VA', 'EH', 'AX']) {
    expect([fit?.country, ...(fit?.others ?? [])]).not.toContain(small);
  }
});
