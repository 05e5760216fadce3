/** A TCP proxy in front of a Redis, which cuts connections when and where a test says. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What becomes of bytes on their way to Redis: `pass` them on, or cut the connection before or after they are. */
export type Fate = 'pass' | 'cut before' | 'cut after';

export class RedisProxy {
  /** Asked for every piece of bytes from a client. */
  fate: (bytes: string) => Fate = () => 'pass';
  readonly #target: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((client) => this.#serve(client));
  }

  get url(): string {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('it does not listen');
    return `redis://127.0.0.1:${address.port}`;
  }

  async listen(port = 0): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Lets nobody in any more; who is there stays. */
  refuse(): void {
    this.#server.close();
  }

  /** Cuts every connection, and refuses further ones. */
  async close(): Promise<void> {
    const closed = [...this.#sockets].map((socket) => once(socket, 'close'));
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) {
      closed.push(once(this.#server, 'close'));
      this.#server.close();
    }
    await Promise.all(closed);
  }

  #serve(client: Socket): void {
    const redis = connect(Number(this.#target.port || 6379), this.#target.hostname);
    const cut = () => {
      client.destroy();
      redis.destroy();
    };
    for (const socket of [client, redis]) {
      this.#sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        cut();
      });
    }
    let isMute = false;
    redis.on('data', (bytes) => {
      // Redis has carried it out; nobody hears of it.
      if (isMute) cut();
      else client.write(bytes);
    });
    client.on('data', (bytes) => {
      const fate = this.fate(bytes.toString('latin1'));
      if (fate === 'cut before') return cut();
      isMute ||= fate === 'cut after';
      redis.write(bytes);
    });
  }
}

/** Closed when the test has finished. */
export async function startRedisProxy(target: string): Promise<RedisProxy> {
  const proxy = new RedisProxy(target);
  await proxy.listen();
  onTestFinished(() => proxy.close());
  return proxy;
}
