/** Tells by its first bytes whether a file may be a workbook, and by its parts what other archive it is. */

const ZIP = Buffer.from('PK\x03\x04', 'latin1');

/** Whether a file begins as a workbook's does, which is a zip archive. */
export function beginsAsWorkbook(first: Uint8Array): boolean {
  return ZIP.equals(first.subarray(0, ZIP.length));
}

/** @param names of the archive's parts, in lower case */
export function foreignArchive(names: readonly string[]): string {
  const has = (start: string) => names.some((name) => name.startsWith(start));
  if (has('xl/workbook.bin')) return 'got a binary workbook (.xlsb); save it as .xlsx';
  if (has('content.xml')) return 'got an OpenDocument file (as .ods); save it as .xlsx or CSV';
  if (has('word/')) return 'got a Word document';
  if (has('ppt/')) return 'got a PowerPoint presentation';
  if (has('index/') || has('index.zip')) return 'got a Numbers document; export it as CSV';
  return 'got a zip archive; unpack it, and give the list that is in it';
}
