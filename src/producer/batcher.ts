/**
 * Gathers recipients with equal params into messages of up to a batch's size.
 * A message is handed out when it is full, or when too many are open; then the one opened first goes.
 * So a list of all-different params needs no more memory than one of equal ones. The same
 * recipients in the same order always make the same messages: job ids rest on that.
 * It does not look at numbers: duplicates were taken out before.
 */
import type { Message } from '../shared/job.ts';

export const DEFAULT_BATCH_SIZE = 500;

export interface BatcherOptions {
  /** The most numbers in a message. Default: 500. */
  readonly batchSize?: number | undefined;
  /** The most messages that wait to be filled. Some 3 MB when all hold one number. Default: 10,000. */
  readonly maxOpenMessages?: number | undefined;
  /** The most numbers in all of them, some 8 MB; never below the batch size. Default: 200,000. */
  readonly maxOpenNumbers?: number | undefined;
}

interface OpenMessage {
  readonly key: string;
  readonly message: Message;
}

export class Batcher {
  readonly #batchSize: number;
  readonly #maxOpenMessages: number;
  readonly #maxOpenNumbers: number;
  readonly #open = new Map<string, OpenMessage>();
  /**
   * Stands at the message opened first. Kept, because a fresh iterator walks over
   * all holes that removed entries left, which would be quadratic for personal texts.
   */
  readonly #oldest = this.#open.values();
  #openNumbers = 0;

  constructor(options: BatcherOptions = {}) {
    this.#batchSize = options.batchSize ?? DEFAULT_BATCH_SIZE;
    this.#maxOpenMessages = Math.max(options.maxOpenMessages ?? 10_000, 1);
    this.#maxOpenNumbers = Math.max(options.maxOpenNumbers ?? 200_000, this.#batchSize);
  }

  /** Takes a recipient, and appends to `out` what is ready to go. */
  add(to: string, values: string[], out: Message[]): void {
    if (this.#batchSize === 1) {
      out.push([[to], values]);
      return;
    }
    const key = keyOf(values);
    const open = this.#open.get(key);
    if (open === undefined) {
      if (this.#open.size >= this.#maxOpenMessages) this.#releaseOldest(out);
      this.#open.set(key, { key, message: [[to], values] });
      this.#openNumbers += 1;
    } else {
      const [numbers] = open.message;
      numbers.push(to);
      this.#openNumbers += 1;
      if (numbers.length === this.#batchSize) this.#release(open, out);
    }
    if (this.#openNumbers > this.#maxOpenNumbers) this.#releaseOldest(out);
  }

  /** Appends all that is open, in the order it was opened. */
  flush(out: Message[]): void {
    while (this.#open.size > 0) this.#releaseOldest(out);
  }

  #releaseOldest(out: Message[]): void {
    const { value } = this.#oldest.next();
    if (value !== undefined) this.#release(value, out);
  }

  #release(open: OpenMessage, out: Message[]): void {
    this.#open.delete(open.key);
    this.#openNumbers -= open.message[0].length;
    out.push(open.message);
  }
}

/** A text that equal values share and others do not: all but the last value carry their length. */
function keyOf(values: readonly string[]): string {
  const last = values.length - 1;
  if (last < 0) return '';
  let key = '';
  for (let index = 0; index < last; index++) {
    const value = values[index] ?? '';
    key += `${value.length}:${value}`;
  }
  return key + (values[last] ?? '');
}
