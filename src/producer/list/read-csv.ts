/**
 * CSV bytes → chunks of rows. RFC 4180 quoting, CRLF, LF or CR, comma, semicolon or tab.
 * csv-parse takes the cells apart, a block of whole records at a time (its stream costs half as much again a row);
 * a block without any quote needs no such care.
 * Empty lines are no rows. Numbers and values are handed on as they stand, judged by none.
 */
import { parse } from 'csv-parse/sync';
import { VolleyError } from '../../shared/errors.ts';
import { checkUtf8 } from '../bytes/utf8.ts';
import { type ColumnChoice, type Columns, readHeader, wrongCells } from './csv-header.ts';
import { type Place, Places } from './csv-places.ts';
import { type Block, CARRIAGE_RETURN, LINE_FEED, RecordCutter } from './csv-records.ts';
import { plainRows } from './plain-csv.ts';
import { CHUNK_ROWS, type Row, type RowChunk } from './row.ts';

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
  readonly #choice: ColumnChoice;
  readonly #cutter: RecordCutter;
  #recordEnd: number | undefined;
  #columns: Columns | undefined;

  constructor(name: string, choice: ColumnChoice) {
    this.#name = name;
    this.#choice = choice;
    this.#cutter = new RecordCutter(name);
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
    this.#recordEnd ??= recordEndIn(this.#cutter.held, last);
    if (this.#recordEnd === undefined) {
      // Still bound to be a list: a header of more than 1 MB is none.
      this.#cutter.cutFirst(last);
      return;
    }
    this.#cutter.recordEnd = this.#recordEnd;
    this.#columns ??= this.#readHeader(last);
    if (this.#columns === undefined) return;
    const block = this.#cutter.cutAll(last);
    if (block === undefined) return;
    checkUtf8(block.bytes, this.#name, block.line, this.#recordEnd);
    yield* chunksOf(block, this.#columns, this.#recordEnd);
  }

  #readHeader(last: boolean): Columns | undefined {
    for (;;) {
      const header = this.#cutter.cutFirst(last);
      if (header === undefined) return undefined;
      if (/^[\r\n]*$/.test(header.bytes.toString('latin1'))) continue;
      checkUtf8(header.bytes, this.#name, header.line, this.#recordEnd ?? LINE_FEED);
      const columns = readHeader(header.bytes, this.#name, this.#choice);
      this.#cutter.delimiters = [columns.delimiter.charCodeAt(0)];
      return columns;
    }
  }
}

/** LF, also of CRLF, or a lone CR: whichever ends the first record; undefined where that is not there yet. */
function recordEndIn(bytes: Buffer, last: boolean): number | undefined {
  let quoted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 34) quoted = !quoted;
    else if (quoted) continue;
    else if (byte === LINE_FEED) return LINE_FEED;
    else if (byte === CARRIAGE_RETURN && at + 1 < bytes.length) {
      return bytes[at + 1] === LINE_FEED ? LINE_FEED : CARRIAGE_RETURN;
    }
  }
  return last ? LINE_FEED : undefined;
}

function* chunksOf(block: Block, columns: Columns, recordEnd: number): Generator<RowChunk> {
  const options = {
    delimiter: columns.delimiter,
    record_delimiter: recordEnd === LINE_FEED ? ['\r\n', '\n'] : ['\r'],
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  };
  const rows = block.plain
    ? plainRows(block.bytes, columns, recordEnd)
    : parse(block.bytes, options).map((record) => rowFrom(record, columns));
  let places: Places | undefined;
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    const placeOf = (index: number): Place => {
      places ??= new Places(block, recordEnd, options);
      return places.of(start + index);
    };
    yield {
      names: columns.names,
      columns: columns.roles,
      rows: rows.slice(start, start + CHUNK_ROWS),
      blank: 0,
      lineOf: (index) => placeOf(index).line,
      rawOf: (index) => placeOf(index).raw,
    };
  }
}

function rowFrom(record: readonly string[], columns: Columns): Row {
  if (record.length !== columns.count) return wrongCells(columns, record.length);
  const values: string[] = [];
  for (const index of columns.picked) values.push(record[index] ?? '');
  return { to: record[columns.phone] ?? '', values, fault: undefined };
}
