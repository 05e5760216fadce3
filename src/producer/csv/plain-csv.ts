/**
 * Takes whole records apart that hold no quote: then a cell is what stands between two delimiters. Many times as fast
 * as csv-parse, because only the cells that are sent become strings; a test holds it to csv-parse's verdicts.
 * No cell may keep the text of its block in memory, which it would for as long as a message waits to be filled.
 */
import { isAscii } from 'node:buffer';
import type { Row } from '../rows/row.ts';
import { isEmpty } from '../rows/values.ts';
import type { Columns } from './csv-header.ts';
import { wrongCells } from './csv-row.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
/** V8 copies a slice of a string that is shorter than this; a longer one is a view that keeps the whole string. */
const COPIED_BELOW = 13;

export interface PlainRows {
  readonly rows: Row[];
  /** Records that are empty in every cell. */
  readonly blank: number;
}

/** @param recordEnd LF, which a CR may precede, or CR alone */
export function plainRows(bytes: Buffer, columns: Columns, recordEnd: number): PlainRows {
  const delimiter = columns.delimiter.charCodeAt(0);
  const cells = new Cells(bytes, columns);
  const rows: Row[] = [];
  let blank = 0;
  let count = 0;
  let start = 0;
  const { length } = bytes;
  for (let at = 0; at <= length; at++) {
    // The last record may have no end of its own.
    const byte = at < length ? bytes[at] : recordEnd;
    if (byte === delimiter) {
      cells.ends[count++] = at;
    } else if (byte === recordEnd && start < length) {
      const end = withoutReturn(bytes, start, at, recordEnd);
      cells.ends[count++] = end;
      if (isBlank(bytes, start, end, delimiter)) blank += 1;
      else rows.push(cells.rowFrom(start, count));
      count = 0;
      start = at + 1;
    }
  }
  return { rows, blank };
}

/** Whether a record without quotes is empty in every cell. Most often its first byte tells. */
export function isBlank(bytes: Buffer, start: number, end: number, delimiter: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte <= 32 || byte === delimiter || byte === 127) continue;
    if (byte < 127) return false;
    const cells = bytes.toString('utf8', at, end).split(String.fromCharCode(delimiter));
    return cells.every(isEmpty);
  }
  return true;
}

export function withoutReturn(
  bytes: Buffer,
  start: number,
  end: number,
  recordEnd: number,
): number {
  const returned = recordEnd === LINE_FEED && bytes[end - 1] === CARRIAGE_RETURN;
  return returned && end > start && end < bytes.length ? end - 1 : end;
}

/** The cells of one record after the other, of one block. */
class Cells {
  /** Where each cell of this record ends. */
  readonly ends: number[] = [];
  readonly #bytes: Buffer;
  readonly #columns: Columns;
  /** The block, where each byte of it is a character. */
  readonly #text: string | undefined;

  constructor(bytes: Buffer, columns: Columns) {
    this.#bytes = bytes;
    this.#columns = columns;
    this.#text = isAscii(bytes) ? bytes.toString('latin1') : undefined;
  }

  rowFrom(start: number, count: number): Row {
    const columns = this.#columns;
    if (count > columns.count) {
      const filled = this.#filledOf(start, count);
      if (filled > columns.count) return wrongCells(columns, filled);
    }
    const values: string[] = [];
    for (const index of columns.picked) values.push(this.#cell(index, start, count));
    return { to: this.#cell(columns.phone, start, count), values, fault: undefined };
  }

  #cell(index: number, start: number, count: number): string {
    if (index >= count) return '';
    const from = index === 0 ? start : (this.ends[index - 1] ?? 0) + 1;
    const end = this.ends[index] ?? from;
    if (this.#text === undefined) return this.#bytes.toString('utf8', from, end);
    if (end - from < COPIED_BELOW) return this.#text.slice(from, end);
    return this.#bytes.toString('latin1', from, end);
  }

  /** How many cells there are up to the last that is not empty. */
  #filledOf(start: number, count: number): number {
    let filled = count;
    while (filled > 0 && isEmpty(this.#cell(filled - 1, start, count))) filled -= 1;
    return filled;
  }
}
