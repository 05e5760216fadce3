/**
 * Where the records of a block stand in the list, and their text: worked out for the few that somebody asks about.
 * A list with some invalid rows in every block must not be read twice for their sake.
 */
import { parse } from 'csv-parse/sync';
import { type Block, CARRIAGE_RETURN, LINE_FEED } from './csv-records.ts';

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

export class Places {
  readonly #block: Block;
  readonly #recordEnd: number;
  /** Offsets at which records end, their line ends included. */
  readonly #ends: readonly number[];
  /** How far lines have been counted: asked in order, each byte is looked at once. */
  #counted = 0;
  #line: number;

  constructor(block: Block, recordEnd: number, options: RecordOptions) {
    this.#block = block;
    this.#recordEnd = recordEnd;
    this.#ends = block.plain ? plainEnds(block.bytes, recordEnd) : parsedEnds(block.bytes, options);
    this.#line = block.line;
  }

  of(index: number): Place {
    const { bytes } = this.#block;
    const end = this.#ends[index] ?? bytes.length;
    // Empty lines, which are no records, stand before the record that follows them.
    let start = index === 0 ? 0 : (this.#ends[index - 1] ?? bytes.length);
    while (start < end && isLineEnd(bytes[start])) start += 1;
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

function plainEnds(bytes: Buffer, recordEnd: number): number[] {
  const ends: number[] = [];
  let isEmpty = true;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === recordEnd) {
      if (!isEmpty) ends.push(at + 1);
      isEmpty = true;
    } else if (!(byte === CARRIAGE_RETURN && bytes[at + 1] === recordEnd)) {
      isEmpty = false;
    }
  }
  if (!isEmpty) ends.push(bytes.length);
  return ends;
}

function parsedEnds(bytes: Buffer, options: RecordOptions): number[] {
  const ends: number[] = [];
  parse(bytes, {
    ...options,
    on_record: (_record, info) => {
      ends.push(info.bytes);
      return null;
    },
  });
  return ends;
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN;
}
