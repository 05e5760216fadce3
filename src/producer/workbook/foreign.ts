/** Tells by its first bytes what a file is that is not a zip archive, and by its parts what archive is not a workbook. */
import type { FileHandle } from 'node:fs/promises';

const ZIP = Buffer.from('PK\x03\x04', 'latin1');
const EMPTY_ZIP = Buffer.from('PK\x05\x06', 'latin1');
/** What Excel wrote until 2003, and what it still wraps a workbook in that has a password. */
const COMPOUND = Buffer.from('d0cf11e0a1b11ae1', 'hex');
const SECRET = Buffer.from('EncryptedPackage', 'utf16le');

/** Whether a file begins as a workbook's does: a zip archive, or the container of one with a password. */
export function beginsAsWorkbook(first: Uint8Array): boolean {
  return startsWith(first, ZIP) || startsWith(first, COMPOUND);
}

/** @returns what was got instead of a zip archive; undefined for one */
export async function foreignFile(file: FileHandle): Promise<string | undefined> {
  const head = await bytesAt(file, 0, 512);
  if (startsWith(head, ZIP)) return undefined;
  if (head.length === 0) return 'got an empty file';
  if (startsWith(head, EMPTY_ZIP)) return 'got an empty zip archive';
  if (!startsWith(head, COMPOUND)) {
    return 'got other bytes; a list in text is read with --format csv or --format ndjson';
  }
  if (head.length === 512 && (await directoryOf(file, head)).includes(SECRET)) {
    return 'got one with a password; open it in Excel and save it without one';
  }
  return 'got an older kind (.xls); open it in Excel and save it as .xlsx';
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

/** Where a compound file names its streams: the first sector of its directory. */
async function directoryOf(file: FileHandle, head: Buffer): Promise<Buffer> {
  const sectorBytes = head.readUInt16LE(30) === 12 ? 4096 : 512;
  return bytesAt(file, (head.readUInt32LE(48) + 1) * sectorBytes, 4096);
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function startsWith(bytes: Uint8Array, start: Buffer): boolean {
  return start.equals(bytes.subarray(0, start.length));
}
