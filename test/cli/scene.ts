/** The real command in a process of its own, on the shared Redis under a prefix of its own, and a stand-in beside it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Redis } from 'ioredis';
import { expect, onTestFinished } from 'vitest';
import { startEmbeddedRedis } from '../../src/local-redis/embedded-redis.ts';
import {
  type FaultSettings,
  SANDBOX_KEY,
  SANDBOX_SECRET,
  type Sandbox,
  startSandbox,
} from '../../src/sandbox/index.ts';
import { createKeys, type Keys } from '../../src/shared/redis/keys.ts';
import { type Ended, run, temporaryFolder, writeAll } from '../support/programs.ts';
import { redisUrl, searchPath, testPrefix } from '../support/redis.ts';

export const VOLLEY = new URL('../../bin/volley', import.meta.url).pathname;

export interface Scene {
  env: NodeJS.ProcessEnv;
  keys: Keys;
  sandbox: Sandbox;
  /** Runs the command to its end, without standard input. */
  volley(...args: string[]): Promise<Ended>;
  /** The same, and reads its standard output as JSON. */
  json(...args: string[]): Promise<Record<string, unknown>>;
  /** Starts the command and goes on; it is killed with the test. */
  start(...args: string[]): Running;
  /** A worker that is up. */
  startWorker(): Promise<Running>;
}

export interface Running {
  child: ChildProcess;
  /** What it has written so far. */
  output(): { stdout: string; stderr: string };
  /** Waits until standard error holds this text. */
  says(text: string): Promise<void>;
  /** Resolves with its exit code. */
  ended: Promise<number | null>;
}

/** Where an output goes: to a full disk, into a pipe whose reader has gone, or whole to the test. */
export type Sink = 'full' | 'closed' | 'whole';

/** Runs the command with its outputs on a full disk, or into a pipe whose reader has gone. */
export async function runInto(
  { env }: Pick<Scene, 'env'>,
  args: readonly string[],
  sinks: { stdout?: Sink; stderr?: Sink },
): Promise<Ended> {
  const { stdout = 'whole', stderr = 'whole' } = sinks;
  const full = `${stdout === 'full' ? '>/dev/full' : ''} ${stderr === 'full' ? '2>/dev/full' : ''}`;
  const child = spawn('/bin/sh', ['-c', `exec "$0" "$@" ${full}`, VOLLEY, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  if (stdout === 'closed') child.stdout.destroy();
  if (stderr === 'closed') child.stderr.destroy();
  const told = await Promise.all([
    stdout === 'closed' ? '' : text(child.stdout),
    stderr === 'closed' ? '' : text(child.stderr),
  ]);
  return { code: await ended, stdout: told[0], stderr: told[1], pid: child.pid };
}

/** For `expect.poll`: how long a process may take to get somewhere, on a machine with much else to do. */
export const patiently = { timeout: 20_000, interval: 20 };

/** A scene for one test. */
export async function createScene(faults: FaultSettings = {}): Promise<Scene> {
  const sandbox = await startSandbox({ faults });
  onTestFinished(() => sandbox.stop());
  return sceneWith(sandbox, testPrefix());
}

/** A scene for several tests, whose sandbox and prefix somebody else looks after. */
export function sceneWith(sandbox: Sandbox, prefix: string): Scene {
  const env = {
    PATH: searchPath,
    REDIS_URL: redisUrl(),
    VOLLEY_PREFIX: prefix,
    ENGAGELAB_BASE_URL: sandbox.url,
    ENGAGELAB_DEV_KEY: SANDBOX_KEY,
    ENGAGELAB_DEV_SECRET: SANDBOX_SECRET,
    VOLLEY_RATE: '5000',
    VOLLEY_ATTEMPTS: '3',
    VOLLEY_BACKOFF_BASE_MS: '20',
    VOLLEY_BACKOFF_CAP_MS: '50',
  };
  const volley = (...args: string[]) => run(VOLLEY, args, { env });
  const start = (...args: string[]) => startVolley(args, env);
  return {
    env,
    keys: createKeys(prefix),
    sandbox,
    volley,
    start,
    async json(...args) {
      const { code, stdout, stderr } = await volley(...args);
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout);
    },
    async startWorker() {
      const worker = start('worker');
      await worker.says('worker started');
      return worker;
    },
  };
}

export function startVolley(args: readonly string[], env: NodeJS.ProcessEnv): Running {
  const child = spawn(VOLLEY, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  // One that ends before it has read everything is what some tests are about.
  child.stdin.on('error', () => {});
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const ended = once(child, 'close').then(() => child.exitCode);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    child,
    output: () => ({ stdout: stdout.text, stderr: stderr.text }),
    ended,
    async says(text) {
      while (!stderr.text.includes(text)) {
        const more = await Promise.race([stderr.more(), ended.then(() => undefined)]);
        if (more === undefined && !stderr.text.includes(text)) {
          throw new Error(`ended without saying ${JSON.stringify(text)}: ${stderr.text}`);
        }
      }
    },
  };
}

function collect(stream: Readable) {
  let text = '';
  stream.on('data', (chunk) => {
    text += String(chunk);
  });
  return {
    get text() {
      return text;
    },
    more: () => once(stream, 'data'),
  };
}

/** A list in a folder of its own. */
export async function fileWith(content: string | Uint8Array, name = 'list.csv'): Promise<string> {
  const folder = await temporaryFolder();
  await writeAll(folder, { [name]: content });
  return join(folder, name);
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  listener.close();
  await once(listener, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** A Redis of the test's own, whose settings it may change. */
export async function startOwnRedis(appendfsync: 'always' | 'everysec' = 'everysec') {
  const { url, port, pid, stop } = await startEmbeddedRedis({ path: searchPath, appendfsync });
  const admin = new Redis(url);
  // It may be stopped, or want a password by then.
  admin.on('error', () => {});
  onTestFinished(async () => {
    admin.disconnect();
    await stop();
  });
  return { url, port, pid, admin };
}

/** A list of so many rows with params of their own, from +6590000000 on. */
export function listOf(rows: number, first = 0): string {
  const lines = Array.from({ length: rows }, (_none, at) => {
    const number = 6_590_000_000 + first + at;
    return `+${number},Name ${first + at}\n`;
  });
  return lines.join('');
}

export const HEADER = 'phone,name\n';
