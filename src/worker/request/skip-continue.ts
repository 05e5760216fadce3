import type { Socket } from 'node:net';

/** A head that is longer is left to the parser, which refuses it. */
const LONGEST_HEAD = 16_384;
/** `HTTP/1.1 100`. */
const STATUS_AT = 9;
const ONE = 0x31;
const STATUS_END = 12;

/**
 * Takes every `100 Continue` out of what is read of a connection: a far end may send one unasked,
 * and means nothing by it, but undici takes it for a broken reply. Other replies that are not final
 * are left to undici, which skips them.
 */
export class ContinueSkipper {
  readonly #read: (size?: number) => Buffer | null;
  /** What came of a head that has not come to its end. */
  #held: Buffer | undefined;
  #isAtHead = false;

  constructor(socket: Socket) {
    this.#read = socket.read.bind(socket);
  }

  /** A request goes out: what comes next is the head of a reply. */
  expectHead(): void {
    this.#isAtHead = true;
    this.#held = undefined;
  }

  /**
   * What the parser is to see next; null where it has to wait for more. Only the stream itself
   * gives a size: such a call is passed on.
   */
  read(size?: number): Buffer | null {
    if (size !== undefined) return this.#read(size);
    let bytes = this.#read();
    if (bytes === null || !this.#isAtHead) return bytes;
    // Nearly every reply begins with its final head.
    if (!this.#held && bytes.length >= STATUS_END && bytes[STATUS_AT] !== ONE) {
      this.#isAtHead = false;
      return bytes;
    }
    if (this.#held) bytes = Buffer.concat([this.#held, bytes]);
    this.#held = undefined;
    const passed: Buffer[] = [];
    while (this.#isAtHead && bytes.length > 0) {
      const status = bytes.toString('latin1', STATUS_AT, STATUS_END);
      if (bytes.length >= STATUS_END && (status[0] !== '1' || status === '101')) {
        this.#isAtHead = false;
        break;
      }
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) {
        if (bytes.length < LONGEST_HEAD) this.#held = bytes;
        else passed.push(bytes);
        bytes = bytes.subarray(bytes.length);
        break;
      }
      if (status !== '100') passed.push(bytes.subarray(0, end + 4));
      bytes = bytes.subarray(end + 4);
    }
    if (passed.length > 0) bytes = Buffer.concat([...passed, bytes]);
    return bytes.length > 0 ? bytes : null;
  }
}
