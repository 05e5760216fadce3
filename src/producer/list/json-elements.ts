/**
 * Cuts the bytes of one JSON array where its elements begin and end, as they stream: by its brackets and strings alone,
 * so that an element that is broken within itself is one bad row and not the end of the list. What an element means it
 * does not know.
 *
 * By hand, and then `JSON.parse`, which is native and which NDJSON uses, too: a parser for JSON in pieces (stream-json,
 * @streamparser/json) makes each value in JavaScript, and takes a broken element for the end of the list.
 */
import { VolleyError } from '../../shared/errors.ts';
import { MAX_RECORD_BYTES } from '../csv/csv-records.ts';

const LINE_FEED = 10;
const QUOTE = 34;
const COMMA = 44;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** An element, and the line that it begins on. */
export interface Element {
  readonly bytes: Buffer;
  readonly line: number;
}

/** What is to come next: the array, an element, or what stands between elements. */
type Place = 'before' | 'first' | 'element' | 'within' | 'after' | 'end';

export class ElementCutter {
  readonly #name: string;
  /** From the beginning of an element on, or of what stands between two. */
  #held: Buffer = Buffer.alloc(0);
  /** How far it has been looked at. */
  #at = 0;
  #place: Place = 'before';
  #start = 0;
  #line = 1;
  #startLine = 1;
  /** Within an element: what closes each bracket that is open. */
  readonly #closers: number[] = [];
  #isString = false;

  constructor(name: string) {
    this.#name = name;
  }

  /** The elements that end in these bytes. @throws VolleyError `bad_input`, with the line, for what is no array */
  take(piece: Buffer): Element[] {
    this.#held = Buffer.concat([this.#held, piece]);
    const bytes = this.#held;
    const found: Element[] = [];
    while (this.#at < bytes.length) {
      if (this.#place === 'within') {
        const end = this.#toEnd(bytes);
        if (end === -1) break;
        found.push({ bytes: bytes.subarray(this.#start, end), line: this.#startLine });
        this.#place = 'after';
      } else {
        this.#between(bytes[this.#at] ?? 0);
      }
    }
    const kept = this.#place === 'within' ? this.#start : this.#at;
    this.#held = bytes.subarray(kept);
    this.#at -= kept;
    this.#start = 0;
    if (this.#held.length > MAX_RECORD_BYTES) {
      this.#refuse(this.#startLine, 'expected rows of at most 1 MB, got a longer one');
    }
    return found;
  }

  /** @throws VolleyError `bad_input` where the array is not at its end */
  end(): void {
    if (this.#place === 'end') return;
    if (this.#place === 'before') this.#refuse(this.#line, 'expected a JSON array, got no text');
    const isWithin = this.#place === 'within';
    const line = isWithin ? this.#startLine : this.#line;
    const what = isWithin ? 'the row that begins here is not closed' : 'expected ], got none';
    this.#refuse(line, `${what} by the end of the list; is it cut short?`);
  }

  /** One byte that is in no element. */
  #between(byte: number): void {
    const place = this.#place;
    if (isBlank(byte)) {
      if (byte === LINE_FEED) this.#line += 1;
      this.#at += 1;
    } else if (place === 'end') {
      this.#refuse(this.#line, 'expected nothing behind the ] of the array, got more text');
    } else if (place === 'before') {
      if (byte !== OPEN_ARRAY) this.#refuse(this.#line, 'expected a JSON array, got no [');
      this.#pass('first');
    } else if (byte === CLOSE_ARRAY && place !== 'element') {
      this.#pass('end');
    } else if (place === 'after') {
      if (byte !== COMMA) this.#refuse(this.#line, 'expected a comma or ] behind a row');
      this.#pass('element');
    } else if (byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      this.#refuse(this.#line, `expected a row, got "${String.fromCharCode(byte)}"`);
    } else {
      this.#place = 'within';
      this.#start = this.#at;
      this.#startLine = this.#line;
    }
  }

  #pass(place: Place): void {
    this.#at += 1;
    this.#place = place;
  }

  /** Goes on to the end of the element, and says where that is; -1 where it is not there yet. */
  #toEnd(bytes: Buffer): number {
    const closers = this.#closers;
    let at = this.#at;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (this.#isString) {
        // What it escapes may not be there yet.
        if (byte === BACKSLASH && at + 1 === bytes.length) break;
        const next = byte === BACKSLASH ? bytes[++at] : byte;
        if (next === LINE_FEED) this.#refuse(this.#line, 'a quote opened here is not closed');
        if (byte === QUOTE) this.#isString = false;
        if (!this.#isString && closers.length === 0) return this.#endAt(at + 1);
      } else if (byte === QUOTE) {
        this.#isString = true;
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        closers.push(byte === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY);
      } else if (closers.length === 0) {
        // Neither text nor brackets: a number, a word, or none.
        if (isBlank(byte) || byte === COMMA || byte === CLOSE_ARRAY) return this.#endAt(at);
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        this.#close(byte);
        if (closers.length === 0) return this.#endAt(at + 1);
      } else if (byte === LINE_FEED) {
        this.#line += 1;
      }
    }
    this.#at = at;
    return -1;
  }

  #endAt(end: number): number {
    this.#at = end;
    return end;
  }

  #close(byte: number): void {
    const expected = this.#closers.pop();
    if (byte === expected) return;
    const [wanted, got] = [expected ?? 0, byte].map((code) => String.fromCharCode(code));
    this.#refuse(this.#line, `expected ${wanted} for the bracket that is open, got ${got}`);
  }

  #refuse(line: number, why: string): never {
    throw new VolleyError('bad_input', `${this.#name}, line ${line}: ${why}`);
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === LINE_FEED || byte === 13 || byte === 9;
}
