import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { foreignBytes } from '../../../src/producer/bytes/foreign.ts';
import { temporaryFolder } from '../../support/programs.ts';
import { inPieces, readWhole } from '../list/lists.ts';

/** The beginning of a zip: its entries' heads, as programs write them, with their data. */
function zipOf(...entries: readonly (readonly [name: string, data?: string])[]): Buffer {
  return Buffer.concat(
    entries.flatMap(([name, data = '']) => {
      const head = Buffer.alloc(30);
      head.write('PK\x03\x04', 'latin1');
      head.writeUInt32LE(Buffer.byteLength(data), 18);
      head.writeUInt32LE(Buffer.byteLength(data), 22);
      head.writeUInt16LE(Buffer.byteLength(name), 26);
      return [head, Buffer.from(name), Buffer.from(data)];
    }),
  );
}

const OPEN = 'application/vnd.oasis.opendocument.';
const latin1 = (text: string) => Buffer.from(text, 'latin1');

const FOREIGN: readonly [what: string, bytes: Buffer, message: string][] = [
  [
    '.ods',
    zipOf(['mimetype', `${OPEN}spreadsheet`], ['content.xml']),
    'an OpenDocument spreadsheet (.ods); export it as CSV or .xlsx',
  ],
  ['.odt', zipOf(['mimetype', `${OPEN}text`], ['content.xml']), 'an OpenDocument file; export it'],
  [
    '.docx',
    zipOf(['[Content_Types].xml', '<x/>'], ['word/document.xml']),
    'a Word document (.docx)',
  ],
  ['.pptx', zipOf(['[Content_Types].xml', '<x/>'], ['ppt/presentation.xml']), 'a PowerPoint file'],
  [
    '.xlsb',
    zipOf(['[Content_Types].xml', '<x/>'], ['xl/workbook.bin']),
    'a binary Excel workbook (.xlsb); export',
  ],
  [
    '.numbers',
    zipOf(['Index/Document.iwa'], ['Metadata/Properties.plist']),
    'a Numbers spreadsheet',
  ],
  [
    'a zip with a CSV',
    zipOf(['customers.csv', 'phone\n+6591234567\n']),
    'a zip archive with "customers.csv" in it; unpack it',
  ],
  [
    'a zip with a folder',
    zipOf(['export/'], ['__MACOSX/x'], ['export/a.csv', '1']),
    'a zip archive with "export/a.csv" in it',
  ],
  ['an empty zip', latin1(`PK\x05\x06${'\0'.repeat(18)}`), 'a zip archive; unpack it'],
  [
    'an old .xls',
    latin1('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0'),
    'an old Excel workbook (.xls), or one with a password; save it as .xlsx',
  ],
  [
    'an .xls that is HTML',
    Buffer.from('\ufeff\r\n <HTML xmlns:x="urn:excel"><table><tr><td>1'),
    'an HTML page; export it as CSV',
  ],
  ['a table', Buffer.from('<table border=1><tr><th>phone'), 'an HTML page'],
  ['an HTML page', Buffer.from('<!DOCTYPE html>\n<p>Log in'), 'an HTML page'],
  ['HTML in UTF-16', Buffer.from('\ufeff<html><body>\n</body></html>', 'utf16le'), 'an HTML page'],
  ['an .xls that is XML', Buffer.from('<?xml version="1.0"?><Workbook>'), 'an XML file'],
  [
    'a vCard',
    Buffer.from('BEGIN:VCARD\r\nVERSION:3.0\r\nTEL:+6591234567\r\nEND:VCARD\r\n'),
    'a vCard of contacts (.vcf); export the contacts as CSV',
  ],
  ['a vCard in small letters', Buffer.from('\ufeffbegin:vcard\nversion:4.0\n'), 'a vCard'],
  ['a PDF', latin1('%PDF-1.7\n%\xe2\xe3'), 'a PDF; export its table as CSV or .xlsx'],
  ['RTF', latin1('{\\rtf1\\ansi phone'), 'an RTF document'],
  ['Parquet', latin1('PAR1\x15\x04'), 'a Parquet file; export it as CSV or NDJSON'],
  ['SQLite', latin1('SQLite format 3\0\x10\0'), 'an SQLite database; export the table as CSV'],
  ['7z', latin1('7z\xbc\xaf\x27\x1c\0\x04'), 'a 7z archive; unpack it'],
  ['zstd', latin1('\x28\xb5\x2f\xfd\x24'), 'a zstd archive'],
  ['bzip2', latin1('BZh91AY&SY\x9e'), 'a bzip2 archive'],
  ['a photograph of a list', latin1('\xff\xd8\xff\xe0\0\x10JFIF'), 'an image'],
];

