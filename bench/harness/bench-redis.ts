/** A private Redis that is measured: its memory, and what its commands cost. */
import type { Redis } from 'ioredis';
import type { EmbeddedRedis } from '../../src/local-redis/embedded-redis.ts';

export interface Cost {
  calls: number;
  /** Of Redis's one core. */
  us: number;
}

export class BenchRedis {
  readonly url: string;
  readonly pid: number;
  readonly client: Redis;
  readonly #server: EmbeddedRedis;

  constructor(server: EmbeddedRedis, client: Redis) {
    this.url = server.url;
    this.pid = server.pid;
    this.client = client;
    this.#server = server;
  }

  /** Before its lab ends; may be called twice. */
  async stop(): Promise<void> {
    this.client.disconnect();
    await this.#server.stop();
  }

  async clear(): Promise<void> {
    await this.client.flushall();
  }

  /** Bytes of what it holds, with the room that its allocator keeps for them. */
  async memory(): Promise<number> {
    return this.#number('memory', 'used_memory');
  }

  async resetCosts(): Promise<void> {
    await this.client.config('RESETSTAT');
  }

  /** Since the reset, by command; what a script calls counts by itself and within the script. */
  async costs(): Promise<Map<string, Cost>> {
    const text = await this.client.info('commandstats');
    const lines = text.matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm);
    return new Map(
      [...lines].map(([, name = '', calls, us]) => [
        name,
        { calls: Number(calls), us: Number(us) },
      ]),
    );
  }

  /** Bytes over the network since the reset. */
  async traffic(): Promise<{ received: number; sent: number }> {
    return {
      received: await this.#number('stats', 'total_net_input_bytes'),
      sent: await this.#number('stats', 'total_net_output_bytes'),
    };
  }

  /** Bytes of the append-only file so far. */
  async logged(): Promise<number> {
    return this.#number('persistence', 'aof_current_size');
  }

  /** Seconds of CPU that the server has used. */
  async cpu(): Promise<number> {
    const user = await this.#number('cpu', 'used_cpu_user');
    return user + (await this.#number('cpu', 'used_cpu_sys'));
  }

  async #number(section: string, field: string): Promise<number> {
    const text = await this.client.info(section);
    return Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(text)?.[1]);
  }
}
