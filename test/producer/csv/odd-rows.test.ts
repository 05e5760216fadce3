/** Rows as people have them, in every kind of list: blank, ragged, broken, with words for nothing, with fallbacks. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { plainRows } from '../../../src/producer/csv/plain-csv.ts';
import type { ReadPacksOptions } from '../../../src/producer/list/read-packs.ts';
import { inPieces, readWhole } from '../list/lists.ts';

const ALL = { params: 'all' } as const;

test.each([
  ['as a spreadsheet leaves them', 'phone,name\r\n+6591234567,Ana\r\n,\r\n,\r\n,\r\n', 3],
  ['of spaces and tabs', 'phone;name\n+6591234567;Ana\n ;\t\n  \n', 2],
  ['of empty quotes', 'phone,name\n"",""\n+6591234567,"Ana"\n"  ",\n', 2],
  [
    'of no-break spaces and what nobody sees',
    'phone,name\n\u00a0,\u3000\n+6591234567,Ana\n\ufeff,\u200b',
    2,
  ],
  ['of text marks', 'phone,name\n+6591234567,"Ana"\n="",=""\n', 1],
  ['longer than the header', 'phone,name\n,,,,,\n+6591234567,Ana\n,,,\n', 2],
  ['without a delimiter', '\nphone,name\n\n+6591234567,Ana\n\n\n', 4],
  ['of a lone CR', 'phone,name\r+6591234567,Ana\r,\r\r', 2],
])('counts rows %s as blank', async (_name, csv, blank) => {
  for (const cuts of [[65_536], [3, 7]]) {
    const list = await readWhole({ bytes: inPieces(csv, cuts), name: 'list' }, ALL);
    expect(list.totals).toMatchObject({ rows: 1, invalid: 0, recipients: 1, blank });
    expect(list.recipients).toEqual(['+6591234567:Ana']);
  }
});

test('says the lines of rows behind blank ones, with quotes and without', async () => {
  for (const good of ['+6591234567,Ana', '"+6591234567","Ana"']) {
    const csv = `phone,name\n,\n${good}\n\u00a0,\n\n12,x\n,,,\n34,y`;
    const { invalid, totals } = await readWhole(csv, ALL);
    expect(invalid.map(({ line, raw }) => [line, raw])).toEqual([
      [6, '12,x'],
      [8, '34,y'],
    ]);
    expect(totals).toMatchObject({ rows: 3, invalid: 2, blank: 4 });
  }
});

test('takes chunk after chunk of blank rows, more than a piece of them', async () => {
  const csv = `phone,name\n+6591234567,Ana\n${',\n'.repeat(100_000)}+6591234568,Bo\n`;
  expect((await readWhole(csv, ALL)).totals).toMatchObject({ rows: 2, blank: 100_000 });
  const ndjson = `{"to":"+6591234567"}\n${'\n'.repeat(100_000)} \u00a0\n{"to":"+6591234568"}`;
  expect((await readWhole(ndjson)).totals).toMatchObject({ rows: 2, blank: 100_001 });
});

test.each([['phone,name\n,\n,\n'], ['phone\n\n \n""\n']])(
  'refuses %j: nothing but blank rows',
  async (csv) => {
    await expect(readWhole(csv, ALL)).rejects.toThrow('list: expected rows, got none');
  },
);

test.each([
  ['+6591234567,Ana,', '+6591234567:Ana'],
  ['+6591234567,Ana,,,  ,\u00a0', '+6591234567:Ana'],
  ['+6591234567,"Ana","",=""', '+6591234567:Ana'],
  ['+6591234567,Ana,x', 'wrong_cells: expected 2 cells, got 3'],
  ['+6591234567,Ana,,x,,', 'wrong_cells: expected 2 cells, got 4'],
  ['+6591234567,"Ana","x"', 'wrong_cells: expected 2 cells, got 3'],
  ['+6591234567', 'missing_param: expected the param "name", got an empty value'],
  [',Ana', 'bad_number: no number'],
  ['#N/A,Ana', "bad_number: expected a phone number in E.164, got #N/A: a spreadsheet's error"],
  [
    '+6591234567,#REF!',
    `broken_value: expected the param "name", got #REF!: a spreadsheet's error`,
  ],
  [
    '+6591234567, #BEZUG! ',
    `broken_value: expected the param "name", got #BEZUG!: a spreadsheet's error`,
  ],
  [
    '+6591234567,"Err:502"',
    `broken_value: expected the param "name", got Err:502: a spreadsheet's error`,
  ],
  ['+6591234567," Ana\u00a0"', '+6591234567:Ana'],
  ['+6591234567,\u200eAna Maria \u200b', '+6591234567:Ana Maria'],
  ['+6591234567,="Ana"', '+6591234567:Ana'],
  ['+6591234567,"=""Ana"""', '+6591234567:Ana'],
  ["+6591234567,'t Hooft", "+6591234567:'t Hooft"],
])('reads the row %j as %s', async (row, verdict) => {
  const { recipients, invalid } = await readWhole(`phone,name\n${row}\n+6591234999,Bo\n`, ALL);
  expect([...invalid.map(({ reason, detail }) => `${reason}: ${detail}`), ...recipients]).toEqual([
    verdict,
    '+6591234999:Bo',
  ]);
});

test('does not look at cells that nobody chose', async () => {
  const csv = 'name,phone,age,city\nAna,+6591234567\nBo,+6591234568,#N/A,null\nCy\n';
  const list = await readWhole(csv, { params: ['name'] });
  expect(list.recipients).toEqual(['+6591234567:Ana', '+6591234568:Bo']);
  expect(list.totals).toMatchObject({ reasons: { bad_number: 1 }, placeholders: {} });
});

/** The same rows in each kind of list. */
function lists(rows: readonly (readonly [to: string, name?: string | null])[]) {
  const objects = rows.map(([to, name]) => ({ to, params: { code: 'x', name } }));
  const cells = rows.map(([to, name]) => `${to},x,${name ?? ''}`);
  const ndjson = objects.map((row) => JSON.stringify(row));
  const given = objects as { to: string; params: Record<string, string> }[];
  return [
    ['CSV', `phone,code,name\n${cells.join('\n')}`],
    ['CSV with quotes', `"phone",code,name\n${cells.join('\n')}\n"",`],
    ['NDJSON', ndjson.join('\n')],
    ['given rows', { rows: given }],
  ] as const;
}

