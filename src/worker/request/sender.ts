import { MESSAGES_PATH } from '../../shared/contract.ts';
import { Way, type WaySettings } from '../../shared/way/way.ts';
import { Lines } from './lines.ts';
import { SendHandler, type SendResult } from './send-handler.ts';

export type { SendResult };

export interface SenderOptions extends WaySettings {
  devKey: string;
  devSecret: string;
  /** Requests under way at once: each has a connection of its own. */
  concurrency: number;
  /** From the first byte of the request to the last of its reply. */
  requestTimeoutMs: number;
}

/**
 * Makes one HTTP request for one attempt and says what was seen of it. It keeps connections and one deadline for the
 * whole of a reply. It never repeats a request, follows no redirect and judges nothing.
 *
 * Whether anything was written is known, not guessed: undici tells a handler that its request starts right
 * before it writes the first byte. An error before that proves that nothing left; any after it proves nothing.
 */
export class Sender {
  readonly #way: Way;
  readonly #lines: Lines;
  readonly #path: string;
  readonly #headers: Record<string, string>;
  readonly #requestTimeoutMs: number;
  readonly #underWay = new Set<SendHandler>();
  readonly #sweep: NodeJS.Timeout;

  /** @throws VolleyError `bad_config` where the way to EngageLab cannot be walked */
  constructor(options: SenderOptions) {
    const url = new URL(options.baseUrl);
    this.#path = url.pathname.replace(/\/+$/, '') + MESSAGES_PATH;
    this.#requestTimeoutMs = options.requestTimeoutMs;
    const login = Buffer.from(`${options.devKey}:${options.devSecret}`).toString('base64');
    this.#headers = {
      authorization: `Basic ${login}`,
      'content-type': 'application/json',
      // What is not packed cannot be unpacked wrongly; whoever packs it all the same is read, too.
      'accept-encoding': 'identity',
    };
    this.#way = new Way(options, { timeoutMs: Math.min(10_000, options.requestTimeoutMs) });
    this.#lines = new Lines(url.origin, options.concurrency, this.#way);
    const every = Math.min(1000, Math.ceil(options.requestTimeoutMs / 10));
    this.#sweep = setInterval(() => this.#abortOverdue(), every).unref();
  }

  /**
   * @param body the request as JSON text
   * @param mayWrite asked right before the first byte; `false` stops the request with nothing written
   * @param onDoubt called if it turns out after a reply that it may have been another request's
   */
  send(body: string, mayWrite: () => boolean, onDoubt: () => void = () => {}): Promise<SendResult> {
    return new Promise((resolve) => {
      const line = this.#lines.take(performance.now());
      const handler = new SendHandler(
        line,
        () => {
          if (!mayWrite()) return false;
          this.#underWay.add(handler);
          return true;
        },
        (result) => {
          this.#underWay.delete(handler);
          line.rest(result.kind === 'reply' ? onDoubt : undefined);
          this.#lines.giveBack(line, performance.now(), result.kind === 'stopped');
          resolve(result);
        },
      );
      line.send(this.#path, this.#headers, body, handler);
    });
  }

  /** The proxy on the way, without its login. */
  get proxy(): string | undefined {
    const { proxy } = this.#way;
    return typeof proxy === 'object' ? proxy.name : undefined;
  }

  /** Waits for replies under way. */
  async close(): Promise<void> {
    await this.#lines.close();
    await this.#way.close();
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
