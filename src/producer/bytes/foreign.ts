/**
 * What people take for a list and is none that can be read: told by its first bytes, and where they say nothing by the
 * ending of its name. Each is refused by its name, with what to do.
 */
import { isZip, zipKind } from './zip.ts';

interface Foreign {
  readonly what: string;
  readonly advice: string;
}

const AS_SHEET = 'export it as CSV or .xlsx';
const AS_TEXT = 'export its table as CSV or .xlsx';
const UNPACK = 'unpack it, or pack it with gzip';

/** In Latin-1, as the bytes stand. */
const MAGIC: readonly (readonly [bytes: string, what: string, advice: string])[] = [
  [
    '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
    'an old Excel workbook (.xls), or one with a password',
    'save it as .xlsx without a password, or as CSV',
  ],
  ['%PDF-', 'a PDF', AS_TEXT],
  ['{\\rtf', 'an RTF document', AS_TEXT],
  ['PAR1', 'a Parquet file', 'export it as CSV or NDJSON'],
  ['Obj\x01', 'an Avro file', 'export it as CSV or NDJSON'],
  ['SQLite format 3\0', 'an SQLite database', 'export the table as CSV'],
  ['7z\xbc\xaf\x27\x1c', 'a 7z archive', UNPACK],
  ['Rar!\x1a\x07', 'a RAR archive', UNPACK],
  ['\xfd7zXZ\0', 'an xz archive', UNPACK],
  ['\x28\xb5\x2f\xfd', 'a zstd archive', UNPACK],
  ['\x89PNG\r\n', 'an image', AS_TEXT],
  ['\xff\xd8\xff', 'an image', AS_TEXT],
  ['\xff\xfe\0\0', 'UTF-32', 'save it as UTF-8'],
  ['\0\0\xfe\xff', 'UTF-32', 'save it as UTF-8'],
];

/** As text, whatever its encoding: after blanks, in any case. */
const TEXTS: readonly (readonly [beginning: RegExp, what: string, advice: string])[] = [
  [/^begin:vcard\b/i, 'a vCard of contacts (.vcf)', 'export the contacts as CSV'],
  [/^<(!doctype\s+html|html|head|body|table|meta|style|div)\b/i, 'an HTML page', AS_SHEET],
  [/^<(\?xml|!--|workbook|!doctype)\b/i, 'an XML file', AS_SHEET],
  [/^bzh[1-9]1ay&sy/i, 'a bzip2 archive', UNPACK],
];

const ENDINGS: Readonly<Record<string, readonly [what: string, advice: string] | undefined>> = {
  '.ods': ['an OpenDocument spreadsheet (.ods)', AS_SHEET],
  '.numbers': ['a Numbers spreadsheet', AS_SHEET],
  '.xlsb': ['a binary Excel workbook (.xlsb)', AS_SHEET],
  '.vcf': ['a vCard of contacts (.vcf)', 'export the contacts as CSV'],
  '.pdf': ['a PDF', AS_TEXT],
  '.rtf': ['an RTF document', AS_TEXT],
  '.doc': ['a Word document', AS_TEXT],
  '.docx': ['a Word document (.docx)', AS_TEXT],
  '.htm': ['an HTML page', AS_SHEET],
  '.html': ['an HTML page', AS_SHEET],
  '.xml': ['an XML file', AS_SHEET],
  '.parquet': ['a Parquet file', 'export it as CSV or NDJSON'],
  '.sqlite': ['an SQLite database', 'export the table as CSV'],
  '.sqlite3': ['an SQLite database', 'export the table as CSV'],
  '.db': ['a database', 'export the table as CSV'],
  '.zip': ['a zip archive', 'unpack it'],
};

/** Of bytes that are no text. */
export function foreignBytes(beginning: Buffer): Foreign | 'xlsx' | undefined {
  if (isZip(beginning)) return zipKind(beginning);
  const start = beginning.toString('latin1', 0, 16);
  const found = MAGIC.find(([bytes]) => start.startsWith(bytes));
  if (found !== undefined) return { what: found[1], advice: found[2] };
  return isUtf32(beginning) ? { what: 'UTF-32', advice: 'save it as UTF-8' } : undefined;
}

/** Of what is text. */
export function foreignText(beginning: string): Foreign | undefined {
  const text = beginning.trimStart();
  const found = TEXTS.find(([start]) => start.test(text));
  return found && { what: found[1], advice: found[2] };
}

/** Of a name; only where what is in it says nothing. @param ending as in `.ods` */
export function foreignEnding(ending: string): Foreign | undefined {
  const found = ENDINGS[ending];
  return found && { what: found[0], advice: found[1] };
}

/** Without its mark: three bytes of four are 0 in each of the first letters. */
function isUtf32(bytes: Buffer): boolean {
  const letters = bytes.subarray(0, Math.min(bytes.length & ~3, 32));
  if (letters.length < 8) return false;
  return [0, 3].some((at) => letters.every((byte, index) => (byte !== 0) === (index % 4 === at)));
}
