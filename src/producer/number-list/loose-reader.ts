/**
 * Makes rows of a list of which only the numbers count, each with all of its cells: no row is refused for the number of
 * its cells, a quote, a byte, or what else it holds. Numbers are looked for elsewhere.
 */
import { parseJsonExactly } from '../../shared/contract.ts';
import type { LooseReader } from '../list/options.ts';
import {
  CHUNK_ROWS,
  type LooseCells,
  type Row,
  type RowChunk,
  type RowFault,
} from '../rows/row.ts';
import {
  type Layout,
  type LayoutChoice,
  LOOKED_LINES,
  layoutOf,
  numberColumns,
} from './loose-layout.ts';
import { type Line, LooseLines } from './loose-lines.ts';
import { type LooseRecord, LooseRecords } from './loose-records.ts';
import type { NumbersIn } from './numbers-in.ts';

/** Objects within objects beyond this are nobody's number. */
const MAX_DEPTH = 8;
/** What stands between the values of a line of JSON that cannot be read as such. */
const JSON_MARKS = /[{}[\]",]+/;

export function looseReader(numbers: NumbersIn, choice: LayoutChoice): LooseReader {
  const rowOf = (value: unknown): Row => rowWith(cellsOfValue(value, choice.phoneColumn));
  return {
    rowOf,
    readText: (pieces, name, format) =>
      format === 'ndjson'
        ? jsonLines(pieces, rowOf)
        : cellRows(pieces, (lines) => layoutOf(lines, name, numbers, choice)),
  };
}

async function* jsonLines(
  pieces: AsyncIterable<Buffer>,
  rowOf: (value: unknown) => Row,
): AsyncGenerator<RowChunk> {
  for await (const lines of linesOf(pieces)) {
    const full = lines.filter(({ text }) => text.trim() !== '');
    yield* chunksOf(
      full.map((line) => jsonRow(line, rowOf)),
      (index) => full.slice(index, index + 1),
    );
  }
}

function jsonRow(line: Line, rowOf: (value: unknown) => Row): Row {
  try {
    return rowOf(parseJsonExactly(line.text));
  } catch {
    const stray = line.text.split(JSON_MARKS);
    return rowWith(
      { numbers: [], others: [], stray, isNamed: false },
      { reason: 'bad_json', detail: 'expected JSON on the line, got what is not JSON' },
    );
  }
}

async function* cellRows(
  pieces: AsyncIterable<Buffer>,
  lay: (first: readonly Line[]) => Layout,
): AsyncGenerator<RowChunk> {
  let looked: Line[] = [];
  let taken: { layout: Layout; records: LooseRecords } | undefined;
  const read = (lines: readonly Line[], last: boolean): TextRow[] => {
    if (taken === undefined) {
      looked = [...looked, ...lines];
      if (!last && looked.length < LOOKED_LINES) return [];
      if (looked.length === 0) return [];
      const layout = lay(looked.slice(0, LOOKED_LINES));
      taken = { layout, records: new LooseRecords(layout.delimiter) };
      lines = looked;
      looked = [];
    }
    const { layout, records } = taken;
    const rest =
      layout.skipped.size === 0 || (lines[0]?.number ?? 0) > LOOKED_LINES
        ? lines
        : lines.filter(({ number }) => !layout.skipped.has(number));
    return records.take(rest, last).map((record) => new TextRow(record, layout));
  };
  for await (const lines of linesOf(pieces)) yield* textChunks(read(lines, false));
  yield* textChunks(read([], true));
}

async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Line[]> {
  const lines = new LooseLines();
  for await (const piece of pieces) yield lines.take(piece);
  yield lines.rest();
}

function textChunks(rows: readonly TextRow[]): Generator<RowChunk> {
  return chunksOf(rows, (index) => rows[index]?.record.lines ?? []);
}

/** @param linesAt the lines of a row, asked for where somebody is told of it */
function* chunksOf(
  rows: readonly Row[],
  linesAt: (index: number) => readonly Line[],
): Generator<RowChunk> {
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    const end = Math.min(start + CHUNK_ROWS, rows.length);
    const full: number[] = [];
    const some: Row[] = [];
    for (let at = start; at < end; at++) {
      const row = rows[at];
      if (row === undefined || isEmpty(row)) continue;
      full.push(at);
      some.push(row);
    }
    yield {
      names: [],
      rows: some,
      blank: end - start - some.length,
      lineOf: (index) => linesAt(full[index] ?? -1)[0]?.number ?? 0,
      rawOf: (index) =>
        linesAt(full[index] ?? -1)
          .map(({ text }) => text)
          .join('\n'),
    };
  }
}

