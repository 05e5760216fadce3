import fc from 'fast-check';
import {
  getCountries,
  getExampleNumber,
  type NumberType,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { expect, test } from 'vitest';
import { type NumberKind, places } from '../../../src/producer/phone/places.ts';
import { type Plan, plansByCallingCode } from '../../../src/producer/phone/plans.ts';
import { INVALID, judgeDigits, UNSURE } from '../../../src/producer/phone/verdicts.ts';

const KINDS: Readonly<Record<Exclude<NumberType, undefined>, NumberKind>> = {
  FIXED_LINE: 'fixed',
  MOBILE: 'mobile',
  FIXED_LINE_OR_MOBILE: 'mobile',
  TOLL_FREE: 'toll_free',
  PREMIUM_RATE: 'premium',
  SHARED_COST: 'shared_cost',
  VOIP: 'voip',
  PERSONAL_NUMBER: 'personal',
  PAGER: 'pager',
  UAN: 'universal',
  VOICEMAIL: 'voicemail',
};
const SATELLITES = new Set(['870', '881', '882', '883']);

/** What the library says of the whole number; undefined where it is not valid, or the library takes something off. */
function byLibrary(number: string): { country: string; kind: NumberKind } | undefined {
  const found = parsePhoneNumberFromString(number, { extract: false });
  if (found === undefined || found.number !== number || !found.isValid()) return undefined;
  const { countryCallingCode: code } = found;
  const type = found.getType();
  if (type === undefined) throw new Error(`${number}: valid, and of no type`);
  const main = plansByCallingCode.get(code)?.[0]?.country;
  const kind = SATELLITES.has(code) ? 'satellite' : KINDS[type];
  return { country: found.country ?? main ?? `+${code}`, kind };
}

function byGraph(number: string): { country: string; kind: NumberKind } | undefined | 'unsure' {
  const place = judgeDigits(number, 1, false);
  if (place === UNSURE) return 'unsure';
  if (place === INVALID) return undefined;
  const { country, kind } = places[place] ?? { country: '', kind: 'unknown' };
  return { country, kind };
}

/** Digits that one of the country's patterns matches, and such with one digit changed, added or lost. */
function nearNumbers(plan: Plan): fc.Arbitrary<string> {
  const patterns = Object.values(plan.types).flatMap(({ pattern }) => pattern || []);
  const matching = fc
    .constantFrom(plan.pattern, ...patterns)
    .chain((pattern) => fc.stringMatching(new RegExp(`^(?:${pattern})$`)));
  const change = fc.tuple(fc.constantFrom('none', 'change', 'add', 'lose'), fc.nat(), fc.nat(9));
  return fc.tuple(matching, change).map(([digits, [what, nth, digit]]) => {
    if (what === 'none') return digits;
    const at = nth % digits.length;
    const rest = digits.slice(what === 'add' ? at : at + 1);
    return `${digits.slice(0, at)}${what === 'lose' ? '' : digit}${rest}`;
  });
}

test.each([...plansByCallingCode])('gives the library’s verdict on +%s', (callingCode, plans) => {
  const any = fc.stringMatching(/^\d{1,13}$/);
  const prefixes = plans.flatMap(({ nationalPrefix }) => nationalPrefix?.match(/\d+/g) ?? []);
  const risky = fc
    .tuple(fc.constantFrom('', ...prefixes), fc.oneof(any, ...plans.map(nearNumbers)))
    .map((parts) => parts.join(''));
  const numbers = fc.oneof(any, risky, ...plans.map(nearNumbers));
  fc.assert(
    fc.property(numbers, (national) => {
      const number = `+${callingCode}${national}`;
      const verdict = byGraph(number);
      if (verdict !== 'unsure') expect([number, verdict]).toEqual([number, byLibrary(number)]);
    }),
    { numRuns: 150 + 50 * plans.length },
  );
});

test('is sure of the library’s own mobile number of every country but a few', () => {
  const known = getCountries().flatMap((country) => getExampleNumber(country, examples) ?? []);
  const verdicts = known.map(({ number }) => byGraph(number));
  expect(known.length).toBeGreaterThan(200);
  for (const [index, { number }] of known.entries()) {
    if (verdicts[index] === 'unsure') continue;
    expect([number, verdicts[index]]).toEqual([number, byLibrary(number)]);
  }
  expect(verdicts.filter((each) => each === 'unsure').length).toBeLessThan(5);
});

test('is not sure of what has more than digits, or too many, or a calling code of nobody', () => {
  for (const text of [
    '+65 91234567',
    '+6591234567x',
    '+65912',
    '+65912345678901234',
    '+2101234567',
  ])
    expect([text, byGraph(text)]).toEqual([text, 'unsure']);
});
