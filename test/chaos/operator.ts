/** Whoever gives commands: each is a process of its own, over one network, and is given again until it comes through. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { VOLLEY } from '../support/workers.ts';
import type { Network } from './network.ts';

const MOST_TRIES = 20;
/** What a command says of a campaign that it comes too late for. */
const TOO_LATE = /; it (is finished|was cancelled)|cancelled while it was being replayed/;

export interface Said {
  /** The object that it printed; undefined where it came too late. */
  json: Record<string, unknown> | undefined;
}

export class Operator {
  readonly network: Network;
  /** Over its network: for calls of the library in its place, whose return is known to the moment. */
  readonly redisUrl: string;
  readonly #environment: Record<string, string>;
  #process: ChildProcess | undefined;

  private constructor(network: Network, redisUrl: string, environment: Record<string, string>) {
    this.network = network;
    this.redisUrl = redisUrl;
    this.#environment = environment;
  }

  static async open(network: Network, path: string, prefix: string): Promise<Operator> {
    const url = `redis://127.0.0.1:${await network.listen()}`;
    return new Operator(network, url, { PATH: path, REDIS_URL: url, VOLLEY_PREFIX: prefix });
  }

  /** @throws Error where it does not come through however often it is given */
  async run(...args: string[]): Promise<Said> {
    let last = '';
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const child = spawn(VOLLEY, [...args, '--json'], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: this.#environment,
      });
      this.#process = child;
      const [[code], stdout, stderr] = await Promise.all([
        once(child, 'close'),
        text(child.stdout),
        text(child.stderr),
      ]);
      if (code === 0) return { json: JSON.parse(stdout) };
      if (TOO_LATE.test(stderr)) return { json: undefined };
      last = stderr.trim();
      await sleep(200);
    }
    throw new Error(`${args.join(' ')}: did not get through in ${MOST_TRIES} tries: ${last}`);
  }

  kill(): void {
    this.#process?.kill('SIGKILL');
  }
}
