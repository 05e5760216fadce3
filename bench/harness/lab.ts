/**
 * What a question is answered with: processes, servers and folders of its own, which all end with it, also where it
 * fails or is stopped. It measures nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedRedis } from '../../src/local-redis/embedded-redis.ts';
import { connectProducer } from '../../src/shared/redis/connection.ts';
import { BenchRedis } from './bench-redis.ts';
import { Child, type ChildOptions } from './child.ts';
import { FarEnd } from './far-end.ts';

const BENCH = new URL('../', import.meta.url);

export class Lab {
  readonly profileTo: string | undefined;
  readonly #ends: (() => Promise<void>)[] = [];
  #isClosed = false;

  /** @param profileTo a folder for CPU profiles of what is measured; default: none are made */
  constructor(profileTo?: string) {
    this.profileTo = profileTo;
  }

  /** A process of `bench/`, as in `peers/limit.ts`. */
  child(file: string, options: ChildOptions = {}): Child {
    const child = new Child(fileURLToPath(new URL(file, BENCH)), options);
    this.atEnd(() => child.end());
    return child;
  }

  /** A process whose work is measured. */
  measured(file: string, options: ChildOptions = {}): Child {
    return this.child(file, { ...options, profileTo: this.profileTo });
  }

  /** A Redis as `volley up` runs it (`always`), or one that syncs every second. */
  async redis(appendfsync: 'always' | 'everysec' = 'always'): Promise<BenchRedis> {
    const { PATH: path = '' } = process.env;
    const server = await startEmbeddedRedis({ path, appendfsync });
    this.atEnd(() => server.stop());
    const client = await connectProducer(server.url, { comesBack: false });
    const redis = new BenchRedis(server, client);
    this.atEnd(() => redis.stop());
    return redis;
  }

  /** The sandbox, in a process of its own. */
  async farEnd(): Promise<FarEnd> {
    return FarEnd.of(this.child('children/sandbox.ts'));
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'volley-bench-'));
    this.atEnd(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  /** What is registered last ends first. */
  atEnd(end: () => Promise<void>): void {
    if (this.#isClosed) throw new Error('the lab is closed');
    this.#ends.push(end);
  }

  /** May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (let end = this.#ends.pop(); end; end = this.#ends.pop()) {
      await end().catch((error: unknown) => console.error(error));
    }
  }
}