function isEmpty(row: Row): boolean {
  if (row.to.trim() !== '' || row.fault !== undefined || row.cells === undefined) return false;
  const { numbers, others, stray } = row.cells;
  const isBlank = (cell: string) => cell.trim() === '';
  return numbers.every(isBlank) && others.every(isBlank) && stray.every(isBlank);
}

/** A row of a text. Where nothing but its one cell for a number can matter, `to` is that cell; else it is empty. */
class TextRow implements Row {
  readonly to: string;
  readonly record: LooseRecord;
  readonly #layout: Layout;

  constructor(record: LooseRecord, layout: Layout) {
    this.record = record;
    this.#layout = layout;
    this.to = record.plain === undefined ? '' : onlyNumberCell(record.plain.text, layout);
  }

  get values(): string[] {
    return [];
  }

  get fault(): RowFault | undefined {
    const { fault } = this.record;
    return fault === undefined ? undefined : { reason: 'bad_number', detail: fault };
  }

  get cells(): LooseCells {
    const { phones, count, isNamed, delimiter } = this.#layout;
    const numbers: string[] = [];
    const others: string[] = [];
    const stray: string[] = [];
    for (const [at, cell] of this.record.cells.entries()) {
      if (phones.includes(at)) numbers.push(cell);
      else if (at >= count) stray.push(cell);
      else others.push(cell);
    }
    // Lines within quotes may be other people's rows, where it was not the writer who closed the quote.
    for (const line of this.record.lines.slice(1)) {
      for (const cell of line.text.split(delimiter)) stray.push(cell);
    }
    return { numbers, others, stray, isNamed };
  }
}

/** Empty where the row has other cells than the header, or a plus in another, or in more than one column. */
function onlyNumberCell(text: string, { phones, count, delimiter }: Layout): string {
  const [phone = 0, second] = phones;
  if (second !== undefined) return '';
  let from = 0;
  let to = 0;
  let cells = 1;
  let start = 0;
  for (;;) {
    const found = text.indexOf(delimiter, start);
    const end = found === -1 ? text.length : found;
    if (cells === phone + 1) {
      from = start;
      to = end;
    }
    if (found === -1) break;
    cells += 1;
    start = found + 1;
  }
  if (cells !== count || text.includes('＋')) return '';
  const plus = text.indexOf('+');
  if (plus !== -1 && (plus < from || text.lastIndexOf('+') >= to)) return '';
  return text.slice(from, to);
}

/** Of an object, what such keys hold as a column of that name would; of a text or a number, it alone. */
function cellsOfValue(value: unknown, phoneColumn: string | undefined): LooseCells {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { numbers: textsIn(value), others: [], stray: [], isNamed: false };
  }
  const keys = Object.keys(value);
  const wanted = phoneColumn === undefined ? [] : numberColumns(keys, phoneColumn);
  const phones = wanted.length > 0 ? wanted : numberColumns(keys, undefined);
  const textsOf = (isPhone: boolean) =>
    keys
      .filter((_key, at) => phones.includes(at) === isPhone)
      .flatMap((key) => textsIn(Reflect.get(value, key)));
  const [numbers, others] = [textsOf(true), textsOf(false)];
  return { numbers, others, stray: [], isNamed: wanted.length > 0 };
}

function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'bigint') return [String(value)];
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return [];
  return Object.values(value).flatMap((each: unknown) => textsIn(each, depth + 1));
}

function rowWith(cells: LooseCells, fault?: RowFault): Row {
  return { to: '', values: [], fault, cells };
}
