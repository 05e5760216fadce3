/** An HTTP proxy that knows CONNECT, and EngageLab behind TLS: the way to EngageLab as companies have it. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const path = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
/** Self-signed, for localhost and 127.0.0.1, until 2126: it vouches for itself. */
export const CERTIFICATE = path('certificate.pem');
const TLS = { key: readFileSync(path('key.pem')), cert: readFileSync(CERTIFICATE) };

/**
 * What becomes of a CONNECT: a tunnel; a refusal with this status; no answer; a closed connection; or a tunnel that is
 * cut before anything goes through it.
 */
export type Answer = 'tunnel' | number | 'silence' | 'close' | 'cut';

export interface FarProxyOptions {
  /** `user:password` that it wants. */
  login?: string;
  /** It speaks TLS itself. */
  isSecure?: boolean;
}

export class FarProxy {
  /** Asked for each CONNECT. */
  answer: (nth: number) => Answer = () => 'tunnel';
  /** Of each CONNECT: where to. */
  readonly asked: string[] = [];
  /** Tunnels that were made. */
  tunnels = 0;
  readonly #options: FarProxyOptions;
  readonly #sockets = new Set<Duplex>();
  #server: Server;
  #port = 0;

  constructor(options: FarProxyOptions) {
    this.#options = options;
    this.#server = this.#create();
  }

  /** With the login that it wants. */
  get url(): string {
    const { login, isSecure } = this.#options;
    const scheme = isSecure ? 'https' : 'http';
    return `${scheme}://${login ? `${login}@` : ''}localhost:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** A second time it listens where it did before. */
  async listen(): Promise<void> {
    this.#server = this.#create();
    this.#server.listen(this.#port, 'localhost');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('expected a port');
    this.#port = address.port;
  }

  /** Cuts all tunnels, in good order as far as anybody can see. */
  cut(): void {
    for (const socket of this.#sockets) socket.end();
  }

  /** As if its process were killed. */
  async kill(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  get isUp(): boolean {
    return this.#server.listening;
  }

  #create(): Server {
    const server = this.#options.isSecure ? createSecureServer(TLS) : createServer();
    server.on(this.#options.isSecure ? 'secureConnection' : 'connection', (socket) =>
      this.#keep(socket),
    );
    server.on('connect', (request: IncomingMessage, socket: Duplex) =>
      this.#serve(request, socket),
    );
    return server;
  }

  #serve(request: IncomingMessage, socket: Duplex): void {
    this.asked.push(request.url ?? '');
    const answer = this.#judge(request);
    if (answer === 'silence') return;
    if (answer === 'close') return void socket.destroy();
    if (typeof answer === 'number') {
      return void socket.end(`HTTP/1.1 ${answer} No\r\nContent-Length: 4\r\n\r\nno\r\n`);
    }
    // It knows all names, and has them all on this machine.
    const port = /\d+$/.exec(request.url ?? '')?.[0];
    const far = this.#keep(connect(Number(port), 'localhost'));
    far.once('connect', () => {
      this.tunnels++;
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (answer === 'cut') return void setImmediate(() => socket.destroy());
      socket.pipe(far).pipe(socket);
    });
    socket.on('close', () => far.destroy());
    far.on('close', () => socket.destroy());
  }

  #judge(request: IncomingMessage): Answer {
    const { login } = this.#options;
    const wanted = `Basic ${Buffer.from(login ?? '').toString('base64')}`;
    if (login && request.headers['proxy-authorization'] !== wanted) return 407;
    return this.answer(this.asked.length);
  }

  #keep<S extends Duplex>(socket: S): S {
    this.#sockets.add(socket);
    return socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
  }
}

/** Closed when the test has finished. */
export async function startFarProxy(options: FarProxyOptions = {}): Promise<FarProxy> {
  const proxy = new FarProxy(options);
  await proxy.listen();
  onTestFinished(() => (proxy.isUp ? proxy.kill() : undefined));
  return proxy;
}

/** TLS in front of a server that speaks none. @returns its URL, by a name that its certificate is for */
export async function startSecure(target: string): Promise<string> {
  const { port, hostname } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createTlsServer(TLS, (secure) => {
    const plain = connect(Number(port), hostname);
    for (const socket of [secure, plain]) {
      sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
    }
    secure.on('close', () => plain.destroy());
    plain.on('close', () => secure.destroy());
    secure.pipe(plain).pipe(secure);
  });
  server.on('tlsClientError', () => {});
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return `https://localhost:${address.port}`;
}
