/**
 * Cuts CSV bytes where records end, so that whole records can be parsed a block at a time (RFC 4180: a line end
 * within quotes ends nothing). A quote counts only where a cell begins with it; elsewhere it is text.
 * It takes no cells apart, that is csv-parse's; but text after a closing quote is refused here: it is
 * what a forgotten quote looks like, and reading on would swallow other people's rows.
 */
import { VolleyError } from '../../shared/errors.ts';
import { countOf } from '../bytes/utf8.ts';
import { DELIMITER_BYTES } from './csv-header.ts';

/** No honest row is longer; what is, is a quote that is never closed, or no list. */
export const MAX_RECORD_BYTES = 1024 * 1024;

const QUOTE = 34;
export const LINE_FEED = 10;
export const CARRIAGE_RETURN = 13;

/** Whole records, and the line that the first of them begins on, counted from 1. */
export interface Block {
  readonly bytes: Buffer;
  readonly line: number;
  /** Whether there is no quote in it. */
  readonly plain: boolean;
}

export class RecordCutter {
  readonly #name: string;
  /** The bytes that may end a cell: one, or several while the header is not known yet. */
  delimiters: readonly number[] = DELIMITER_BYTES;
  /** The byte that ends a record, after an optional CR where it is LF. */
  recordEnd = LINE_FEED;
  /** From the beginning of a record on. */
  #held: Buffer = Buffer.alloc(0);
  #line = 1;

  constructor(name: string) {
    this.#name = name;
  }

  /** Takes the next bytes of the list. */
  push(bytes: Buffer): void {
    this.#held = Buffer.concat([this.#held, bytes]);
  }

  /** Bytes that were pushed and not yet cut off. */
  get held(): Buffer {
    return this.#held;
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
    return { bytes, line, plain: bytes.indexOf(QUOTE) === -1 };
  }

  /** Where the first or the last whole record ends (0 if none does), and where an open quote began (or -1). */
  #scan(onlyFirst: boolean, last: boolean): { end: number; openQuote: number } {
    const bytes = this.#held;
    const { delimiters, recordEnd } = this;
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
        cellBegins = delimiters.includes(byte);
      }
    }
    return { end, openQuote: -1 };
  }

  #checkAfter(bytes: Buffer, opening: number, closing: number): void {
    const { delimiters, recordEnd } = this;
    const next = bytes[closing + 1];
    if (next === undefined || next === recordEnd || next === CARRIAGE_RETURN) return;
    if (delimiters.includes(next)) return;
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
