/**
 * Makes rows of a list of which only the numbers count, each with all of its cells: no row is refused for the number of
 * its cells, a quote, a byte, or what else it holds. Numbers are looked for elsewhere.
 */
import { parseJsonExactly } from '../../shared/contract.ts';
import { phoneCandidates } from '../list/csv-header.ts';
import type { LooseReader } from '../list/options.ts';
import {
  CHUNK_ROWS,
  type LooseCells,
  type Row,
  type RowChunk,
  type RowFault,
} from '../list/row.ts';
import { type Layout, type LayoutChoice, LOOKED_LINES, layoutOf } from './loose-layout.ts';
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

/** A row, and the lines that it is made of. */
type Placed = readonly [row: Row, lines: readonly Line[]];

async function* jsonLines(
  pieces: AsyncIterable<Buffer>,
  rowOf: (value: unknown) => Row,
): AsyncGenerator<RowChunk> {
  for await (const lines of linesOf(pieces)) {
    const full = lines.filter(({ text }) => text.trim() !== '');
    yield* chunksOf(full.map((line): Placed => [jsonRow(line, rowOf), [line]]));
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
  const read = (lines: readonly Line[], last: boolean): Placed[] => {
    if (taken === undefined) {
      looked.push(...lines);
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
    return records
      .take(rest, last)
      .map((record): Placed => [rowOfRecord(record, layout), record.lines]);
  };
  for await (const lines of linesOf(pieces)) yield* chunksOf(read(lines, false));
  yield* chunksOf(read([], true));
}

async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Line[]> {
  const lines = new LooseLines();
  for await (const piece of pieces) yield lines.take(piece);
  yield lines.rest();
}

function* chunksOf(placed: readonly Placed[]): Generator<RowChunk> {
  for (let start = 0; start < placed.length; start += CHUNK_ROWS) {
    const some = placed.slice(start, start + CHUNK_ROWS);
    const full = some.filter(([row]) => !isEmpty(row));
    yield {
      names: [],
      rows: full.map(([row]) => row),
      blank: some.length - full.length,
      lineOf: (index) => full[index]?.[1][0]?.number ?? 0,
      rawOf: (index) => full[index]?.[1].map(({ text }) => text).join('\n') ?? '',
    };
  }
}

function isEmpty({ cells, fault }: Row): boolean {
  if (cells === undefined || fault !== undefined) return false;
  const isBlank = (cell: string) => cell.trim() === '';
  return cells.numbers.every(isBlank) && cells.others.every(isBlank) && cells.stray.every(isBlank);
}

function rowOfRecord({ cells, lines, fault }: LooseRecord, layout: Layout): Row {
  const { phones, count, isNamed, delimiter } = layout;
  const numbers: string[] = [];
  const others: string[] = [];
  const stray: string[] = [];
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at] ?? '';
    if (phones.includes(at)) numbers.push(cell);
    else if (at >= count) stray.push(cell);
    else others.push(cell);
  }
  // Lines within quotes may be other people's rows, where it was not the writer who closed the quote.
  for (const line of lines.slice(1)) stray.push(...line.text.split(delimiter));
  const found = { numbers, others, stray, isNamed };
  return fault === undefined
    ? rowWith(found)
    : rowWith(found, { reason: 'bad_number', detail: fault });
}

/** Of an object, what such keys hold as a column of that name would; of a text or a number, it alone. */
function cellsOfValue(value: unknown, phoneColumn: string | undefined): LooseCells {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { numbers: textsIn(value), others: [], stray: [], isNamed: false };
  }
  const keys = Object.keys(value);
  const wanted = phoneColumn === undefined ? [] : phoneCandidates(keys, phoneColumn);
  const phones = wanted.length > 0 ? wanted : phoneCandidates(keys, undefined);
  const numbers: string[] = [];
  const others: string[] = [];
  for (const [at, key] of keys.entries()) {
    (phones.includes(at) ? numbers : others).push(...textsIn(Reflect.get(value, key)));
  }
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
