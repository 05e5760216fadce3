/**
 * The parts of a workbook's file, which is a zip archive: found by their names, unpacked as they are read, and checked
 * against the length and the checksum that the archive says they have. What stands in the parts is not its
 * business.
 */
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl';
import { VolleyError } from '../../shared/errors.ts';

/** A workbook has some dozens of parts, some thousands with pictures in it. */
const MOST_PARTS = 100_000;
const PIECE_BYTES = 64 * 1024;
const STORED = 0;
const DEFLATED = 8;

export class Archive {
  /** What errors call the file. */
  readonly name: string;
  readonly #zip: ZipFile;
  readonly #entries = new Map<string, Entry>();
  readonly #signal: AbortSignal | undefined;

  private constructor(name: string, zip: ZipFile, signal: AbortSignal | undefined) {
    this.name = name;
    this.#zip = zip;
    this.#signal = signal;
  }

  /** @throws VolleyError `bad_input` for what is no whole zip archive. The file stays open, for whoever opened it to close. */
  static async open(file: FileHandle, name: string, signal?: AbortSignal): Promise<Archive> {
    try {
      const zip = await fromFdPromise(file.fd, { autoClose: false, lazyEntries: true });
      const archive = new Archive(name, zip, signal);
      for await (const entry of zip.eachEntry()) archive.#add(entry);
      return archive;
    } catch (error) {
      throw damaged(name, 'its directory cannot be read; was the file cut off?', error);
    }
  }

  has(path: string): boolean {
    return this.#entries.has(keyOf(path));
  }

  /** Of all parts, in lower case. */
  get names(): string[] {
    return [...this.#entries.keys()];
  }

  /**
   * The bytes of a part, in pieces. Whoever stops in the middle learns nothing of a damaged rest.
   * @throws VolleyError `bad_input` for a part that is not there, cannot be unpacked, or is another than the archive says
   */
  async *read(path: string): AsyncGenerator<Buffer> {
    const entry = this.#entries.get(keyOf(path));
    if (entry === undefined) throw damaged(this.name, `it has no part ${JSON.stringify(path)}`);
    this.#refuseOtherWays(entry);
    const packed = await this.#open(entry);
    const inflate = createInflateRaw({ chunkSize: PIECE_BYTES });
    const isPacked = entry.compressionMethod === DEFLATED;
    const bytes = isPacked ? pipeline(packed, inflate, () => undefined) : packed;
    let length = 0;
    let checksum = 0;
    try {
      for await (const piece of bytes) {
        this.#signal?.throwIfAborted();
        length += piece.length;
        checksum = crc32(piece, checksum);
        yield piece;
      }
    } catch (error) {
      if (this.#signal?.aborted) throw error;
      throw damaged(this.name, `its part ${entry.fileName} cannot be unpacked`, error);
    } finally {
      packed.destroy();
      inflate.destroy();
    }
    if (length === entry.uncompressedSize && checksum === entry.crc32) return;
    throw damaged(
      this.name,
      `its part ${entry.fileName} is not as long, or not the same, as packed`,
    );
  }

  #add(entry: Entry): void {
    if (this.#entries.size >= MOST_PARTS) {
      throw new VolleyError(
        'bad_input',
        `${this.name}: expected at most ${MOST_PARTS} parts, got more`,
      );
    }
    this.#entries.set(keyOf(entry.fileName), entry);
  }

  #refuseOtherWays(entry: Entry): void {
    if (entry.isEncrypted()) {
      const why = 'expected a workbook without a password, got an encrypted one';
      throw new VolleyError('bad_input', `${this.name}: ${why}`);
    }
    if (entry.compressionMethod === STORED || entry.compressionMethod === DEFLATED) return;
    const way = `compression method ${entry.compressionMethod}`;
    throw damaged(this.name, `its part ${entry.fileName} is packed with the unknown ${way}`);
  }

  async #open(entry: Entry) {
    try {
      return await this.#zip.openReadStreamPromise(entry, { decodeFileData: false });
    } catch (error) {
      throw damaged(this.name, `its part ${entry.fileName} cannot be read`, error);
    }
  }
}

/** What cannot be read as a workbook, though it began as one. */
export function damaged(name: string, why: string, cause?: unknown): VolleyError {
  if (cause instanceof VolleyError) return cause;
  const options = cause === undefined ? undefined : { cause };
  return new VolleyError('bad_input', `${name}: the workbook is damaged: ${why}`, options);
}

/** Names of parts are equal without regard to case, and may be written from the root. */
function keyOf(path: string): string {
  return path.replace(/^\/+/, '').toLowerCase();
}
