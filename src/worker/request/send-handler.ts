import type { Dispatcher } from 'undici';
import { describeError } from '../../shared/errors.ts';
import { sinceReply } from './backoff.ts';
import type { Exchange } from './classify.ts';
import {
  type Framing,
  framingOf,
  LARGEST_REPLY_BYTES,
  type ReplyHeaders,
  textOf,
} from './read-reply.ts';

/** `stopped`: `mayWrite` said no, and nothing was written. */
export type SendResult = Exchange | { kind: 'stopped' };

/** Anything but blanks, and what is left of a byte-order mark that was cut in two. */
const SAYS_ANYTHING = /[^\s\0\ufeff\ufffd]/;

/** What the connection of an exchange knows that undici does not tell. */
export interface Wire {
  /** Right before the first byte is written. */
  onWrite(): void;
  /** Bytes of the request that have not been handed over to the system yet. */
  readonly unwritten: number;
  /** Whether the far end has ended it in good order. */
  readonly hasEnded: boolean;
  /** What broke it, if anything did: a reset, or bytes that belong to no reply. */
  readonly failure: Error | undefined;
}

/**
 * Sees one exchange through: undici calls it. It says what came, and whether that is known to be
 * the whole of one reply to this request; it judges nothing.
 */
export class SendHandler implements Dispatcher.DispatchHandler {
  /** Monotonic ms; when the first byte was about to be written. */
  startedAt = 0;
  readonly #wire: Wire;
  readonly #mayWrite: () => boolean;
  readonly #done: (result: SendResult) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #status: number | undefined;
  #headers: ReplyHeaders = {};
  #framing: Framing = 'close';
  #isEarly = false;
  #chunks: Buffer[] = [];
  #size = 0;
  #stopped = false;

  constructor(wire: Wire, mayWrite: () => boolean, done: (result: SendResult) => void) {
    this.#wire = wire;
    this.#mayWrite = mayWrite;
    this.#done = done;
  }

  timeOut(ms: number): void {
    // Before it has a connection the pool's own connect time-out holds.
    this.#controller?.abort(new Error(`no complete reply within ${ms} ms`));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.startedAt = performance.now();
    if (this.#mayWrite()) {
      this.#controller = controller;
      this.#wire.onWrite();
    } else {
      this.#stopped = true;
      // Thrown, not aborted: that would take the connection with it, and where connecting takes
      // longer than the gate's word holds, nothing would ever be sent.
      throw new Error('stopped');
    }
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: ReplyHeaders,
  ): void {
    this.#status = status;
    this.#headers = headers;
    this.#framing = framingOf(headers);
    // Early hints may well come before the end of the request.
    this.#isEarly = status >= 200 && this.#wire.unwritten > 0;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > LARGEST_REPLY_BYTES) {
      controller.abort(new Error(`a reply of more than ${LARGEST_REPLY_BYTES} bytes`));
      return;
    }
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    // Once all has been looked at that came with its end: undici takes a reset for the end of a
    // reply without a length, and what follows on a whole reply may be the one that this request
    // was meant to get.
    queueMicrotask(() => this.#done(this.#whole() ?? this.#read()));
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    if (this.#stopped) {
      this.#done({ kind: 'stopped' });
      return;
    }
    const code = Reflect.get(cause, 'code');
    const error = describeError(cause) + (typeof code === 'string' ? ` (${code})` : '');
    this.#done(this.#controller ? this.#broken(error) : { kind: 'not_written', error });
  }

  /** @returns undefined if what came is the whole of one reply, to the whole of this request */
  #whole(): Exchange | undefined {
    const { failure, hasEnded } = this.#wire;
    if (this.#isEarly) return this.#broken('a reply that came before the request was written');
    if (failure) return this.#broken(`a reply that ended with: ${describeError(failure)}`);
    const framing = this.#framing;
    if (framing === 'unknown') return this.#broken('a reply in a transfer coding without an end');
    if (framing === 'close' && !hasEnded)
      return this.#broken('a reply without a length that did not end in good order');
    return undefined;
  }

  #read(): Exchange {
    const [only] = this.#chunks;
    const bytes = this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks);
    const headers = this.#headers;
    try {
      const body = textOf(bytes, headers);
      if (this.#framing === 'close' && !SAYS_ANYTHING.test(body))
        return this.#broken('a reply without a length and without a body');
      return {
        kind: 'reply',
        status: this.#status ?? 0,
        body,
        // What is said to be empty, and is, has nothing to be read.
        contentType: headers['content-length'] === '0' ? undefined : one(headers['content-type']),
        retryAfter: sinceReply(one(headers['retry-after']), one(headers['date'])),
      };
    } catch (error) {
      return { kind: 'unreadable', error: describeError(error), status: this.#status };
    }
  }

  #broken(error: string): Exchange {
    return { kind: 'no_reply', error, status: this.#status };
  }
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
