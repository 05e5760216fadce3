/**
 * Takes whole records apart that hold no quote: then a cell is what stands between two delimiters. Four times as fast
 * as csv-parse, because only the cells that are sent become strings; a test holds it to csv-parse's verdicts.
 * Each cell is a string of its own: a slice of the block's text would keep the whole block in memory
 * for as long as a message waits to be filled.
 */
import type { Columns } from './csv-header.ts';
import { wrongCells } from './csv-header.ts';
import type { Row } from './row.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** @param recordEnd LF, which a CR may precede, or CR alone */
export function plainRows(bytes: Buffer, columns: Columns, recordEnd: number): Row[] {
  const delimiter = columns.delimiter.charCodeAt(0);
  const rows: Row[] = [];
  /** Where each cell of this record ends. */
  const ends: number[] = [];
  let start = 0;
  for (let at = 0; at <= bytes.length; at++) {
    // The last record may have no end of its own.
    const byte = at < bytes.length ? bytes[at] : recordEnd;
    if (byte === delimiter) {
      ends.push(at);
    } else if (byte === recordEnd) {
      const end = withoutReturn(bytes, start, at, recordEnd);
      ends.push(end);
      // An empty line is no record.
      if (end > start) rows.push(rowBetween(bytes, start, ends, columns));
      ends.length = 0;
      start = at + 1;
    }
  }
  return rows;
}

function withoutReturn(bytes: Buffer, start: number, end: number, recordEnd: number): number {
  const returned = recordEnd === LINE_FEED && bytes[end - 1] === CARRIAGE_RETURN;
  return returned && end > start && end < bytes.length ? end - 1 : end;
}

function rowBetween(bytes: Buffer, start: number, ends: number[], columns: Columns): Row {
  if (ends.length !== columns.count) return wrongCells(columns, ends.length);
  const cell = (index: number) => {
    const from = index === 0 ? start : (ends[index - 1] ?? 0) + 1;
    return bytes.toString('utf8', from, ends[index]);
  };
  const values: string[] = [];
  for (const index of columns.picked) values.push(cell(index));
  return { to: cell(columns.phone), values, fault: undefined };
}
