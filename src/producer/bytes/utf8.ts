/** UTF-8, strictly: what is none is refused with its line, never replaced by `�`. Says nothing of what it may be. */
import { isUtf8 } from 'node:buffer';
import { VolleyError } from '../../shared/errors.ts';

/** Bytes that are no UTF-8. */
export class NotUtf8 extends VolleyError {
  readonly where: string;
  /** What was looked at. */
  readonly bytes: Buffer;
  /** Where in them the line with the first of them begins. */
  readonly start: number;

  constructor(where: string, bytes: Buffer, start: number) {
    super('bad_input', `${where}: expected UTF-8, got other bytes; save it as UTF-8`);
    this.where = where;
    this.bytes = bytes;
    this.start = start;
  }
}

/**
 * @param line the line that the bytes begin on
 * @param lineEnd the byte that ends a line
 * @throws NotUtf8
 */
export function checkUtf8(bytes: Buffer, name: string, line: number, lineEnd: number): void {
  if (isUtf8(bytes)) return;
  let bad = line;
  let start = 0;
  for (; start < bytes.length; bad++) {
    const end = bytes.indexOf(lineEnd, start) + 1 || bytes.length;
    if (!isUtf8(bytes.subarray(start, end))) break;
    start = end;
  }
  throw new NotUtf8(`${name}, line ${bad}`, bytes, start);
}

/** How often a byte occurs before `end`. */
export function countOf(bytes: Uint8Array, byte: number, end = bytes.length): number {
  let count = 0;
  for (let index = 0; index < end; index++) {
    if (bytes[index] === byte) count += 1;
  }
  return count;
}

/** The same bytes without the mark that some programs put before UTF-8. */
export async function* withoutMark(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let beginning: Buffer | undefined = Buffer.alloc(0);
  for await (const piece of pieces) {
    if (beginning === undefined) {
      yield piece;
      continue;
    }
    beginning = Buffer.concat([beginning, piece]);
    if (beginning.length < 3) continue;
    yield unmarked(beginning);
    beginning = undefined;
  }
  if (beginning !== undefined) yield unmarked(beginning);
}

function unmarked(bytes: Buffer): Buffer {
  return isMarked(bytes) ? bytes.subarray(3) : bytes;
}

/** Whether the mark of UTF-8 stands before it. */
export function isMarked(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
