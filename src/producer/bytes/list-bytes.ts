/**
 * The bytes of a list as they lie there, from a file or a stream, in pieces small enough not to hold up the event loop;
 * hashed and counted as they pass. It knows nothing of what they mean.
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
  readonly #pieces: AsyncIterable<Uint8Array>;
  readonly #hash: Hash = createHash('sha256');

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces;
  }

  static ofFile(path: string, signal?: AbortSignal): ListBytes {
    return new ListBytes(stoppable(piecesOfFile(path), signal));
  }

  static ofStream(bytes: AsyncIterable<Uint8Array>, signal?: AbortSignal): ListBytes {
    return new ListBytes(piecesOfStream(stoppable(bytes, signal)));
  }

  /** Hex SHA-256 of what was handed out. Asked for once. */
  digest(): string {
    return this.#hash.digest('hex');
  }

  /** Each piece holds only until the next is asked for. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for await (const piece of this.#pieces) {
      if (piece.byteLength === 0) continue;
      const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      this.#hash.update(bytes);
      this.read += bytes.byteLength;
      yield bytes;
    }
  }
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

/**
 * Whether a path gives its bytes only once: a pipe, as `<(…)` in a shell makes it, a socket or a terminal. Of a path
 * that leads nowhere, whoever reads it tells.
 */
export async function isReadOnce(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

/** Each piece holds only until the next is asked for: all are read into one buffer. */
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

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file: what stands before the last / is no folder',
  EISDIR: 'expected a file, got a directory',
  EACCES: 'not allowed to read it',
  EPERM: 'not allowed to read it',
  ENXIO: 'expected a file or a pipe, got a socket or a device that is not there',
  ELOOP: 'its links lead round in a circle',
  ENAMETOOLONG: 'expected a path, got a longer text than any file is called by',
};

function unreadable(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = UNREADABLE[code];
  if (why === undefined) return error;
  return new VolleyError('bad_input', `${path}: ${why}`, { cause: error });
}
