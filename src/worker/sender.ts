import { type Dispatcher, Pool } from 'undici';
import { MESSAGES_PATH } from '../shared/contract.ts';
import { describeError } from '../shared/errors.ts';
import type { Exchange } from './classify.ts';

/** `stopped`: `mayWrite` said no, and nothing was written. */
export type SendResult = Exchange | { kind: 'stopped' };

export interface SenderOptions {
  baseUrl: string;
  devKey: string;
  devSecret: string;
  /** Requests under way at once: each has a connection of its own. */
  concurrency: number;
  /** From the first byte of the request to the last of its reply. */
  requestTimeoutMs: number;
}

const LARGEST_REPLY_BYTES = 1 << 20;

/**
 * Makes one HTTP request for one attempt and says what was seen of it. It keeps a pool of connections and one
 * deadline for the whole of a reply. It never repeats a request, follows no redirect and judges nothing.
 *
 * Whether anything was written is known, not guessed: undici tells a handler that its request starts right
 * before it writes the first byte. An error before that proves that nothing left; any after it proves nothing.
 */
export class Sender {
  readonly #pool: Pool;
  readonly #path: string;
  readonly #headers: Record<string, string>;
  readonly #requestTimeoutMs: number;
  readonly #underWay = new Set<SendHandler>();
  readonly #sweep: NodeJS.Timeout;

  constructor(options: SenderOptions) {
    const url = new URL(options.baseUrl);
    this.#path = url.pathname.replace(/\/+$/, '') + MESSAGES_PATH;
    this.#requestTimeoutMs = options.requestTimeoutMs;
    const login = Buffer.from(`${options.devKey}:${options.devSecret}`).toString('base64');
    this.#headers = { authorization: `Basic ${login}`, 'content-type': 'application/json' };
    this.#pool = new Pool(url.origin, {
      connections: options.concurrency,
      // A second request behind a first on one connection could be lost with it.
      pipelining: 1,
      // Nor may two share one: over HTTP/2 they would, and undici would send a refused one again by itself.
      allowH2: false,
      // Below the 5 s after which common servers close an idle connection: a request that meets such a closing
      // half-way may or may not have arrived, and is parked.
      keepAliveTimeout: 4000,
      keepAliveMaxTimeout: 4000,
      connect: { timeout: Math.min(10_000, options.requestTimeoutMs) },
      // Both are watched by the one deadline below, which a reply that trickles in cannot put off.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const every = Math.min(1000, Math.ceil(options.requestTimeoutMs / 10));
    this.#sweep = setInterval(() => this.#abortOverdue(), every).unref();
  }

  /**
   * @param body the request as JSON text
   * @param mayWrite asked right before the first byte; `false` stops the request with nothing written
   */
  send(body: string, mayWrite: () => boolean): Promise<SendResult> {
    return new Promise((resolve) => {
      const handler = new SendHandler(
        () => {
          if (!mayWrite()) return false;
          this.#underWay.add(handler);
          return true;
        },
        (exchange) => {
          this.#underWay.delete(handler);
          resolve(exchange);
        },
      );
      this.#pool.dispatch(
        { method: 'POST', path: this.#path, headers: this.#headers, body },
        handler,
      );
    });
  }

  /** Waits for replies under way. */
  async close(): Promise<void> {
    await this.#pool.close();
    clearInterval(this.#sweep);
  }

  /** In the order in which they were started, and all with the same time to live: the first may be overdue. */
  #abortOverdue(): void {
    const oldest = performance.now() - this.#requestTimeoutMs;
    for (const handler of this.#underWay) {
      if (handler.startedAt > oldest) return;
      handler.timeOut(this.#requestTimeoutMs);
    }
  }
}

class SendHandler implements Dispatcher.DispatchHandler {
  /** Monotonic ms; when the first byte was about to be written. */
  startedAt = 0;
  readonly #mayWrite: () => boolean;
  readonly #done: (exchange: SendResult) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #status: number | undefined;
  #retryAfter: string | undefined;
  #chunks: Buffer[] = [];
  #size = 0;
  #stopped = false;

  constructor(mayWrite: () => boolean, done: (exchange: SendResult) => void) {
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
    } else {
      this.#stopped = true;
      // Thrown, not aborted: that would take the connection with it, and where connecting takes longer than the gate's
      // word holds, nothing would ever be sent.
      throw new Error('stopped');
    }
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    const retryAfter = headers['retry-after'];
    this.#retryAfter = Array.isArray(retryAfter) ? retryAfter[0] : retryAfter;
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
    const [only] = this.#chunks;
    const bytes = this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks);
    this.#done({
      kind: 'reply',
      status: this.#status ?? 0,
      body: bytes.toString('utf8'),
      retryAfter: this.#retryAfter,
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    if (this.#stopped) {
      this.#done({ kind: 'stopped' });
      return;
    }
    const code = Reflect.get(cause, 'code');
    const error = describeError(cause) + (typeof code === 'string' ? ` (${code})` : '');
    const isWritten = this.#controller !== undefined && !this.#stopped;
    this.#done(
      isWritten
        ? { kind: 'no_reply', error, status: this.#status }
        : { kind: 'not_written', error },
    );
  }
}
