/**
 * An Excel workbook → chunks of rows: one sheet of it, the first row with something in it (or the chosen one) as the
 * header, each row below it a row. The archive, the XML and what a cell shows are `workbook/`'s; numbers and values are
 * judged by none.
 */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { VolleyError } from '../../shared/errors.ts';
import { shellWord } from '../../shared/shell.ts';
import {
  type ChosenColumns,
  type ColumnChoice,
  columnsFrom,
  hasPhoneColumn,
} from '../columns/choice.ts';
import { LOOKED_AT, type SeenLine } from '../columns/header-search.ts';
import { either, offer } from '../columns/names.ts';
import { CHUNK_ROWS, type Row, type RowChunk } from '../rows/row.ts';
import { isEmpty } from '../rows/values.ts';
import type { Sheet } from '../workbook/book.ts';
import { beginsAsWorkbook } from '../workbook/foreign.ts';
import { type Cell, cellAt, type SheetRow } from '../workbook/sheet.ts';
import { spool } from '../workbook/spool.ts';
import { Workbook } from '../workbook/workbook.ts';

export interface SheetChoice extends ColumnChoice {
  /** Where the bytes are a file's, so that they need not be laid down a second time. */
  readonly path: string | undefined;
  readonly sheet: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * @param bytes all of the file, read to the end before the first row
 * @throws VolleyError `bad_input` for what is no workbook, a sheet that is not there, and a header without a number
 */
export async function* readXlsx(
  bytes: AsyncIterable<Buffer>,
  name: string,
  choice: SheetChoice,
): AsyncGenerator<RowChunk> {
  const kept = await keep(bytes, choice.path);
  try {
    const workbook = await Workbook.open(kept.file, name, choice.signal);
    const sheet = workbook.sheet(choice.sheet);
    const others = choice.sheet === undefined ? await workbook.othersWithRows(sheet) : [];
    const reader = new SheetReader(workbook, sheet, others, name, choice);
    for await (const rows of workbook.rows(sheet)) yield* reader.take(rows);
    yield* reader.end();
    if (await kept.hasChanged()) {
      throw new VolleyError('bad_input', `${name}: expected one workbook, it changed while read`);
    }
  } finally {
    await kept.file.close();
  }
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

interface Refused {
  readonly row: number;
  readonly cells: readonly string[];
}

/** Other sheets that an error names. */
const MOST_OFFERED = 3;

class SheetReader {
  readonly #workbook: Workbook;
  readonly #where: string;
  readonly #choice: SheetChoice;
  readonly #sheets: { readonly sheet: string; readonly otherSheets: readonly string[] };
  #columns: ChosenColumns | undefined;
  /** What ought to be the header and names no number, while the rows below it are looked at. */
  #refused: Refused | undefined;
  readonly #below: SeenLine[] = [];
  #rows: Row[] = [];
  /** The rows of the sheet that `#rows` were made from. */
  #sources: SheetRow[] = [];
  #blank = 0;

  constructor(
    workbook: Workbook,
    sheet: Sheet,
    others: readonly Sheet[],
    name: string,
    choice: SheetChoice,
  ) {
    this.#workbook = workbook;
    this.#where = `${name}, sheet ${shellWord(sheet.name)}`;
    this.#choice = choice;
    this.#sheets = { sheet: sheet.name, otherSheets: others.map((other) => other.name) };
  }

  *take(rows: readonly SheetRow[]): Generator<RowChunk> {
    for (const row of rows) {
      if (this.#columns === undefined) {
        this.#columns = this.#refused ? this.#lookBelow(row, this.#refused) : this.#headerIn(row);
        continue;
      }
      this.#add(row, this.#columns);
      if (this.#rows.length === CHUNK_ROWS) yield this.#chunk(this.#columns);
    }
  }

  *end(): Generator<RowChunk> {
    if (this.#refused) this.#columns = this.#chosen(this.#refused.row, this.#refused.cells);
    if (this.#columns === undefined) {
      const { headerRow } = this.#choice;
      const got = headerRow === undefined ? 'got an empty sheet' : `got none in row ${headerRow}`;
      throw new VolleyError(
        'bad_input',
        `${this.#where}: expected a header and rows, ${got}${this.#elsewhere()}`,
      );
    }
    if (this.#rows.length > 0 || this.#blank > 0) yield this.#chunk(this.#columns);
  }

  /** Undefined for a row above the header. */
  #headerIn(row: SheetRow): ChosenColumns | undefined {
    const { headerRow } = this.#choice;
    if (headerRow === undefined ? this.#isBlank(row) : row.number < headerRow) return undefined;
    if (headerRow !== undefined && row.number !== headerRow) return this.#refuseNoHeader(headerRow);
    const cells = this.#cellsOf(row);
    while (cells.length > 0 && isEmpty(cells.at(-1) ?? '')) cells.pop();
    if (cells.length === 0) return this.#refuseNoHeader(row.number);
    if (hasPhoneColumn(cells, this.#choice)) return this.#chosen(row.number, cells);
    this.#refused = { row: row.number, cells };
    return undefined;
  }

  #lookBelow(row: SheetRow, refused: Refused): undefined {
    if (!this.#isBlank(row)) this.#below.push({ line: row.number, cells: this.#cellsOf(row) });
    if (this.#below.length >= LOOKED_AT - 1) this.#chosen(refused.row, refused.cells);
  }

  /** @throws VolleyError `bad_input` that says which row looks like the header */
  #chosen(row: number, cells: readonly string[]): ChosenColumns {
    try {
      return columnsFrom(cells, `${this.#where}, row ${row}`, this.#choice, this.#below);
    } catch (error) {
      if (!(error instanceof VolleyError) || hasPhoneColumn(cells, this.#choice)) throw error;
      throw new VolleyError('bad_input', `${error.message}${this.#elsewhere()}`);
    }
  }

  /** Where the list may be, if not on this sheet. */
  #elsewhere(): string {
    const names = this.#sheets.otherSheets.slice(0, MOST_OFFERED);
    if (names.length === 0) return '';
    return `; another sheet: ${either(names.map((name) => offer('--sheet', name)))}`;
  }

  #refuseNoHeader(row: number): never {
    const why = 'expected the names of the columns, got an empty row';
    throw new VolleyError('bad_input', `${this.#where}, row ${row}: ${why}`);
  }

  #add(source: SheetRow, { phone, picked }: ChosenColumns): void {
    const to = this.#workbook.text(cellAt(source, phone));
    const values: string[] = [];
    for (const column of picked) values.push(this.#workbook.text(cellAt(source, column)));
    if (isEmpty(to) && this.#isBlank(source)) {
      this.#blank += 1;
      return;
    }
    this.#rows.push({ to, values, fault: undefined });
    this.#sources.push(source);
  }

  #isBlank({ cells }: SheetRow): boolean {
    return cells.every((cell) => isEmpty(this.#workbook.text(cell)));
  }

  #chunk({ names, roles }: ChosenColumns): RowChunk {
    const sources = this.#sources;
    const chunk = {
      names,
      columns: { ...roles, ...this.#sheets },
      rows: this.#rows,
      blank: this.#blank,
      lineOf: (index: number) => sources[index]?.number ?? 0,
      rawOf: (index: number) => csvLine(this.#cellsOf(sources[index])),
    };
    this.#rows = [];
    this.#sources = [];
    this.#blank = 0;
    return chunk;
  }

  /** From column A on, up to the last one that is not empty. */
  #cellsOf(row: SheetRow | undefined): string[] {
    const texts: string[] = [];
    row?.cells.forEach((cell: Cell, index) => {
      const column = row.columns[index] ?? 0;
      while (texts.length < column) texts.push('');
      texts[column] = this.#workbook.text(cell);
    });
    return texts;
  }
}

function csvLine(cells: readonly string[]): string {
  const written = cells.map((cell) =>
    /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
  );
  return written.join(',');
}
