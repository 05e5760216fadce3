import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../support/programs.ts';
import { inPieces, readWhole } from './lists.ts';

const ROWS = [
  { to: '+6591234567', params: { name: 'Ada', note: 'a "b" \\ ] } , é' } },
  { to: '+6598765432', params: { name: '张', note: 'x\n[{' } },
];
const RECIPIENTS = ['+6591234567:Ada,a "b" \\ ] } , é', '+6598765432:张,x\n[{'];

test.each([
  ['on one line', JSON.stringify(ROWS)],
  ['over several lines', JSON.stringify(ROWS, null, 2)],
  ['with tabs', JSON.stringify(ROWS, null, '\t')],
  [
    'with CRLF and blanks around it',
    `\ufeff\r\n ${JSON.stringify(ROWS, null, 4).replaceAll('\n', '\r\n')} \r\n\t`,
  ],
  ['a row a line, the comma first', `[\n${ROWS.map((row) => JSON.stringify(row)).join('\n,')}\n]`],
])('reads an array %s, in any pieces', async (_how, text) => {
  for (const sizes of [[65_536], [1], [7, 3]]) {
    const source = { bytes: inPieces(text, sizes), name: 'list' };
    expect((await readWhole(source)).recipients).toEqual(RECIPIENTS);
  }
});

test('reads any array as NDJSON would be', async () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.bigInt(),
    fc.array(fc.string()),
  );
  const row = fc.oneof(
    fc.record({
      to: fc.constantFrom('+6591234567', '+6598765432', 6591111111, ''),
      params: fc.record({ a: value, b: value }),
    }),
    fc.jsonValue(),
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 8 }),
      sizes,
      fc.nat(2),
      async (rows, cut, space) => {
        // What JSON.stringify cannot write.
        const texts = rows.map((each) =>
          JSON.stringify(
            each,
            (_key, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner),
            space,
          ),
        );
        const first = '{"to":"+6590000000","params":{"a":"1","b":"2"}}';
        const array = await readWhole({
          bytes: inPieces(`[${[first, ...texts].join(' , ')}]`, cut),
          name: 'list',
        });
        const lines = [
          first,
          ...rows.map((_each, at) => JSON.stringify(JSON.parse(texts[at] ?? ''))),
        ].join('\n');
        const ndjson = await readWhole({
          bytes: inPieces(lines, cut),
          name: 'list',
          format: 'ndjson',
        });
        expect(array.recipients).toEqual(ndjson.recipients);
        expect(array.totals.reasons).toEqual(ndjson.totals.reasons);
        expect(array.totals.rows).toBe(rows.length + 1);
      },
    ),
  );
});

test('keeps large integers exact', async () => {
  const text = '[{"to":6591234567,"params":{"id":1972492621368553472,"n":2.5}}]';
  expect((await readWhole(text)).recipients).toEqual(['+6591234567:1972492621368553472,2.5']);
});

test('tells each bad row with its line, and reads on', async () => {
  const text = `[
    {"to": "+6591234567", "params": {}},
    {"to": "+6591234568", "params": {},},
    {"to": "nobody"}, 7, "text",
    null, [1, {"to": "+6591234569"}], nonsense,
    {
      "to": "+6591234561",
      "params": {"a": "\\x"}
    },
    {"to": "+6598765432"}
  ]`;
  const { recipients, invalid, totals } = await readWhole(text);
  expect(recipients).toEqual(['+6591234567:', '+6598765432:']);
  expect(invalid.map(({ line, reason }) => [line, reason])).toEqual([
    [3, 'bad_json'],
    [4, 'bad_number'],
    [4, 'bad_row'],
    [4, 'bad_row'],
    [5, 'bad_row'],
    [5, 'bad_row'],
    [5, 'bad_json'],
    [6, 'bad_json'],
  ]);
  expect(invalid.at(-1)?.raw).toBe('{ "to": "+6591234561", "params": {"a": "\\x"} }');
  expect(totals).toMatchObject({ rows: 10, invalid: 8, recipients: 2 });
});

