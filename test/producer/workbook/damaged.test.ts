import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openList } from '../../../src/producer/list/source.ts';
import { VolleyError } from '../../../src/shared/errors.ts';
import { letters, sheetOf } from '../../support/workbook.ts';
import { type ZipPart, zipOf } from '../../support/zip.ts';
import { inPieces } from '../list/lists.ts';

const ROWS = [
  ['phone', 'name'],
  ...Array.from({ length: 50 }, (_, at) => [6591234500 + at, `Ana ${at}`]),
];
const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const SHEET = 'xl/worksheets/s1.xml';

async function read(
  bytes: Buffer | AsyncIterable<Uint8Array>,
  format: 'xlsx' | undefined = 'xlsx',
) {
  const given = Buffer.isBuffer(bytes) ? inPieces(bytes) : bytes;
  const list = openList({ name: 'book.xlsx', bytes: given, format }, { params: [] });
  const numbers: string[] = [];
  for await (const { rows } of list.chunks) numbers.push(...rows.map(({ to }) => to));
  return numbers;
}

const withPart = (name: string, text: string | Buffer | Iterable<string>) =>
  sheetOf(ROWS, {
    parts: [{ name, text: typeof text === 'string' || Buffer.isBuffer(text) ? [text] : text }],
  });

const zipWith = (...names: string[]) =>
  zipOf(names.map((name): ZipPart => ({ name, text: ['x'] })));

describe('what is no workbook is refused by its name', () => {
  const cases: [string, () => Buffer | Promise<Buffer>, string][] = [
    ['text', () => Buffer.from('phone\n6591234567\n'), 'got text'],
    ['an old one, or one with a password', () => Buffer.from('d0cf11e0a1b11ae1', 'hex'), '.xls'],
    ['an empty archive', () => zipOf([]), 'got a zip archive'],
    ['a packed CSV', () => zipWith('list.csv'), 'unpack it'],
    ['a binary workbook', () => zipWith('xl/workbook.bin'), '.xlsb'],
    ['another archive', () => zipWith('docProps/app.xml', 'x.xml'), 'unpack it'],
    ['a Word document', () => zipWith('word/document.xml'), 'Word'],
    ['a Numbers document', () => zipWith('Index/Document.iwa'), 'Numbers'],
  ];
  test.each(cases)('%s', async (_name, make, words) => {
    await expect(read(await make())).rejects.toThrow(words);
    await expect(read(await make())).rejects.toMatchObject({ code: 'bad_input' });
  });
});

