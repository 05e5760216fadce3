/**
 * Opens the sheet of a workbook that is to be read, and closes the workbook behind it: its bytes have to lie in a file,
 * for an archive is read from its end. Reads no row.
 */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { VolleyError } from '../../shared/errors.ts';
import { shellWord } from '../../shared/shell.ts';
import { either, offer } from '../columns/names.ts';
import type { Sheet } from '../workbook/book.ts';
import { beginsAsWorkbook } from '../workbook/foreign.ts';
import { spool } from '../workbook/spool.ts';
import { Workbook } from '../workbook/workbook.ts';

/** Other sheets that an error names. */
const MOST_OFFERED = 3;

export interface SheetChoice {
  /** Where the bytes are a file's, so that they need not be laid down a second time. */
  readonly path: string | undefined;
  readonly sheet: string | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface OpenSheet {
  readonly workbook: Workbook;
  readonly sheet: Sheet;
  /** Names of the others with something in them, where none was chosen. */
  readonly others: readonly string[];
  /** What errors call the sheet. */
  readonly where: string;
  /** What an error ends with: where the list may be, if not on this sheet. */
  readonly elsewhere: string;
}

/**
 * @param bytes all of the file, read to the end before the first row
 * @throws VolleyError `bad_input` for what is no workbook, and a sheet that is not there
 */
export async function* withSheet<Piece>(
  bytes: AsyncIterable<Buffer>,
  name: string,
  choice: SheetChoice,
  read: (sheet: OpenSheet) => AsyncIterable<Piece>,
): AsyncGenerator<Piece> {
  const kept = await keep(bytes, choice.path);
  try {
    const workbook = await Workbook.open(kept.file, name, choice.signal);
    const sheet = workbook.sheet(choice.sheet);
    const found = choice.sheet === undefined ? await workbook.othersWithRows(sheet) : [];
    const others = found.map((other) => other.name);
    const where = `${name}, sheet ${shellWord(sheet.name)}`;
    yield* read({ workbook, sheet, others, where, elsewhere: elsewhereIn(others) });
    if (await kept.hasChanged()) {
      throw new VolleyError('bad_input', `${name}: expected one workbook, it changed while read`);
    }
  } finally {
    await kept.file.close();
  }
}

function elsewhereIn(others: readonly string[]): string {
  const offers = others.slice(0, MOST_OFFERED).map((name) => offer('--sheet', name));
  return offers.length === 0 ? '' : `; another sheet: ${either(offers)}`;
}

interface KeptFile {
  readonly file: FileHandle;
  hasChanged(): Promise<boolean>;
}

/** The bytes in a file that can be read at any place, also where they came through a pipe or were unpacked on the way. */
async function keep(bytes: AsyncIterable<Buffer>, path: string | undefined): Promise<KeptFile> {
  const file = path === undefined ? undefined : await openWorkbook(path);
  if (path === undefined || file === undefined) {
    return { file: await spool(bytes), hasChanged: async () => false };
  }
  try {
    const before = stamp(await file.stat());
    for await (const _piece of bytes) {
      // Read for whoever hashes and counts them on their way.
    }
    return { file, hasChanged: async () => stamp(await stat(path)) !== before };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Undefined for what cannot be read at any place, or is another file than the bytes (one that was packed once more). */
async function openWorkbook(path: string): Promise<FileHandle | undefined> {
  const found = await stat(path).catch(() => undefined);
  // Whatever is wrong with it is told by whoever reads its bytes.
  const file = found?.isFile() ? await open(path).catch(() => undefined) : undefined;
  if (file === undefined) return undefined;
  const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0);
  if (beginsAsWorkbook(buffer)) return file;
  await file.close();
  return undefined;
}

function stamp({ ino, size, mtimeMs }: { ino: number; size: number; mtimeMs: number }): string {
  return [ino, size, mtimeMs].join();
}
