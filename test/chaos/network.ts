/**
 * A network between two programs that can be watched and broken: a TCP proxy which hands on what passes piece by piece
 * (a command, a reply, half a request) and asks before each of them what is to become of it. It decides nothing itself.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How the bytes of one connection are taken apart. Both are called in order, one at a time, and may take their time. */
export interface Conversation {
  /** @returns false where the connection is to be cut */
  up(bytes: Buffer, write: Write): Promise<boolean>;
  down(bytes: Buffer, write: Write): Promise<boolean>;
}
/** Resolves when the bytes have left. */
export type Write = (bytes: Buffer) => Promise<void>;

interface Pair {
  client: Socket;
  server: Socket;
}

export class Network {
  readonly #target: { port: number; host: string };
  readonly #converse: () => Conversation;
  readonly #delayMs: number;
  readonly #pairs = new Set<Pair>();
  readonly #listener: Server;
  #port = 0;
  #silence: Promise<void> | undefined;

  /** @param delayMs how long everything that comes back takes at least */
  constructor(
    target: { port: number; host: string },
    converse: () => Conversation,
    delayMs: number = 0,
  ) {
    this.#target = target;
    this.#converse = converse;
    this.#delayMs = delayMs;
    this.#listener = createServer((client) => this.#serve(client));
  }

  /** On the port that it had before, if it had one. @returns the port */
  async listen(): Promise<number> {
    this.#listener.listen(this.#port, '127.0.0.1');
    await once(this.#listener, 'listening');
    const address = this.#listener.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
    return this.#port;
  }

  /** Cuts every connection, and refuses further ones for so many milliseconds. */
  async cut(ms: number): Promise<void> {
    const isListening = this.#listener.listening;
    const stopped = this.stop();
    await sleep(ms);
    await stopped;
    if (isListening) await this.listen();
  }

  /** For so many milliseconds nothing comes back: no reply, no refusal. Then what was held back arrives. */
  async silence(ms: number): Promise<void> {
    this.#silence = sleep(ms);
    await this.#silence;
    this.#silence = undefined;
  }

  async stop(): Promise<void> {
    for (const pair of this.#pairs) close(pair);
    if (!this.#listener.listening) return;
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    await closed;
  }

  #serve(client: Socket): void {
    const server = connect(this.#target.port, this.#target.host);
    const pair = { client, server };
    this.#pairs.add(pair);
    for (const socket of [client, server]) {
      socket.setNoDelay();
      socket.on('error', () => close(pair));
      socket.on('close', () => {
        this.#pairs.delete(pair);
        close(pair);
      });
    }
    const { up, down } = this.#converse();
    relay(client, server, pair, up);
    relay(
      server,
      client,
      pair,
      async (bytes, write) => {
        await this.#silence;
        return down(bytes, write);
      },
      this.#delayMs,
    );
  }
}

/** One direction of a connection: what arrives is dealt with in its order, however long each piece takes. */
function relay(
  from: Socket,
  to: Socket,
  pair: Pair,
  deal: Conversation['up'],
  delayMs: number = 0,
): void {
  const write: Write = (bytes) =>
    new Promise((resolve) => {
      if (to.destroyed || bytes.length === 0) resolve();
      else to.write(bytes, () => resolve());
    });
  let queue: Promise<unknown> = Promise.resolve();
  from.on('data', (bytes: Buffer) => {
    const delay = delayMs > 0 ? sleep(delayMs) : undefined;
    queue = queue.then(async () => {
      await delay;
      if (!(await deal(bytes, write))) close(pair);
    });
  });
}

function close({ client, server }: Pair): void {
  client.destroy();
  server.destroy();
}
