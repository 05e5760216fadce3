/**
 * Cuts CSV bytes where records end, so that whole records can be parsed a block at a time (RFC 4180: a line end
 * within quotes ends nothing). A quote counts only where a cell begins with it; elsewhere it is text.
 * It takes no cells apart, that is csv-parse's; but text after a closing quote is refused here: it is
 * what a forgotten quote looks like, and reading on would swallow other people's rows.
 */
import { VolleyError } from '../../shared/errors.ts';
import { countOf } from '../bytes/utf8.ts';
import { DELIMITERS } from './csv-header.ts';

/** No honest row is longer; what is, is a quote that is never closed, or no list. */
export const MAX_RECORD_BYTES = 1024 * 1024;

const QUOTE = 34;
export const LINE_FEED = 10;
export const CARRIAGE_RETURN = 13;

/** Whole records, and the line that the first of them begins on, counted from 1. */
export interface Block {
  readonly bytes: Buffer;
  readonly line: number;
  /** Whether there is no quote in it, and its delimiter is one byte. */
  readonly plain: boolean;
}

export class RecordCutter {
  readonly #name: string;
  /** The delimiter, where there is one, of one byte: all but a list's first record is read with it. */
  #onlyByte: number | undefined;
  #delimiters: readonly Buffer[] = DELIMITERS.map((text) => Buffer.from(text));
  /** The byte that ends a record, after an optional CR where it is LF. */
  recordEnd = LINE_FEED;
  /** From the beginning of a record on. */
  #held: Buffer = Buffer.alloc(0);
  #line = 1;

  constructor(name: string) {
    this.#name = name;
  }

  /** What may end a cell: one, or several while the header is not known yet. */
  set delimiters(texts: readonly string[]) {
    this.#delimiters = texts.map((text) => Buffer.from(text));
    const [only] = this.#delimiters;
    this.#onlyByte = texts.length === 1 && only?.length === 1 ? only[0] : undefined;
  }

  /** The line that the next record begins on, counted from 1. */
  get line(): number {
    return this.#line;
  }

  /** Takes the next bytes of the list. */
  push(bytes: Buffer): void {
    this.#held = Buffer.concat([this.#held, bytes]);
  }

  /** Bytes that were pushed and not yet cut off. */
  get held(): Buffer {
    return this.#held;
  }

