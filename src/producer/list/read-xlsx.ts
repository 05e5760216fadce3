/**
 * An Excel workbook → chunks of rows: one sheet of it, the first row with something in it (or the chosen one) as the
 * header, each row below it a row. The archive, the XML and what a cell shows are `workbook/`'s; numbers and values are
 * judged by none.
 */
import { VolleyError } from '../../shared/errors.ts';
import {
  type ChosenColumns,
  type ColumnChoice,
  columnsFrom,
  hasPhoneColumn,
} from '../columns/choice.ts';
import { LOOKED_AT, type SeenLine } from '../columns/header-search.ts';
import { CHUNK_ROWS, type Row, type RowChunk } from '../rows/row.ts';
import { isEmpty } from '../rows/values.ts';
import type { Sheet } from '../workbook/book.ts';
import { type Cell, cellAt, type SheetRow } from '../workbook/sheet.ts';
import type { Workbook } from '../workbook/workbook.ts';
import { type OpenSheet, type SheetChoice, withSheet } from './open-sheet.ts';
import type { LooseReader } from './options.ts';

/** @throws VolleyError `bad_input` for what is no workbook, a sheet that is not there, and a header without a number */
export function readXlsx(
  bytes: AsyncIterable<Buffer>,
  name: string,
  choice: ColumnChoice & SheetChoice,
): AsyncGenerator<RowChunk> {
  return withSheet(bytes, name, choice, async function* (opened) {
    const reader = new SheetReader(opened, choice);
    for await (const rows of opened.workbook.rows(opened.sheet)) yield* reader.take(rows);
    yield* reader.end();
  });
}

/**
 * The same where only numbers count: as the lines of a CSV, so that no number of the sheet is lost for what one in a
 * text would not be. Its header, and all columns that may hold numbers, are the loose reader's to find.
 */
export function readXlsxLoosely(
  bytes: AsyncIterable<Buffer>,
  name: string,
  choice: SheetChoice,
  loose: LooseReader,
): AsyncGenerator<RowChunk> {
  return withSheet(bytes, name, choice, async function* ({ workbook, sheet, where, elsewhere }) {
    try {
      yield* loose.readText(linesOf(workbook, sheet), where, 'csv');
    } catch (error) {
      if (!(error instanceof VolleyError) || error.code !== 'bad_input') throw error;
      throw new VolleyError('bad_input', `${error.message}${elsewhere}`);
    }
  });
}

/** A line a row, so that the number of a line is that of the row. */
async function* linesOf(workbook: Workbook, sheet: Sheet): AsyncGenerator<Buffer> {
  let next = 1;
  for await (const rows of workbook.rows(sheet)) {
    let text = '';
    for (const row of rows) {
      // Line ends within a cell divide numbers as a stroke does, and must not make lines of their own.
      const cells = cellsOf(workbook, row).map((cell) => cell.replace(/[\r\n]+/g, ' ; '));
      text += `${'\n'.repeat(Math.max(0, row.number - next))}${csvLine(cells)}\n`;
      next = row.number + 1;
    }
    yield Buffer.from(text);
  }
}

interface Refused {
  readonly row: number;
  readonly cells: readonly string[];
}

class SheetReader {
  readonly #workbook: Workbook;
  readonly #where: string;
  readonly #choice: ColumnChoice;
  readonly #sheets: { readonly sheet: string; readonly otherSheets: readonly string[] };
  readonly #elsewhere: string;
  #columns: ChosenColumns | undefined;
  /** What ought to be the header and names no number, while the rows below it are looked at. */
  #refused: Refused | undefined;
  readonly #below: SeenLine[] = [];
  #rows: Row[] = [];
  /** The rows of the sheet that `#rows` were made from. */
  #sources: SheetRow[] = [];
  #blank = 0;

  constructor({ workbook, sheet, others, where, elsewhere }: OpenSheet, choice: ColumnChoice) {
    this.#workbook = workbook;
    this.#where = where;
    this.#elsewhere = elsewhere;
    this.#choice = choice;
    this.#sheets = { sheet: sheet.name, otherSheets: others };
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
        `${this.#where}: expected a header and rows, ${got}${this.#elsewhere}`,
      );
    }
    if (this.#rows.length > 0 || this.#blank > 0) yield this.#chunk(this.#columns);
  }

  /** Undefined for a row above the header. */
  #headerIn(row: SheetRow): ChosenColumns | undefined {
    const { headerRow } = this.#choice;
    if (headerRow === undefined ? this.#isBlank(row) : row.number < headerRow) return undefined;
    if (headerRow !== undefined && row.number !== headerRow) return this.#refuseNoHeader(headerRow);
    const cells = cellsOf(this.#workbook, row);
    while (cells.length > 0 && isEmpty(cells.at(-1) ?? '')) cells.pop();
    if (cells.length === 0) return this.#refuseNoHeader(row.number);
    if (hasPhoneColumn(cells, this.#choice)) return this.#chosen(row.number, cells);
    this.#refused = { row: row.number, cells };
    return undefined;
  }

  #lookBelow(row: SheetRow, refused: Refused): undefined {
    if (!this.#isBlank(row))
      this.#below.push({ line: row.number, cells: cellsOf(this.#workbook, row) });
    if (this.#below.length >= LOOKED_AT - 1) this.#chosen(refused.row, refused.cells);
  }

  /** @throws VolleyError `bad_input` that says which row looks like the header */
  #chosen(row: number, cells: readonly string[]): ChosenColumns {
    try {
      return columnsFrom(cells, `${this.#where}, row ${row}`, this.#choice, this.#below);
    } catch (error) {
      if (!(error instanceof VolleyError) || hasPhoneColumn(cells, this.#choice)) throw error;
      throw new VolleyError('bad_input', `${error.message}${this.#elsewhere}`);
    }
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
      rawOf: (index: number) => csvLine(cellsOf(this.#workbook, sources[index])),
    };
    this.#rows = [];
    this.#sources = [];
    this.#blank = 0;
    return chunk;
  }
}

/** From column A on, up to the last one that is not empty. */
function cellsOf(workbook: Workbook, row: SheetRow | undefined): string[] {
  const texts: string[] = [];
  row?.cells.forEach((cell: Cell, index) => {
    const column = row.columns[index] ?? 0;
    while (texts.length < column) texts.push('');
    texts[column] = workbook.text(cell);
  });
  return texts;
}

function csvLine(cells: readonly string[]): string {
  const written = cells.map((cell) =>
    /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
  );
  return written.join(',');
}
