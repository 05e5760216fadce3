/** Text from bytes, strictly: what is not UTF-8 is refused with its line, never replaced by `�`. */
import { isUtf8 } from 'node:buffer';
import { VolleyError } from '../../shared/errors.ts';

/**
 * Throws `VolleyError('bad_input')` unless the bytes are UTF-8.
 * @param line the line that the bytes begin on
 * @param lineEnd the byte that ends a line
 */
export function checkUtf8(bytes: Buffer, name: string, line: number, lineEnd: number): void {
  if (isUtf8(bytes)) return;
  let bad = line;
  for (let start = 0; start < bytes.length; bad++) {
    const end = bytes.indexOf(lineEnd, start) + 1 || bytes.length;
    if (!isUtf8(bytes.subarray(start, end))) break;
    start = end;
  }
  throw new VolleyError(
    'bad_input',
    `${name}, line ${bad}: expected UTF-8, got other bytes (Latin-1 or Windows-1252?); save it as UTF-8`,
  );
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
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return marked ? bytes.subarray(3) : bytes;
}
