import { expect, test } from 'vitest';
import { checkList } from '../../../src/producer/list/check.ts';
import { placeWarnings } from '../../../src/producer/list/place-warnings.ts';
import type { ReadPacksOptions } from '../../../src/producer/list/read-packs.ts';
import { e164Numbers, nationalNumbers } from '../../support/numbers.ts';
import { readWhole } from './lists.ts';

function refusal(totals: Parameters<typeof checkList>[0], maxInvalid = 0.1): string {
  try {
    checkList(totals, maxInvalid);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The same numbers, in every form of list that is no workbook. */
function lists(numbers: readonly string[]) {
  return {
    csv: `phone,name\n${numbers.map((number) => `${number},Ana\n`).join('')}`,
    ndjson: numbers.map((to) => `${JSON.stringify({ to })}\n`).join(''),
    rows: { rows: numbers.map((to) => ({ to })) },
  };
}

test.each(['CN', 'BR', 'DE', 'GD', 'US', 'SG', 'HK', 'TW', 'MY', 'ID', 'TH', 'VN', 'PH', 'MX'])(
  'a national list of %s is refused, and read with its country',
  async (country) => {
    const numbers = nationalNumbers(country, 50);
    for (const list of Object.values(lists(numbers))) {
      const params: ReadPacksOptions = { params: [] };
      const { totals } = await readWhole(list, params);
      expect(refusal(totals)).toMatch(/^of \d+ numbers without \+, .* give --country [A-Z]{2} if/);
      // Whatever is allowed to be invalid.
      expect(refusal(totals, 1)).toBe(refusal(totals));
      const read = await readWhole(list, { ...params, country });
      expect(read.totals).toMatchObject({ recipients: numbers.length, national: undefined });
      expect(refusal(read.totals)).toBe('');
      expect(placeWarnings(read.totals)).toEqual([]);
      const said = await readWhole(list, { ...params, international: true });
      expect(said.totals.national).toBeUndefined();
    }
  },
);

test.each(['CN', 'JP', 'KR', 'IN', 'NO', 'GB', 'US', 'SG'])(
  'an international list of %s passes, with + and without',
  async (country) => {
    const numbers = e164Numbers(country, 100);
    for (const cut of [0, 1]) {
      const list = lists(numbers.map((number) => number.slice(cut)));
      const { totals } = await readWhole(list.csv, { params: [] });
      expect(refusal(totals)).toBe('');
      expect(placeWarnings(totals)).toEqual([]);
      expect(totals).toMatchObject({ recipients: 100, withoutPlus: cut === 0 ? 0 : 100 });
    }
  },
);

test('what was written with + or 00 is not asked about', async () => {
  const foreign = e164Numbers('SG', 30).map((number, at) =>
    at % 2 === 0 ? number : `00${number.slice(1)}`,
  );
  const { totals } = await readWhole(lists([...foreign, '13905032582']).csv, { params: [] });
  expect(totals.withoutPlus).toBe(1);
});

test('a few national numbers among international ones are a warning', async () => {
  const numbers = [
    ...e164Numbers('SG', 40).map((number) => number.slice(1)),
    ...nationalNumbers('TW', 48).map((digits) => `0${digits}`),
  ];
  const { totals } = await readWhole(lists(numbers).csv, { params: [] });
  const { national } = totals;
  expect(national).toMatchObject({ country: 'TW', sample: 88, asRead: 40, asNational: 48 });
  expect(refusal(totals, 1)).toBe('');
  expect(placeWarnings(totals)[0]).toMatch(/with --country TW it would be \+886/);
});

test('counts recipients by country and kind', async () => {
  const rows = [
    ...e164Numbers('SG', 20),
    ...e164Numbers('MY', 7),
    ...e164Numbers('SG', 3, 'fixed'),
    '+18005550199',
    '+18005550199',
    '+19005550199',
    '+6580000000',
  ];
  const { totals, invalid } = await readWhole(lists(rows).csv, { params: [] });
  expect(totals.places).toEqual({
    countries: { SG: 23, MY: 7, US: 1 },
    kinds: { mobile: 27, fixed: 3, toll_free: 1 },
    callingCodes: 3,
  });
  expect(totals).toMatchObject({ recipients: 31, duplicate: 1, invalid: 2 });
  expect(invalid.map(({ reason }) => reason)).toEqual(['not_textable', 'bad_number']);
  expect(placeWarnings(totals)).toEqual([
    '3 fixed lines: most cannot read an SMS',
    '1 toll-free number: most cannot read an SMS',
  ]);
});

test('several countries without + are told, unless they are said to be international', async () => {
  const bare = [...e164Numbers('SG', 20), ...e164Numbers('MY', 20)].map((each) => each.slice(1));
  const { csv } = lists(bare);
  const { totals } = await readWhole(csv, { params: [] });
  expect(placeWarnings(totals)).toEqual([
    expect.stringMatching(/^40 numbers without \+ in a list of several countries/),
  ]);
  const said = await readWhole(csv, { params: [], international: true });
  expect(placeWarnings(said.totals)).toEqual([]);
});

test('numbers of a new range pass where a possible length is enough, and are told', async () => {
  const { csv } = lists([...e164Numbers('SG', 20), '+6580000000']);
  const { totals } = await readWhole(csv, { params: [], numbers: 'possible' });
  expect(totals).toMatchObject({ recipients: 21, places: { kinds: { mobile: 20, unknown: 1 } } });
  expect(placeWarnings(totals)).toHaveLength(1);
});
