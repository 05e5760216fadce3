/**
 * Gathers recipients with equal params into messages of up to a batch's size. A message is handed
 * out when it is full, or when too many are open; then the one opened first goes. So a list of
 * all-different params needs no more memory than one of equal ones. The same recipients in the same
 * order always make the same messages: job ids rest on that. It does not look at numbers:
 * duplicates were taken out before.
 *
 * Open messages stand in a ring and in hash chains of its own rather than in a Map: a Map that is
 * added to and removed from for every row leaves its old tables behind, and these keep what was in
 * them alive until the next full collection (measured with personal texts: a quarter of the time,
 * some 80 MB).
 */
import type { Message } from '../../shared/job.ts';

export const DEFAULT_BATCH_SIZE = 500;

export interface BatcherOptions {
  /** The most numbers in a message. Default: 500. */
  readonly batchSize?: number | undefined;
  /**
   * Most messages open at once: the oldest goes, full or not, when so many have been opened after
   * it. Default: 2,048.
   */
  readonly maxOpenMessages?: number | undefined;
  /**
   * The most numbers in all open messages, some 8 MB; never below the batch size. Default: 200,000.
   */
  readonly maxOpenNumbers?: number | undefined;
}

interface OpenMessage {
  readonly hash: number;
  readonly place: number;
  readonly message: Message;
  /** The next in the same chain. */
  next: OpenMessage | undefined;
}

export class Batcher {
  readonly #batchSize: number;
  readonly #maxOpenNumbers: number;
  readonly #ring: (OpenMessage | undefined)[];
  /** By the low bits of the hash. */
  readonly #chains: (OpenMessage | undefined)[];
  /** Messages opened so far, and how many of them, from the first on, are surely gone. */
  #opened = 0;
  #gone = 0;
  #openNumbers = 0;

  constructor(options: BatcherOptions = {}) {
    this.#batchSize = options.batchSize ?? DEFAULT_BATCH_SIZE;
    this.#maxOpenNumbers = Math.max(options.maxOpenNumbers ?? 200_000, this.#batchSize);
    const places = Math.max(options.maxOpenMessages ?? 2048, 1);
    this.#ring = new Array<OpenMessage | undefined>(places).fill(undefined);
    const chains = 2 ** Math.ceil(Math.log2(places * 2));
    this.#chains = new Array<OpenMessage | undefined>(chains).fill(undefined);
  }

  /** Takes a recipient, and appends to `out` what is ready to go. */
  add(to: string, values: string[], out: Message[]): void {
    if (this.#batchSize === 1) {
      out.push([[to], values]);
      return;
    }
    const hash = hashOf(values);
    const open = this.#find(hash, values);
    this.#openNumbers += 1;
    if (open === undefined) {
      this.#openMessage(hash, [[to], values], out);
    } else {
      const [numbers] = open.message;
      numbers.push(to);
      if (numbers.length === this.#batchSize) this.#release(open, out);
    }
    while (this.#openNumbers > this.#maxOpenNumbers) this.#passOldest(out);
  }

  /** Appends all that is open, in the order it was opened. */
  flush(out: Message[]): void {
    while (this.#gone < this.#opened) this.#passOldest(out);
  }

  #find(hash: number, values: readonly string[]): OpenMessage | undefined {
    let open = this.#chains[hash & (this.#chains.length - 1)];
    while (open !== undefined && !(open.hash === hash && areEqual(open.message[1], values))) {
      open = open.next;
    }
    return open;
  }

  #openMessage(hash: number, message: Message, out: Message[]): void {
    if (this.#opened - this.#gone === this.#ring.length) this.#passOldest(out);
    const chain = hash & (this.#chains.length - 1);
    const place = this.#opened % this.#ring.length;
    const open = { hash, place, message, next: this.#chains[chain] };
    this.#chains[chain] = open;
    this.#ring[place] = open;
    this.#opened += 1;
  }

  #passOldest(out: Message[]): void {
    const oldest = this.#ring[this.#gone % this.#ring.length];
    this.#gone += 1;
    if (oldest !== undefined) this.#release(oldest, out);
  }

  #release(open: OpenMessage, out: Message[]): void {
    this.#ring[open.place] = undefined;
    this.#unlink(open);
    this.#openNumbers -= open.message[0].length;
    out.push(open.message);
  }

  #unlink(open: OpenMessage): void {
    const chain = open.hash & (this.#chains.length - 1);
    let before = this.#chains[chain];
    if (before === open) {
      this.#chains[chain] = open.next;
      return;
    }
    while (before !== undefined && before.next !== open) before = before.next;
    if (before !== undefined) before.next = open.next;
  }
}

function areEqual(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index++) {
    if (some[index] !== others[index]) return false;
  }
  return true;
}

/** FNV-1a over the values' UTF-16 units, each value followed by a unit that is none. */
function hashOf(values: readonly string[]): number {
  let hash = 0x811c9dc5;
  for (const value of values) {
    for (let index = 0; index < value.length; index++) {
      hash = Math.imul(hash ^ value.charCodeAt(index), 0x01000193);
    }
    hash = Math.imul(hash ^ 0x10000, 0x01000193);
  }
  // The low bits choose the chain; FNV mixes upwards only.
  return hash ^ (hash >>> 15);
}
