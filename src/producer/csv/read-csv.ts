/**
 * CSV bytes → chunks of rows. RFC 4180 quoting, CRLF, LF or CR; cells divided by commas, semicolons, tabs
 * or pipes, or by what a first line `sep=` names.
 * csv-parse takes the cells apart, a block of whole records at a time (its stream costs half as much again a row);
 * a block without any quote needs no such care.
 * What is empty in every cell is no row: counted, and nothing else. Numbers and values are handed on as they stand,
 * judged by none.
 */
import { parse } from 'csv-parse/sync';
import { VolleyError } from '../../shared/errors.ts';
import { checkUtf8 } from '../bytes/utf8.ts';
import type { ColumnChoice } from '../columns/choice.ts';
import { CHUNK_ROWS, type Row, type RowChunk } from '../rows/row.ts';
import type { Columns } from './csv-header.ts';
import { type Place, Places } from './csv-places.ts';
import { type Block, LINE_FEED, RecordCutter } from './csv-records.ts';
import { rowOf } from './csv-row.ts';
import { CsvTop } from './csv-top.ts';
import { type PlainRows, plainRows } from './plain-csv.ts';

/** Throws `VolleyError('bad_input')`, with the line, for what cannot be read as a CSV with a number in it. */
export async function* readCsv(
  pieces: AsyncIterable<Buffer>,
  name: string,
  choice: ColumnChoice,
): AsyncGenerator<RowChunk> {
  const reader = new CsvReader(name, choice);
  for await (const piece of pieces) yield* reader.take(piece);
  yield* reader.end();
}

class CsvReader {
  readonly #name: string;
  readonly #cutter: RecordCutter;
  readonly #top: CsvTop;
  #columns: Columns | undefined;

  constructor(name: string, choice: ColumnChoice) {
    this.#name = name;
    this.#cutter = new RecordCutter(name);
    this.#top = new CsvTop(name, choice, this.#cutter);
  }

  *take(piece: Buffer): Generator<RowChunk> {
    this.#cutter.push(piece);
    yield* this.#read(false);
  }

  *end(): Generator<RowChunk> {
    yield* this.#read(true);
    if (this.#columns === undefined) {
      throw new VolleyError('bad_input', `${this.#name}: expected a header and rows, got no text`);
    }
  }

  *#read(last: boolean): Generator<RowChunk> {
    this.#columns ??= this.#top.read(last);
    if (this.#columns === undefined) return;
    const block = this.#cutter.cutAll(last);
    if (block === undefined) return;
    const { recordEnd } = this.#cutter;
    checkUtf8(block.bytes, this.#name, block.line, recordEnd);
    yield* chunksOf(block, this.#columns, recordEnd, this.#top.blank);
    this.#top.blank = 0;
  }
}

/** @param blankAbove blank records before those of the block */
function* chunksOf(
  block: Block,
  columns: Columns,
  recordEnd: number,
  blankAbove: number,
): Generator<RowChunk> {
  const options = {
    delimiter: columns.delimiter,
    record_delimiter: recordEnd === LINE_FEED ? ['\r\n', '\n'] : ['\r'],
    relax_quotes: true,
    relax_column_count: true,
  };
  const { rows, blank } = block.plain
    ? plainRows(block.bytes, columns, recordEnd)
    : rowsOf(parse(block.bytes, options), columns);
  let places: Places | undefined;
  let blankLeft = blank + blankAbove;
  for (let start = 0; start < rows.length || blankLeft > 0; start += CHUNK_ROWS) {
    const placeOf = (index: number): Place => {
      places ??= new Places(block, columns, recordEnd, options);
      return places.of(start + index);
    };
    yield {
      names: columns.names,
      columns: columns.roles,
      rows: rows.slice(start, start + CHUNK_ROWS),
      blank: blankLeft,
      lineOf: (index) => placeOf(index).line,
      rawOf: (index) => placeOf(index).raw,
    };
    blankLeft = 0;
  }
}

function rowsOf(records: readonly string[][], columns: Columns): PlainRows {
  const rows: Row[] = [];
  for (const record of records) {
    const row = rowOf(record, columns);
    if (row !== undefined) rows.push(row);
  }
  return { rows, blank: records.length - rows.length };
}