describe('a damaged workbook is refused', () => {
  const row = (cells: string) =>
    `<worksheet ${MAIN}><sheetData><row r="1">${cells}</row></sheetData></worksheet>`;
  const cases: [string, () => Promise<Buffer>, string][] = [
    ['cut off', async () => (await sheetOf(ROWS)).subarray(0, -30), 'was the file cut off?'],
    [
      'without its sheet',
      () => withPart('xl/_rels/workbook.xml.rels', relations('worksheets/none.xml')),
      'no part "xl/worksheets/none.xml"',
    ],
    [
      'without any sheet',
      () => withPart('xl/workbook.xml', `<workbook ${MAIN}><sheets/></workbook>`),
      'no sheet with cells',
    ],
    [
      'with half a sheet',
      () => withPart(SHEET, `<worksheet ${MAIN}><sheetData><row r="1">`),
      'is no XML',
    ],
    [
      'with a tag closed by another',
      () => withPart(SHEET, row('<c r="A1"><v>1</c></v>')),
      'is no XML',
    ],
    [
      'with an attribute without quotes',
      () => withPart(SHEET, row('<c r="A1" t=s><v>0</v></c>')),
      'is no XML',
    ],
    [
      'with entities of its own',
      () => withPart(SHEET, `<!DOCTYPE a [<!ENTITY b "c">]>${row('')}`),
      'is no XML',
    ],
    [
      'not in UTF-8',
      () => withPart(SHEET, Buffer.from(row('<c r="A1"><v>1</v></c>é'), 'latin1')),
      'in UTF-8',
    ],
    ['in UTF-16', () => withPart(SHEET, Buffer.from(`\ufeff${row('')}`, 'utf16le')), 'UTF-16?'],
    [
      'with a shared text that is not there',
      () => withPart(SHEET, row('<c r="A1" t="s"><v>9999</v></c>')),
      'no shared text 9999',
    ],
    [
      'with a shared text without a number',
      () => withPart(SHEET, row('<c r="A1" t="s"><v>x</v></c>')),
      'no shared text NaN',
    ],
    [
      'with a column too far',
      () => withPart(SHEET, row('<c r="XFE1"><v>1</v></c>')),
      'beyond column 16384',
    ],
    [
      'with a row without a number',
      () => withPart(SHEET, row('').replace('r="1"', 'r="x"')),
      'a row without a number',
    ],
    [
      'with a text of more than 1 MB',
      () => sheetOf([['phone'], ['x'.repeat(1024 * 1024)]]),
      'less than 1 MB',
    ],
    [
      'with a value of more than 1 MB',
      () => withPart(SHEET, row(`<c r="A1"><v>${'1'.repeat(2 ** 20)}</v></c>`)),
      'less than 1 MB',
    ],
  ];
  test.each(cases)('%s', async (_name, make, words) => {
    await expect(read(await make())).rejects.toThrow(words);
  });

  test('whose part is another than its checksum says', async () => {
    const cells = '<c t="inlineStr"><is><t>phone</t></is></c></row><row><c><v>77</v></c>';
    const parts = [{ name: SHEET, text: [row(cells)], isStored: true }];
    const bytes = await sheetOf(ROWS, { parts });
    expect(await read(bytes)).toEqual(['77']);
    const at = bytes.indexOf('<v>77</v>');
    bytes.write('88', at + 3);
    await expect(read(bytes)).rejects.toThrow('is not as long, or not the same, as packed');
  });
});

test('a text that never ends takes no memory', async () => {
  function* endless(): Generator<string> {
    yield `<worksheet ${MAIN}><sheetData><row r="1"><c r="A1"><v>`;
    for (let megabytes = 0; megabytes < 64; megabytes++) yield ' '.repeat(1024 * 1024);
  }
  await expect(read(await withPart(SHEET, endless()))).rejects.toThrow('a text without an end');
});

test('rows of two cells far apart take no more memory than others', async () => {
  const cells = `<c r="A1"><v>6591234567</v></c><c r="${letters(16_383)}1"><v>1</v></c>`;
  const rows = `<row>${cells}</row>`.repeat(20_000);
  const head = '<row><c t="inlineStr"><is><t>phone</t></is></c></row>';
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  const bytes = await withPart(
    SHEET,
    `<worksheet ${MAIN}><sheetData>${head}${rows}</sheetData></worksheet>`,
  );
  const list = openList({ name: 'book', bytes: inPieces(bytes) }, { params: [] });
  let count = 0;
  for await (const chunk of list.chunks) {
    count += chunk.rows.length;
    most = Math.max(most, process.memoryUsage().heapUsed);
  }
  expect(count).toBe(20_000);
  expect(most - before).toBeLessThan(200 * 2 ** 20);
});

test('whatever bytes are other than written, it is bad input or a list, and never a crash', async () => {
  const whole = await sheetOf(ROWS, {
    parts: [{ name: 'xl/styles.xml', text: ['<styleSheet/>'], isStored: true }],
  });
  const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) });
  const given = fc.record({
    changes: fc.array(change, { maxLength: 4 }),
    length: fc.nat(whole.length),
  });
  await fc.assert(
    fc.asyncProperty(given, fc.boolean(), async ({ changes, length }, isCut) => {
      const bytes = Buffer.from(isCut ? whole.subarray(0, length) : whole);
      for (const { at, byte } of changes) if (at < bytes.length) bytes[at] = byte;
      const error = await read(bytes).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) return;
      expect(error).toBeInstanceOf(VolleyError);
      expect(error).toMatchObject({ code: 'bad_input' });
    }),
    { numRuns: 300 },
  );
});

function relations(target: string): string {
  const type = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet';
  return `<Relationships><Relationship Id="rId1" Type="${type}" Target="${target}"/></Relationships>`;
}
