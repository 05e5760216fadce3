/**
 * What a zip is, by the names of its first entries: half of all office files are zips. It unpacks nothing.
 */

const ENTRY = Buffer.from('PK\x03\x04', 'latin1');
const MIME_TYPES: readonly (readonly [type: string, what: string])[] = [
  ['application/vnd.oasis.opendocument.spreadsheet', 'an OpenDocument spreadsheet (.ods)'],
  ['application/vnd.oasis.opendocument', 'an OpenDocument file'],
  ['application/epub', 'an e-book'],
];
/** Beginnings of names, and whose they are; the first that one of the names has counts. */
const OFFICE: readonly (readonly [start: string, what: string])[] = [
  ['xl/workbook.bin', 'a binary Excel workbook (.xlsb)'],
  ['xl/', 'xlsx'],
  ['word/', 'a Word document (.docx)'],
  ['ppt/', 'a PowerPoint file (.pptx)'],
  ['Index/', 'a Numbers spreadsheet or another file of Apple iWork'],
  ['Index.zip', 'a Numbers spreadsheet or another file of Apple iWork'],
  ['META-INF/MANIFEST.MF', 'a Java archive'],
  // Common to Word, Excel and PowerPoint: what follows is too far behind to be seen, and the reader will tell.
  ['[Content_Types].xml', 'xlsx'],
];

export function isZip(beginning: Buffer): boolean {
  const [first, second, third = 0] = beginning;
  // An entry, an archive without any, or one that was cut into several.
  return first === 0x50 && second === 0x4b && [3, 5, 7].includes(third);
}

/** @returns `xlsx`, or what else it is and what to do with it */
export function zipKind(beginning: Buffer): 'xlsx' | { what: string; advice: string } {
  const names = entryNames(beginning);
  if (names[0] === 'mimetype') {
    const found = MIME_TYPES.find(([type]) => beginning.indexOf(type) === ENTRY_BYTES + 8);
    if (found !== undefined) return { what: found[1], advice: 'export it as CSV or .xlsx' };
  }
  for (const [start, what] of OFFICE) {
    if (!names.some((name) => name.startsWith(start))) continue;
    return what === 'xlsx' ? what : { what, advice: 'export it as CSV or .xlsx' };
  }
  // What cannot be told is left to the reader of workbooks.
  const [name] = names.filter((each) => !each.endsWith('/') && !each.startsWith('__MACOSX'));
  if (name === undefined && beginning.indexOf(ENTRY) === 0) return 'xlsx';
  const inside = name === undefined ? '' : ` with ${JSON.stringify(name.slice(0, 64))} in it`;
  return { what: `a zip archive${inside}`, advice: 'unpack it' };
}

/** Bytes of an entry's head before its name. */
const ENTRY_BYTES = 30;

/** Names of the entries that begin in these bytes. */
function entryNames(bytes: Buffer): string[] {
  const names: string[] = [];
  for (let at = bytes.indexOf(ENTRY); at !== -1; at = bytes.indexOf(ENTRY, at + 4)) {
    if (at + ENTRY_BYTES > bytes.length) break;
    const start = at + ENTRY_BYTES;
    const name = bytes.toString('utf8', start, start + bytes.readUInt16LE(at + 26));
    if (name !== '') names.push(name);
  }
  return names;
}
