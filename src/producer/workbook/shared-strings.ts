/**
 * The texts that the cells of a workbook share, by their index. They are kept as bytes in a few large blocks: a
 * million of them as strings would take three times the memory, and each collection of garbage would look at all.
 */
import { damaged } from './archive.ts';
import { TextTaker } from './text-taker.ts';
import { MOST_TEXT_BYTES, type PartName, readXml } from './xml.ts';

/** The longest text fits into one block. */
const BLOCK_BYTES = MOST_TEXT_BYTES;
const STARTS = 64 * 1024;
/** Of all texts: they are kept in memory while the sheet is read. */
const MOST_BYTES = 1024 ** 3;
const BYTES_A_START = 4;

export class SharedStrings {
  readonly #blocks: Buffer[] = [];
  /** Bytes of each block that are taken. */
  readonly #used: number[] = [];
  /** Where each text starts, counted over all blocks, in arrays of `STARTS`. */
  readonly #starts: Uint32Array[] = [];
  #count = 0;

  static async read(pieces: AsyncIterable<Buffer>, where: PartName): Promise<SharedStrings> {
    const strings = new SharedStrings();
    const taker = new TextTaker(where, 'si', (text) => strings.#add(text, where));
    await readXml(pieces, where, taker);
    return strings;
  }

  /** @returns a string of its own; undefined where there is none of that index */
  at(index: number): string | undefined {
    if (!(index >= 0 && index < this.#count)) return undefined;
    const start = this.#startOf(index);
    const block = Math.floor(start / BLOCK_BYTES);
    const next = index + 1 < this.#count ? this.#startOf(index + 1) : undefined;
    const isLastOfBlock = next === undefined || Math.floor(next / BLOCK_BYTES) !== block;
    const end = isLastOfBlock ? this.#used[block] : next - block * BLOCK_BYTES;
    return this.#blocks[block]?.toString('utf8', start - block * BLOCK_BYTES, end);
  }

  #startOf(index: number): number {
    return this.#starts[Math.floor(index / STARTS)]?.[index % STARTS] ?? 0;
  }

  #add(text: string, where: PartName): void {
    let block = this.#blocks.length - 1;
    let used = this.#used[block] ?? BLOCK_BYTES;
    // A text that ends at the block's end would look like the first of the next.
    if (used + Math.max(1, text.length * 3) >= BLOCK_BYTES) {
      const length = Buffer.byteLength(text);
      if (block === -1 || used + length >= BLOCK_BYTES) {
        this.#refuseTooMuch(where);
        block = this.#blocks.push(Buffer.allocUnsafeSlow(BLOCK_BYTES)) - 1;
        used = 0;
      }
    }
    if (this.#count % STARTS === 0) this.#starts.push(new Uint32Array(STARTS));
    const starts = this.#starts.at(-1);
    if (starts !== undefined) starts[this.#count % STARTS] = block * BLOCK_BYTES + used;
    this.#count += 1;
    this.#used[block] = used + (this.#blocks[block]?.write(text, used) ?? 0);
    if (this.#count % STARTS === 0) this.#refuseTooMuch(where);
  }

  #refuseTooMuch({ book }: PartName): void {
    const bytes = this.#blocks.length * BLOCK_BYTES + this.#count * BYTES_A_START;
    if (bytes < MOST_BYTES) return;
    throw damaged(book, 'expected shared texts of at most 1 GB, got more');
  }
}
