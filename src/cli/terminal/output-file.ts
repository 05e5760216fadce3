/**
 * A file that is there whole or not at all: written to a temporary one beside it, and renamed at the end. What is no
 * file (`/dev/stdout`, a named pipe) is written to as it is. A name that ends in .gz makes it gzip.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { createGzip, type Gzip } from 'node:zlib';
import { describeError, VolleyError } from '../../shared/errors.ts';

/** One write to the file for so many characters, not for each line. */
const CHUNK_CHARS = 64 * 1024;

export class OutputFile {
  readonly #name: string;
  readonly #path: string;
  readonly #temporary: string | undefined;
  readonly #file: FileHandle;
  readonly #gzip: Gzip | undefined;
  /** What gzip has made is being written. */
  readonly #zipped: Promise<void>;
  #chunk = '';
  /** It is a pipe whose reader has gone. */
  isClosed = false;

  private constructor(name: string, path: string, temporary: string | undefined, file: FileHandle) {
    this.#name = name;
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
    this.#gzip = path.endsWith('.gz') ? createGzip() : undefined;
    this.#zipped = this.#gzip ? this.#writeZipped(this.#gzip) : Promise.resolve();
    // Told to whoever waits for it.
    this.#zipped.catch(() => undefined);
  }

  /**
   * @param option what the path was given with, for what is said about it
   * @throws VolleyError `bad_input` for a directory, or where nothing can be written
   */
  static async open(option: string, path: string): Promise<OutputFile> {
    const refuse = (why: string, cause?: unknown) =>
      new VolleyError(
        'bad_input',
        `${option}: expected a file that can be written, got ${path}: ${why}`,
        {
          cause,
        },
      );
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) throw refuse('a directory');
    try {
      if (found !== undefined && !found.isFile()) {
        return new OutputFile(`${option} ${path}`, path, undefined, await open(path, 'w'));
      }
      // Behind a link it is the file that is replaced, not the link.
      const target = found === undefined ? path : await realpath(path);
      const temporary = `${target}.${randomBytes(4).toString('hex')}.tmp`;
      const file = await open(temporary, 'wx');
      return new OutputFile(`${option} ${path}`, target, temporary, file);
    } catch (error) {
      throw refuse(reasonOf(error), error);
    }
  }

  /** @throws VolleyError `unavailable`, such as for a full disk */
  async write(text: string): Promise<void> {
    this.#chunk += text;
    if (this.#chunk.length >= CHUNK_CHARS) await this.#named(this.#flush());
  }

  /** From here on the file is there. @throws VolleyError `unavailable`, such as for a full disk */
  async keep(): Promise<void> {
    await this.#named(this.#finish());
  }

  /** What was there before stays as it was. After `keep` it changes nothing. */
  async discard(): Promise<void> {
    this.#gzip?.destroy();
    await this.#zipped.catch(() => undefined);
    // It is called where something has failed, which is what is told.
    await this.#file.close().catch(() => undefined);
    if (this.#temporary !== undefined) await rm(this.#temporary, { force: true });
  }

  async #named(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.isClosed = Object(error).code === 'EPIPE';
      const words = `${this.#name}: not all could be written: ${describeError(error)}`;
      throw new VolleyError('unavailable', words, { cause: error });
    }
  }

  async #finish(): Promise<void> {
    await this.#flush();
    this.#gzip?.end();
    await this.#zipped;
    await this.#file.close();
    if (this.#temporary !== undefined) await rename(this.#temporary, this.#path);
  }

  async #flush(): Promise<void> {
    const chunk = this.#chunk;
    this.#chunk = '';
    if (chunk === '') return;
    if (this.#gzip === undefined) await this.#file.writeFile(chunk);
    else if (!this.#gzip.write(chunk))
      await Promise.race([once(this.#gzip, 'drain'), this.#zipped]);
  }

  async #writeZipped(gzip: Gzip): Promise<void> {
    for await (const piece of gzip) await this.#file.writeFile(piece);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'its folder does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'not allowed to write there';
  return String(code ?? error);
}
