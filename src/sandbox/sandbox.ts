/**
 * The sandbox: a local HTTP stand-in for EngageLab, for trying, testing and benchmarking. It
 * answers `POST /v1/messages` as documented, fails as told, and counts how often each number was
 * texted. It sends nothing, keeps nothing on disk, and delivers no callbacks.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { MESSAGES_PATH } from '../shared/contract.ts';
import { describeError, VolleyError } from '../shared/errors.ts';
import type { Arrival } from './arrivals.ts';
import { Books, type Stats } from './books.ts';
import { CONTROL_PATH, control } from './control.ts';
import { Credentials } from './credentials.ts';
import { Messages } from './messages.ts';
import { Mischief } from './mischief.ts';
import type { AllFaultSettings, SandboxOptions } from './options.ts';
import type { Text } from './texts.ts';

export const SANDBOX_KEY = 'sandbox';
export const SANDBOX_SECRET = 'sandbox';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_KEEP_ALIVE_MS = 60_000;

/**
 * Rejects with `unavailable` where the port cannot be had, with `bad_input` where a fault is
 * unknown.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = new Sandbox(options);
  await sandbox.up();
  return sandbox;
}

export class Sandbox {
  readonly host: string;
  #port: number;
  readonly #server: Server;
  readonly #books: Books;
  readonly #mischief = new Mischief();
  readonly #messages: Messages;
  #upTimer: NodeJS.Timeout | undefined;

  /** Listens only once it is `up`. */
  constructor(options: SandboxOptions) {
    const now = options.now ?? Date.now;
    const { key = SANDBOX_KEY, secret = SANDBOX_SECRET } = options;
    const credentials = new Credentials([{ key, secret }, ...(options.credentials ?? [])]);
    this.host = options.host ?? DEFAULT_HOST;
    this.#port = options.port ?? 0;
    this.#books = new Books(now(), options.recordArrivals ?? false);
    this.#mischief.set(options.faults ?? {});
    this.#messages = new Messages(this.#books, credentials, this.#mischief, now, options);
    this.#server = createServer(
      {
        keepAliveTimeout: options.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS,
        // Slow clients are a matter of the tests, not to be tidied away by the server.
        requestTimeout: 0,
        headersTimeout: 0,
      },
      (request, response) => {
        const url = request.url ?? '';
        if (url === MESSAGES_PATH) this.#messages.handle(request, response);
        else if (url.startsWith(CONTROL_PATH)) void control(this, request, response);
        else response.writeHead(404, { 'Content-Length': 0 }).end();
      },
    );
  }

  get port(): number {
    return this.#port;
  }

  /** Without a slash at its end: what `ENGAGELAB_BASE_URL` is to be. */
  get url(): string {
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    return `http://${host}:${this.#port}`;
  }

  stats(): Stats {
    return this.#books.stats();
  }

  /** Every number that was texted, in the order of its first text. */
  texts(): Iterable<Text> {
    return this.#books.texts;
  }

  textsTo(number: string): Text | undefined {
    return this.#books.texts.of(number);
  }

  /** In the order of their arrival. Throws where they were not asked to be recorded. */
  arrivals(): Iterable<Arrival> {
    const { arrivals } = this.#books;
    if (arrivals !== undefined) return arrivals;
    throw new VolleyError('not_found', 'arrivals are not recorded: start with recordArrivals');
  }

  faults(): AllFaultSettings {
    return this.#mischief.settings;
  }

  /**
   * Takes effect with the next request; throws `bad_input`, and changes nothing, where any of it
   * is wrong.
   */
  setFaults(faults: unknown): void {
    this.#mischief.set(faults);
  }

  /** Forgets what was counted, and begins the random numbers anew; the faults stay as set. */
  reset(): void {
    this.#books.reset();
    this.#mischief.restart();
  }

  /**
   * Refuses connections and closes all there are, as a machine does that is gone; what was
   * counted stays.
   * With `ms`, it comes up again by itself after that time.
   */
  async down(ms?: number): Promise<void> {
    clearTimeout(this.#upTimer);
    if (ms !== undefined) this.#upTimer = setTimeout(() => void this.up(), ms);
    this.#messages.stop();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Listens, on the port that it had before. */
  async up(): Promise<void> {
    clearTimeout(this.#upTimer);
    if (this.#server.listening) return;
    this.#server.listen(this.#port, this.host);
    try {
      await once(this.#server, 'listening');
    } catch (cause) {
      throw new VolleyError('unavailable', this.#cannotListen(cause), { cause });
    }
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  /** Closes everything at once, requests under way too. */
  async stop(): Promise<void> {
    await this.down();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #cannotListen(cause: unknown): string {
    const where = `port ${this.#port} of ${this.host}`;
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EADDRINUSE')
      return `sandbox: ${where} is in use by another program; choose another`;
    return `sandbox: cannot listen on ${where}: ${describeError(cause)}`;
  }
}