  /**
   * LF, also of CRLF, or a lone CR: whichever ends the first record; undefined where that is not there yet.
   * @param last whether nothing follows
   */
  findRecordEnd(last: boolean): number | undefined {
    const bytes = this.#held;
    let cellBegins = true;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE && cellBegins) {
        const closing = closingQuote(bytes, at, last);
        if (closing === -1) return last ? LINE_FEED : undefined;
        at = closing;
        cellBegins = false;
      } else if (byte === LINE_FEED) {
        return LINE_FEED;
      } else if (byte === CARRIAGE_RETURN && at + 1 < bytes.length) {
        return bytes[at + 1] === LINE_FEED ? LINE_FEED : CARRIAGE_RETURN;
      } else {
        cellBegins = this.#endsDelimiter(at);
      }
    }
    return last ? LINE_FEED : undefined;
  }

  /** Cuts off lines, whatever is in them: quotes mean nothing there. @returns how many there were of so many */
  skipLines(most: number): number {
    let end = 0;
    let skipped = 0;
    for (; skipped < most; skipped++) {
      const at = this.#held.indexOf(this.recordEnd, end);
      if (at === -1) break;
      end = at + 1;
    }
    this.#held = this.#held.subarray(end);
    this.#line += skipped;
    return skipped;
  }

  /** The first record alone, or undefined if its end is not there yet. */
  cutFirst(last: boolean): Block | undefined {
    const found = this.#scan(true, last);
    return this.#cut(found.end, found.openQuote, last);
  }

  /** All records that are whole; at the last, everything that is left. */
  cutAll(last: boolean): Block | undefined {
    const plain = this.#held.indexOf(QUOTE) === -1;
    if (plain) return this.#cut(this.#held.lastIndexOf(this.recordEnd) + 1, -1, last);
    const found = this.#scan(false, last);
    return this.#cut(found.end, found.openQuote, last);
  }

  #cut(end: number, openQuote: number, last: boolean): Block | undefined {
    if (last && openQuote !== -1) this.#refuseOpenQuote(openQuote, 'the end of the list');
    if (!last && this.#held.length - end > MAX_RECORD_BYTES) {
      if (openQuote !== -1) this.#refuseOpenQuote(openQuote, 'the next 1 MB');
      const line = this.#lineAt(end);
      this.#refuse(line, 'expected rows of at most 1 MB, got a longer one');
    }
    const cut = last && end === 0 ? this.#held.length : end;
    if (cut === 0) return undefined;
    const bytes = this.#held.subarray(0, cut);
    const line = this.#line;
    this.#line += countOf(bytes, this.recordEnd);
    this.#held = this.#held.subarray(cut);
    return { bytes, line, plain: this.#onlyByte !== undefined && bytes.indexOf(QUOTE) === -1 };
  }

  /** Where the first or the last whole record ends (0 if none does), and where an open quote began (or -1). */
  #scan(onlyFirst: boolean, last: boolean): { end: number; openQuote: number } {
    const bytes = this.#held;
    const { recordEnd } = this;
    const delimiter = this.#onlyByte;
    let end = 0;
    let cellBegins = true;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE && cellBegins) {
        const closing = closingQuote(bytes, at, last);
        if (closing === -1) return { end, openQuote: at };
        this.#checkAfter(bytes, at, closing);
        at = closing;
        cellBegins = false;
      } else if (byte === recordEnd) {
        end = at + 1;
        if (onlyFirst) return { end, openQuote: -1 };
        cellBegins = true;
      } else {
        cellBegins = delimiter === undefined ? this.#endsDelimiter(at) : byte === delimiter;
      }
    }
    return { end, openQuote: -1 };
  }

  /** Whether the byte is the last of a delimiter. */
  #endsDelimiter(at: number): boolean {
    const byte = this.#held[at];
    for (const delimiter of this.#delimiters) {
      const { length } = delimiter;
      if (delimiter[length - 1] !== byte) continue;
      if (length === 1 || this.#held.subarray(at + 1 - length, at + 1).equals(delimiter))
        return true;
    }
    return false;
  }

  #checkAfter(bytes: Buffer, opening: number, closing: number): void {
    const next = bytes[closing + 1];
    if (next === undefined || next === this.recordEnd || next === CARRIAGE_RETURN) return;
    if (next === this.#onlyByte) return;
    const isDelimiter = (delimiter: Buffer) => {
      // Of one that is cut in two the rest follows.
      const there = bytes.subarray(closing + 1, closing + 1 + delimiter.length);
      return delimiter.subarray(0, there.length).equals(there);
    };
    if (this.#delimiters.some(isDelimiter)) return;
    const line = this.#lineAt(closing);
    const what = `got text after the quote that closes the cell begun on line ${this.#lineAt(opening)}`;
    this.#refuse(line, `expected a delimiter or the end of the line, ${what}; is a quote missing?`);
  }

  #refuseOpenQuote(at: number, where: string): never {
    this.#refuse(this.#lineAt(at), `the quote opened here is not closed by ${where}`);
  }

  #lineAt(offset: number): number {
    return this.#line + countOf(this.#held, this.recordEnd, offset);
  }

  #refuse(line: number, why: string): never {
    throw new VolleyError('bad_input', `${this.#name}, line ${line}: ${why}`);
  }
}

/** The quote that closes a cell: one that is not doubled. -1 where that cannot be told yet. */
function closingQuote(bytes: Buffer, opening: number, last: boolean): number {
  for (let at = opening + 1; at < bytes.length; at++) {
    if (bytes[at] !== QUOTE) continue;
    if (bytes[at + 1] === QUOTE) at += 1;
    else return at + 1 < bytes.length || last ? at : -1;
  }
  return -1;
}
