/**
 * The top of a CSV, up to its header: lines that are no rows, `sep=`, blank lines, the header itself; and what to say
 * where it is none. Which column is what is decided in `columns/choice.ts`; the rows behind it are the reader's.
 */

import { checkUtf8 } from '../bytes/utf8.ts';
import type { ColumnChoice } from '../columns/choice.ts';
import { LOOKED_AT, type SeenLine } from '../columns/header-search.ts';
import { refuse } from '../columns/names.ts';
import {
  type Columns,
  isEmptyRecord,
  readHeader,
  type SplitRecord,
  separatorOf,
  splitRecord,
} from './csv-header.ts';
import {
  type Block,
  CARRIAGE_RETURN,
  LINE_FEED,
  MAX_RECORD_BYTES,
  type RecordCutter,
} from './csv-records.ts';

/** No line that says what divides cells is longer. */
const SEPARATOR_BYTES = 64;
/** Beyond this, a quote that is open above the header is text. */
const QUOTED_ABOVE_BYTES = 64 * 1024;

export class CsvTop {
  readonly #name: string;
  readonly #choice: ColumnChoice;
  readonly #cutter: RecordCutter;
  /** What `sep=` said. */
  #separator: string | undefined;
  /** Lines above the header that are still to be cut off; undefined before the first line has been seen. */
  #above: number | undefined;
  /** What ought to be the header and names no number, while the lines below it are looked at. */
  #refused: SplitRecord | undefined;
  readonly #below: SeenLine[] = [];
  /** Records above the header that are empty in every cell. */
  blank = 0;

  constructor(name: string, choice: ColumnChoice, cutter: RecordCutter) {
    this.#name = name;
    this.#choice = choice;
    this.#cutter = cutter;
  }

  /**
   * Cuts off what stands before the first row, and tells the cutter how records are divided from there on; undefined
   * where that is not all there yet.
   * @param last whether nothing follows
   * @throws VolleyError `bad_input` for a header that is none, or not there
   */
  read(last: boolean): Columns | undefined {
    if (!this.#cutAbove(last)) return this.#refuseIfShort(last);
    while (this.#refused === undefined) {
      const record = this.#cut(last);
      if (record === undefined) return this.#refuseIfShort(last);
      const columns = this.#take(record);
      if (columns) return columns;
    }
    if (!this.#lookBelow(last)) return undefined;
    return readHeader(this.#refused, this.#name, this.#choice, this.#below);
  }

  /** @returns whether the header is next */
  #cutAbove(last: boolean): boolean {
    const cutter = this.#cutter;
    if (this.#above === undefined) {
      if (!this.#readSeparator(last)) return false;
      const least = this.#separator === undefined ? 0 : 1;
      this.#above = Math.max((this.#choice.headerRow ?? 1) - 1, least);
    }
    while (this.#above > 0) {
      const lineEnd = this.#lineEndAbove(last);
      if (lineEnd === undefined) return false;
      cutter.recordEnd = lineEnd;
      const cut = cutter.skipLines(this.#above);
      this.#above -= cut;
      if (cut > 0) continue;
      if (cutter.held.length <= MAX_RECORD_BYTES) return false;
      this.#refuse(`line ${cutter.line}`, 'expected lines of at most 1 MB, got a longer one');
    }
    return true;
  }

  /** The byte that ends lines; undefined where that cannot be told yet. A quote may be left open there. */
  #lineEndAbove(last: boolean): number | undefined {
    const { held } = this.#cutter;
    const at = held.findIndex((byte) => byte === LINE_FEED || byte === CARRIAGE_RETURN);
    if (at !== -1 && held[at] === CARRIAGE_RETURN) {
      if (at + 1 === held.length && !last) return undefined;
      return held[at + 1] === LINE_FEED ? LINE_FEED : CARRIAGE_RETURN;
    }
    // An LF may be one within quotes, where lone CRs end lines.
    const found = this.#cutter.findRecordEnd(false);
    return found ?? (last || held.length > QUOTED_ABOVE_BYTES ? LINE_FEED : undefined);
  }

  /** @returns whether the first line is there to be looked at */
  #readSeparator(last: boolean): boolean {
    const { held } = this.#cutter;
    const beginning = held.subarray(0, SEPARATOR_BYTES);
    const end = beginning.findIndex((byte) => byte === LINE_FEED || byte === CARRIAGE_RETURN);
    if (end === -1 && !last && beginning.length < SEPARATOR_BYTES) return false;
    if (end === -1 && beginning.length === SEPARATOR_BYTES) return true;
    const line = end === -1 ? beginning : beginning.subarray(0, end);
    this.#separator = separatorOf(line, `${this.#name}, line 1`);
    if (this.#separator !== undefined) this.#cutter.delimiters = [this.#separator];
    return true;
  }

  #cut(last: boolean): Block | undefined {
    const cutter = this.#cutter;
    const recordEnd = cutter.findRecordEnd(last);
    cutter.recordEnd = recordEnd ?? LINE_FEED;
    if (recordEnd !== undefined) return cutter.cutFirst(last);
    // Still bound to be a list: a header of more than 1 MB is none.
    if (cutter.held.length > MAX_RECORD_BYTES) cutter.cutFirst(last);
    return undefined;
  }

  #take({ bytes, line }: Block): Columns | undefined {
    checkUtf8(bytes, this.#name, line, this.#cutter.recordEnd);
    if (isEmptyRecord(bytes, this.#separator)) {
      this.blank += 1;
      if (this.#choice.headerRow === undefined) return undefined;
      this.#refuse(`line ${line}`, 'expected the names of the columns, got an empty line');
    }
    const record = splitRecord(bytes, this.#choice, this.#separator);
    if (!record.hasPhone) {
      this.#refused = record;
      return undefined;
    }
    this.#cutter.delimiters = [record.delimiter];
    return readHeader(record, this.#name, this.#choice, []);
  }

  /** @returns whether all lines are seen that an error may speak of */
  #lookBelow(last: boolean): boolean {
    try {
      while (this.#below.length < LOOKED_AT - 1) {
        const record = this.#cut(last);
        if (record === undefined) return last;
        const { bytes, line } = record;
        checkUtf8(bytes, this.#name, line, this.#cutter.recordEnd);
        if (isEmptyRecord(bytes, this.#separator)) continue;
        const { cells } = splitRecord(bytes, this.#choice, this.#separator);
        this.#below.push({ line, cells });
      }
    } catch {
      // What is wrong there is not what is wrong first.
    }
    return true;
  }

  #refuseIfShort(last: boolean): undefined {
    const { headerRow } = this.#choice;
    if (!last || headerRow === undefined) return undefined;
    const { line, held } = this.#cutter;
    const lines = line - 1 + (held.length > 0 ? 1 : 0);
    const got = lines === 1 ? '1 line' : `${lines} lines`;
    refuse(this.#name, `expected the names of the columns on line ${headerRow}, got ${got} in all`);
  }

  #refuse(place: string, why: string): never {
    refuse(`${this.#name}, ${place}`, why);
  }
}
