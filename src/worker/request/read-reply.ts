/**
 * Whether a reply came whole, and what it says: pure. What did not come whole or cannot be read
 * proves nothing, whatever its status: the message may have been taken. Source: docs/design/outcomes.md.
 */
import {
  brotliDecompressSync,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';
import { describeError } from '../../shared/errors.ts';

/** Names in lower case, as undici gives them. */
export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>;

export const LARGEST_REPLY_BYTES = 1 << 20;

/**
 * How a reply says where it ends. With `length` or `chunked` the parser fails a reply that ends
 * before. `close` ends with its connection; `unknown` may go on after what looks like its end.
 */
export type Framing = 'length' | 'chunked' | 'close' | 'unknown';

export function framingOf(headers: ReplyHeaders): Framing {
  const coding = headers['transfer-encoding'];
  if (coding !== undefined) return /^\s*chunked\s*$/i.test(String(coding)) ? 'chunked' : 'unknown';
  return headers['content-length'] === undefined ? 'close' : 'length';
}

/**
 * Text, its content coding undone and its byte-order mark taken off.
 * @throws where that cannot be done
 */
export function textOf(bytes: Buffer, headers: ReplyHeaders): string {
  const coded = headers['content-encoding'];
  if (coded === undefined) return withoutMark(bytes);
  const codings = String(coded).split(',');
  // Undone in the opposite order to that in which they were applied.
  const plain = codings.reduceRight(
    (left, coding) => undo(left, coding.trim().toLowerCase()),
    bytes,
  );
  return withoutMark(plain);
}

const LIMIT = { maxOutputLength: LARGEST_REPLY_BYTES };

function undo(bytes: Buffer, coding: string): Buffer {
  if (bytes.length === 0) return bytes;
  try {
    switch (coding) {
      case '':
      case 'identity':
        return bytes;
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(bytes, LIMIT);
      case 'deflate':
        return inflate(bytes);
      case 'br':
        return brotliDecompressSync(bytes, LIMIT);
      case 'zstd':
        return zstdDecompressSync(bytes, LIMIT);
    }
  } catch (error) {
    throw new Error(`a reply whose ${coding} cannot be undone: ${describeError(error)}`);
  }
  throw new Error(`a reply in a content coding that nobody asked for: ${coding.slice(0, 40)}`);
}

/** Some servers leave the wrapper of zlib's away. */
function inflate(bytes: Buffer): Buffer {
  try {
    return inflateSync(bytes, LIMIT);
  } catch {
    return inflateRawSync(bytes, LIMIT);
  }
}

function withoutMark(bytes: Buffer): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  const text = bytes.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