const LONG = 'x'.repeat(2 * 1024 * 1024);

test.each([
  ['no end', '[{"to":"+6591234567"}', 'list, line 1: expected ], got none by the end of the list'],
  ['an end after a comma', '[{"to":"1"},\n', 'line 2: expected ], got none'],
  [
    'a row without an end',
    '[{"to":"1"},\n{"to":"2"\n',
    'line 2: the row that begins here is not closed',
  ],
  ['a comma too many', '[{"to":"1"},\n]', 'line 2: expected a row, got "]"'],
  ['two commas', '[{"to":"1"},,{"to":"2"}]', 'line 1: expected a row, got ","'],
  ['a comma at its beginning', '[,{"to":"1"}]', 'expected a row, got ","'],
  ['no comma', '[{"to":"1"}\n{"to":"2"}]', 'line 2: expected a comma or ] behind a row'],
  ['text behind it', '[{"to":"1"}]\n\n[]', 'line 3: expected nothing behind the ] of the array'],
  [
    'a bracket of another kind',
    '[{"to":"1"},\n{"to":["2"}]',
    'line 2: expected ] for the bracket that is open, got }',
  ],
  [
    'a quote that is not closed',
    '[{"to":"1},\n{"to":"2"}]',
    'line 1: a quote opened here is not closed',
  ],
  ['a row of 2 MB', `[{"to":"1"},\n{"to":"${LONG}"}]`, 'line 2: expected rows of at most 1 MB'],
  [
    'no UTF-8',
    Buffer.from('[{"to":"+6591234567"},\n{"to":"1","params":{"n":"José"}}]', 'latin1'),
    'line 2: expected UTF-8, got other bytes, by their looks windows-1252',
  ],
  ['no rows', '[ ]', 'list: expected rows, got none'],
])('refuses an array with %s', async (_what, text, message) => {
  const reading = (async () =>
    readWhole({ bytes: inPieces(text), name: 'list', format: 'json' }))();
  await expect(reading).rejects.toMatchObject({ code: 'bad_input' });
  await expect(reading).rejects.toThrow(message);
});

const ROW = '{"to":"+6591234567","params":{}}';

test.each([
  [
    '{"data":[{"to":"1"}]}',
    'got one object that holds an array, "data"; take that out of it, as with jq .data',
  ],
  [
    '{"status":"ok","page":{"next":[1]},"customers": [ {"to":"1"} ]}',
    'got one object that holds an array, "customers"',
  ],
  [
    `{\n  "my rows": [\n    ${ROW}\n  ]\n}`,
    'got one object that holds an array, "my rows"; take that out of it',
  ],
  [
    `{\n  "to": "+6591234567",\n  "params": {}\n}\n`,
    'got an object over several lines; put [ and ] around it',
  ],
  [`{\n"to":"1"}\n{\n"to":"2"}\n`, 'got an object over several lines'],
  ['phone,name\n', 'got what begins with neither'],
])('refuses %j in a .json, with what is expected', async (text, message) => {
  const source = { bytes: inPieces(text), name: 'list', format: 'json' } as const;
  await expect(readWhole(source)).rejects.toThrow(
    `expected one array, [{"to": …}, …], or one such object a line, ${message}`,
  );
});

test.each([
  ['a.json', `[${ROW}]`],
  ['b.json', `${ROW}\n`],
  ['c.txt', ` [ ${ROW} ]`],
  ['d', `[\n${ROW}]`],
  ['e.txt', `${ROW}\n{"to":"nobody"\n`],
  ['f.txt', '[phone]\n+6591234567\n'],
])('tells the format of %s by its beginning', async (name, text) => {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, text);
  const { recipients } = await readWhole({ path }, { phoneColumn: '[phone]' });
  expect(recipients).toEqual(['+6591234567:']);
});
