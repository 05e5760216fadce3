/**
 * The bytes of a list, from a file or a stream, in pieces small enough not to hold up the event loop; hashed and
 * counted as they pass. It knows what no list is made of (a directory, UTF-16, binary data), and nothing of rows.
 */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { VolleyError } from '../../shared/errors.ts';
import { stoppable } from './stoppable.ts';

/** 64 KB are some thousands of rows: a few milliseconds of work. */
const PIECE_BYTES = 64 * 1024;

export class ListBytes {
  /** Bytes handed out so far. */
  read = 0;
  /** Whether a NUL is only a byte like others: where a list is read for its numbers alone. */
  mayHoldNul = false;
  readonly #name: string;
  readonly #pieces: AsyncIterable<Uint8Array>;
  readonly #hash: Hash = createHash('sha256');
  #line = 1;

  constructor(name: string, pieces: AsyncIterable<Uint8Array>) {
    this.#name = name;
    this.#pieces = pieces;
  }

  static ofFile(path: string, signal?: AbortSignal): ListBytes {
    return new ListBytes(path, stoppable(piecesOfFile(path), signal));
  }

  static ofStream(name: string, bytes: AsyncIterable<Uint8Array>, signal?: AbortSignal): ListBytes {
    return new ListBytes(name, piecesOfStream(stoppable(bytes, signal)));
  }

  /** Hex SHA-256 of what was handed out. Asked for once. */
  digest(): string {
    return this.#hash.digest('hex');
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for await (const piece of this.#pieces) {
      if (piece.byteLength === 0) continue;
      const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      if (this.read === 0) this.#refuseForeignBeginning(bytes);
      if (!this.mayHoldNul) this.#refuseNul(bytes);
      this.#hash.update(bytes);
      this.read += bytes.byteLength;
      yield bytes;
    }
    if (this.read === 0) {
      throw new VolleyError('bad_input', `${this.#name}: the list is empty, expected rows`);
    }
  }

  #refuseForeignBeginning(bytes: Buffer): void {
    const found = foreignFormat(bytes);
    if (found === undefined) return;
    throw new VolleyError(
      'bad_input',
      `${this.#name}: expected CSV or NDJSON in UTF-8, got ${found}`,
    );
  }

  #refuseNul(bytes: Buffer): void {
    const at = bytes.indexOf(0);
    this.#line += countOf(bytes, 10, at === -1 ? bytes.length : at);
    if (at === -1) return;
    throw new VolleyError(
      'bad_input',
      `${this.#name}, line ${this.#line}: expected text in UTF-8, got binary data (a NUL byte)`,
    );
  }
}

/** How often a byte occurs before `end`. */
export function countOf(bytes: Uint8Array, byte: number, end = bytes.length): number {
  let count = 0;
  for (let index = 0; index < end; index++) {
    if (bytes[index] === byte) count += 1;
  }
  return count;
}

/** Hex SHA-256 of a file's bytes, without reading it as a list. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of stoppable(piecesOfFile(path), signal)) hash.update(piece);
  return hash.digest('hex');
}

/** Bytes in the file, for progress; undefined where nobody knows (a pipe). */
export async function fileSize(path: string): Promise<number | undefined> {
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  return found.isFile() ? found.size : undefined;
}

function foreignFormat(bytes: Buffer): string | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0xff && second === 0xfe) return 'UTF-16; save it as UTF-8';
  if (first === 0xfe && second === 0xff) return 'UTF-16; save it as UTF-8';
  if (first === 0x50 && second === 0x4b && third === 0x03 && fourth === 0x04) {
    return 'a zip archive or an Excel workbook; export it as CSV';
  }
  if (first === 0x1f && second === 0x8b) return 'gzip; unpack it first';
  // A letter and a NUL by turns: UTF-16 without its mark.
  const nulls = [first, second, third, fourth].map((byte) => byte === 0).join();
  if (nulls === 'false,true,false,true' || nulls === 'true,false,true,false') {
    return 'UTF-16; save it as UTF-8';
  }
  return undefined;
}

/** A piece holds only until the next is asked for: all are read into one buffer. */
/** Each piece holds only until the next is asked for. */
export async function* piecesOfFile(path: string): AsyncGenerator<Uint8Array> {
  const file = await openFile(path);
  try {
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    await file.close();
  }
}

async function* piecesOfStream(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    for (let start = 0; start < piece.byteLength; start += PIECE_BYTES) {
      yield piece.subarray(start, start + PIECE_BYTES);
    }
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const why =
    code === 'ENOENT'
      ? 'no such file'
      : code === 'EISDIR'
        ? 'expected a file, got a directory'
        : code === 'EACCES'
          ? 'not allowed to read it'
          : undefined;
  if (why === undefined) return error;
  return new VolleyError('bad_input', `${path}: ${why}`, { cause: error });
}