test('puts a fallback where a value is empty or missing, in every kind of list', async () => {
  const rows = lists([
    ['+6591234561', ' '],
    ['+6591234562'],
    ['+6591234563', 'Ana'],
    ['+6591234564', null],
    ['+6591234561', ''],
  ]);
  for (const [kind, source] of rows) {
    for (const allowEmpty of [false, true]) {
      const options: ReadPacksOptions = {
        fallbacks: { name: 'there' },
        params: ['name'],
        allowEmpty,
      };
      const list = await readWhole(source, { ...options, batchSize: 1 });
      const names = list.packs.flat().map(([, values]) => values.join());
      expect([kind, ...names]).toEqual([kind, 'there', 'there', 'Ana', 'there']);
      expect(list.totals).toMatchObject({ rows: 5, duplicate: 1, fallbacks: 4, invalid: 0 });
    }
  }
});

test('takes a fallback where the first row of all params lacks the name', async () => {
  const rows = '{"to":"+6591234561"}\n{"to":"+6591234562","params":{"name":"Ana"}}\n';
  const list = await readWhole(rows, { fallbacks: { name: 'there' } });
  expect(list.recipients).toEqual(['+6591234561:there', '+6591234562:Ana']);
});

test.each([
  ['CSV', 'phone,name\n+6591234567,Ana\n', ALL, 'they have "name"'],
  ['CSV without params', 'phone,name\n+6591234567,Ana\n', { params: [] }, 'no param is taken'],
  ['NDJSON', '{"to":"+6591234567","params":{"name":"a","b":1}}', {}, 'they have "name", "b"'],
  ['NDJSON, chosen', '{"to":"+6591234567"}', { params: ['name'] }, 'they have "name"'],
  ['a constant', 'phone,name\n+6591234567,Ana\n', { ...ALL, constants: { nme: 'x' } }, '"name"'],
])('refuses a fallback of no param: %s', async (_kind, text, options, known) => {
  const reading = readWhole(text, { ...options, fallbacks: { nme: 'there' } });
  await expect(reading).rejects.toMatchObject({ code: 'bad_input' });
  await expect(reading).rejects.toThrow('expected a param of the list\'s rows, got "nme"');
  await expect(reading).rejects.toThrow(known);
});

test('refuses an empty fallback, unless empty values are allowed', async () => {
  const csv = 'phone,name\n+6591234567,\n';
  const options = { ...ALL, fallbacks: { name: ' \u00a0' } };
  await expect((async () => readWhole(csv, options))()).rejects.toThrow(
    'fallback "name": expected a value, got an empty one',
  );
  const list = await readWhole(csv, { ...ALL, fallbacks: { name: '' }, allowEmpty: true });
  expect(list.recipients).toEqual(['+6591234567:']);
});

test('counts the rows with a word for nothing, each once, those that are invalid not', async () => {
  const csv = [
    'phone,a,b',
    ...['+6591234561,null,NULL', '+6591234562,NaN,null', '+6591234561,x,undefined'],
    ...['+6591234563,null,', '12,null,x', '+6591234564,[object Object],Nullmeier'],
  ].join('\n');
  const { totals } = await readWhole(csv, ALL);
  expect(totals).toMatchObject({ rows: 6, invalid: 2, duplicate: 1, recipients: 3 });
  expect(totals.placeholders).toEqual({ null: 2, NaN: 1, undefined: 1, '[object Object]': 1 });
});

test('keeps no block in memory for the sake of a cell', () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const roles = { number: 'phone', unused: [] };
  const columns = { delimiter: ',', count: 3, phone: 0, picked: [1], names: ['a'], roles };
  const held: string[] = [];
  gc();
  const before = process.memoryUsage().heapUsed;
  for (let block = 0; block < 400; block++) {
    const padding = 'x'.repeat(65_536);
    for (const name of ['n'.repeat(12), 'n'.repeat(13), 'n'.repeat(40)]) {
      const bytes = Buffer.from(`+6591234567,${name}${block},${padding}\n`);
      for (const { to, values } of plainRows(bytes, columns, 10).rows) held.push(to, ...values);
    }
  }
  gc();
  // Held by views, all blocks would be 78 MB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(8 * 1024 * 1024);
  expect(held.length).toBe(2400);
});
