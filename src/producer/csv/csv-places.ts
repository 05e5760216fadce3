/**
 * Where the rows of a block stand in the list, and their text: worked out for the few that somebody asks about.
 * A list with some invalid rows in every block must not be read twice for their sake. What is no row, for it is empty
 * in every cell, has no place.
 */
import { parse } from 'csv-parse/sync';
import type { Columns } from './csv-header.ts';
import type { Block } from './csv-records.ts';
import { rowOf } from './csv-row.ts';
import { isBlank, withoutReturn } from './plain-csv.ts';

export interface Place {
  /** Counted from 1 over the whole list. */
  readonly line: number;
  /** Without its line end. */
  readonly raw: string;
}

interface RecordOptions {
  readonly delimiter: string;
  readonly record_delimiter: string[];
}

/** Offsets in the block; the end is behind the line end. */
interface Span {
  readonly start: number;
  readonly end: number;
}

export class Places {
  readonly #block: Block;
  readonly #recordEnd: number;
  readonly #spans: readonly Span[];
  /** How far lines have been counted: asked in order, each byte is looked at once. */
  #counted = 0;
  #line: number;

  constructor(block: Block, columns: Columns, recordEnd: number, options: RecordOptions) {
    this.#block = block;
    this.#recordEnd = recordEnd;
    this.#spans = block.plain
      ? plainSpans(block.bytes, recordEnd, columns.delimiter.charCodeAt(0))
      : parsedSpans(block.bytes, columns, options);
    this.#line = block.line;
  }

  of(index: number): Place {
    const { bytes } = this.#block;
    const { start, end } = this.#spans[index] ?? { start: bytes.length, end: bytes.length };
    const raw = bytes.toString('utf8', start, end).replace(/\r?\n$|\r$/, '');
    return { line: this.#lineAt(start), raw };
  }

  #lineAt(offset: number): number {
    if (offset < this.#counted) {
      this.#counted = 0;
      this.#line = this.#block.line;
    }
    for (let at = this.#counted; at < offset; at++) {
      if (this.#block.bytes[at] === this.#recordEnd) this.#line += 1;
    }
    this.#counted = offset;
    return this.#line;
  }
}

function plainSpans(bytes: Buffer, recordEnd: number, delimiter: number): Span[] {
  const spans: Span[] = [];
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(recordEnd, start);
    const at = found === -1 ? bytes.length : found;
    const end = Math.min(at + 1, bytes.length);
    if (!isBlank(bytes, start, withoutReturn(bytes, start, at, recordEnd), delimiter)) {
      spans.push({ start, end });
    }
    start = end;
  }
  return spans;
}

function parsedSpans(bytes: Buffer, columns: Columns, options: RecordOptions): Span[] {
  const spans: Span[] = [];
  let start = 0;
  parse(bytes, {
    ...options,
    on_record: (record: string[], info) => {
      if (rowOf(record, columns) !== undefined) spans.push({ start, end: info.bytes });
      start = info.bytes;
      return null;
    },
  });
  return spans;
}
