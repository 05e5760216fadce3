import type { Socket } from 'node:net';
import { type buildConnector, Client } from 'undici';
import type { Way } from '../../shared/way/way.ts';
import type { SendHandler, Wire } from './send-handler.ts';
import { ContinueSkipper } from './skip-continue.ts';

export interface LineOptions {
  origin: string;
  way: Pick<Way, 'connect' | 'isTunnelled'>;
  /** How long it may be idle before it is closed, ms. */
  keepAliveMs: number;
}

/**
 * One connection to EngageLab, for one exchange at a time; it is made when it is needed and made anew when it is gone.
 * It watches its socket for what undici does not tell: a reset, and bytes that belong to no request. After those it is
 * used no more.
 */
export class Line implements Wire {
  /** Monotonic ms, since when it has been free. */
  freeSince = 0;
  readonly #client: Client;
  readonly #isTunnelled: boolean;
  #socket: Socket | undefined;
  #skipper: ContinueSkipper | undefined;
  #isBusy = false;
  /** Of the last exchange, until the next one is written or the connection is gone. */
  #onDoubt: (() => void) | undefined;
  #hasEnded = false;
  #hasMore = false;

  constructor({ origin, way, keepAliveMs }: LineOptions) {
    this.#isTunnelled = way.isTunnelled;
    this.#client = new Client(origin, {
      connect: (options: buildConnector.Options, callback: buildConnector.Callback) =>
        way.connect(options, (...made) => {
          const [, socket] = made;
          if (socket) this.#watch(socket);
          callback(...made);
        }),
      // A second request behind a first on one connection could be lost with it.
      pipelining: 1,
      // Nor may two share one: over HTTP/2 they would, and undici would send a refused one again by itself.
      allowH2: false,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      // Both are watched by the sender's one deadline, which a reply that trickles in cannot put off.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  send(path: string, headers: Record<string, string>, body: string, handler: SendHandler): void {
    this.#client.dispatch({ method: 'POST', path, headers, body }, handler);
  }

  /**
   * The exchange is over.
   * @param onDoubt told if bytes that nobody asked for come now: then the reply may have been another request's
   */
  rest(onDoubt: (() => void) | undefined): void {
    this.#isBusy = false;
    this.#onDoubt = onDoubt;
  }

  /** Waits for the reply that is under way. */
  async close(): Promise<void> {
    await this.#client.close();
  }

  onWrite(): void {
    this.#isBusy = true;
    this.#onDoubt = undefined;
    this.#skipper?.expectHead();
  }

  get unwritten(): number {
    return this.#socket?.writableLength ?? 0;
  }

  get hasEnded(): boolean {
    // A proxy that dies ends it as EngageLab would, in the middle of a reply: nobody sees which.
    return this.#hasEnded && !this.#isTunnelled;
  }

  get failure(): Error | undefined {
    if (this.#hasMore) return new Error('bytes that nobody asked for');
    const error = this.#socket?.errored;
    // So undici closes a connection in good order.
    return error && Reflect.get(error, 'code') !== 'UND_ERR_INFO' ? error : undefined;
  }

  /** Before undici listens to it: what is seen here is known when undici tells of it. */
  #watch(socket: Socket): void {
    this.#socket = socket;
    this.#hasEnded = false;
    this.#hasMore = false;
    const skipper = new ContinueSkipper(socket);
    this.#skipper = skipper;
    socket.on('end', () => {
      this.#hasEnded = true;
    });
    socket.on('close', () => {
      if (this.#socket === socket) this.#onDoubt = undefined;
    });
    // The parser reads by this, and destroys a connection on which something comes that nobody asked for.
    socket.read = (size?: number) => {
      const bytes = skipper.read(size);
      if (bytes && !this.#isBusy && !isBlank(bytes)) this.#doubt();
      return bytes;
    };
    // What is left behind a reply that says that it is the last one, undici puts back unread.
    const unshift = socket.unshift.bind(socket);
    socket.unshift = (bytes: Buffer) => {
      this.#hasMore ||= !isBlank(bytes);
      unshift(bytes);
    };
  }

  #doubt(): void {
    const tell = this.#onDoubt;
    this.#onDoubt = undefined;
    tell?.();
  }
}

/** Some servers end a body with a line break that its length does not count. */
function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 13 || byte === 10);
}