test.each(FOREIGN)(
  'refuses %s by its name, whatever it is called',
  async (_what, bytes, message) => {
    const path = join(await temporaryFolder(), 'list.csv');
    await writeFile(path, bytes);
    const packed = gzipSync(bytes);
    const streamed = { bytes: inPieces(bytes, [1]), name: 'list' };
    for (const source of [bytes, streamed, packed, { path }, { path, format: 'csv' } as const]) {
      const reading = (async () => readWhole(source))();
      await expect(reading).rejects.toMatchObject({ code: 'bad_input' });
      await expect(reading).rejects.toThrow(
        `: expected CSV, NDJSON, a JSON array or an .xlsx workbook, got ${message}`,
      );
    }
  },
);

test.each([
  ['list.ods', 'an OpenDocument spreadsheet'],
  ['contacts.VCF', 'a vCard'],
  ['list.pdf', 'a PDF'],
  ['list.numbers', 'a Numbers spreadsheet'],
  ['list.docx', 'a Word document'],
  ['list.parquet', 'a Parquet file'],
  ['list.db', 'a database'],
  ['list.zip', 'a zip archive; unpack it'],
  ['list.html', 'an HTML page'],
])('refuses %s by its ending, unless somebody says otherwise', async (name, message) => {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, 'phone\n+6591234567\n');
  await expect(readWhole({ path })).rejects.toThrow(`${path}: expected CSV, NDJSON`);
  await expect(readWhole({ path })).rejects.toThrow(`got ${message}`);
  expect((await readWhole({ path, format: 'csv' })).totals.recipients).toBe(1);
});

test.each([
  ['Excel', zipOf(['[Content_Types].xml', '<x/>'], ['_rels/.rels'], ['xl/workbook.xml'])],
  [
    'a writer that begins elsewhere',
    zipOf(['docProps/app.xml', '<x/>'], ['xl/worksheets/sheet1.xml']),
  ],
  [
    'one whose first entry is long',
    zipOf(['[Content_Types].xml', 'x'.repeat(9000)]).subarray(0, 4096),
  ],
  ['one that names the workbook first', zipOf(['xl/workbook.xml'])],
])('knows a workbook of %s', (_writer, bytes) => {
  expect(foreignBytes(bytes)).toBe('xlsx');
});

test('refuses a workbook that must be none, and text that must be one', async () => {
  const workbook = zipOf(['[Content_Types].xml', '<x/>'], ['xl/workbook.xml']);
  const source = { bytes: inPieces(workbook), name: 'list', format: 'csv' } as const;
  await expect(readWhole(source)).rejects.toThrow('got an Excel workbook; export it as CSV');
  const text = { bytes: inPieces('phone\n1\n'), name: 'list', format: 'xlsx' } as const;
  await expect(readWhole(text)).rejects.toThrow('list: expected an .xlsx workbook, got text');
  await expect(readWhole(workbook, { encoding: 'gb18030' })).rejects.toThrow(
    'expected no encoding for a workbook',
  );
});

test('reads text that is called .xls, as many programs export it', async () => {
  const path = join(await temporaryFolder(), 'export.xls');
  await writeFile(path, 'phone\tname\n+6591234567\tAda\n');
  expect((await readWhole({ path }, { params: 'all' })).recipients).toEqual(['+6591234567:Ada']);
});
