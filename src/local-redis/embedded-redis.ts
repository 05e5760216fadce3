/**
 * A real Redis of our own on a free loopback port, for `demo`, `up` and the tests. It keeps what it acknowledges in
 * an append-only file, and ends with the process that started it, however that process ends: a guard, a shell that
 * is the server's parent, waits for our end of a pipe to close, which the kernel sees to even after SIGKILL.
 * It does not restart a server that dies: the connections to it report that.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { VolleyError } from '../shared/errors.ts';
import { cutIn, reasonIn } from './last-words.ts';
import { LogTail } from './log-tail.ts';
import { writeServerSettings } from './password-file.ts';
import { freePort, HOST, isAnswering, isFree } from './port.ts';
import { serverProgram } from './server-program.ts';

/** A port that was free a moment ago may be taken before the server binds it. */
const PORT_TRIES = 5;
const PING_INTERVAL_MS = 20;
const STOP_GRACE_MS = 10_000;

export interface EmbeddedRedisOptions {
  /** The search path for `redis-server` or `valkey-server`, as in `PATH`. */
  path: string;
  /** Where the data stays; made if missing. Without it the data lives in a temporary folder and goes with `stop`. */
  dir?: string | undefined;
  /** `always`: what was acknowledged survives a kill. `everysec`: up to some seconds of it may not. */
  appendfsync: 'always' | 'everysec';
  /** Default: a free one. */
  port?: number | undefined;
  /** What it wants of whoever connects. Default: nothing. */
  password?: string | undefined;
}

export interface EmbeddedRedis {
  /** Without its password. */
  url: string;
  port: number;
  /** Of the server itself, not of its guard. */
  pid: number;
  /** Resolves when the server has ended, whoever ended it. */
  ended: Promise<unknown>;
  /** Once it has ended: why, and what to do, where its log says so. */
  why: () => string | undefined;
  /** What it cut off its file when it started, and what that may cost; undefined where that was nothing. */
  cut: string | undefined;
  /**
   * An embedded Redis alone keeps no process going; waiting for `stop` does. Resolves when the server has ended.
   * May be called twice.
   */
  stop(): Promise<void>;
}

// $1: a temporary folder to remove at the end, or nothing; the rest is the server's command line. The server gets
// none of the guard's pipes but its log, so that the log closes when the server ends. `read` ends when we are gone.
const GUARD = `
temporary=$1; shift
"$@" 3>&- &
server=$!
echo "$server" >&3
exec >/dev/null 2>&1 3>&-
read -r _
kill "$server"
wait "$server"
[ -z "$temporary" ] || rm -rf -- "$temporary"
`;

/** @throws VolleyError `unavailable`: no server program is installed, or it ended before it answered. */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const program = serverProgram(options.path);
  for (let tries = 1; ; tries++) {
    const port = options.port ?? (await freePort());
    const server = launch(program, port, options);
    const pid = await server.pid;
    const answering = pid !== undefined && (await answers(port, pid, server.log, options.password));
    if (answering) {
      server.release();
      const { ended, stop, log, dir } = server;
      const why = () => reasonIn(log.lines, dir);
      return { url: `redis://${HOST}:${port}`, port, pid, ended, stop, why, cut: cutIn(log.lines) };
    }
    await server.stop();
    const mayRetry = options.port === undefined && tries < PORT_TRIES;
    if (mayRetry && !(await isFree(port))) continue;
    if (!(await isFree(port))) {
      throw new VolleyError(
        'unavailable',
        `port ${port} is taken, perhaps by a Redis: use that one (REDIS_URL and volley worker), or another --port`,
      );
    }
    throw new VolleyError(
      'unavailable',
      `${program} on port ${port}: ended before it answered: ${reasonIn(server.log.lines, server.dir) ?? (server.log.last || 'it logged nothing')}`,
    );
  }
}

function launch(program: string, port: number, options: EmbeddedRedisOptions) {
  const temporary = options.dir === undefined ? mkdtempSync(join(tmpdir(), 'volley-redis-')) : '';
  const dir = options.dir === undefined ? temporary : resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  const settings = {
    port: String(port),
    bind: HOST,
    'protected-mode': 'yes',
    dir,
    appendonly: 'yes',
    appendfsync: options.appendfsync,
    save: '',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  };
  const { password } = options;
  const file = password === undefined ? [] : [writeServerSettings(dir, password)];
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const guard = spawn(
    '/bin/sh',
    ['-c', GUARD, 'volley-redis', temporary, program, ...file, ...flags],
    {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      // a session of its own: Ctrl-C reaches every process of ours at once, and the server has to outlive the workers
      detached: true,
    },
  );
  const closed = once(guard, 'close').catch(() => undefined);
  const log = new LogTail(guard);
  const pid = readPid(guard);
  const stop = async () => {
    holdProcess(guard, true);
    guard.stdin?.end();
    const server = await pid;
    const kill = setTimeout(() => {
      if (server !== undefined) killQuietly(server);
    }, STOP_GRACE_MS);
    await closed;
    clearTimeout(kill);
    if (temporary !== '') rmSync(temporary, { recursive: true, force: true });
  };
  // The guard stays behind, so its end tells nothing of the server's.
  const { closed: ended } = log;
  return { log, dir, pid, stop, ended, release: () => holdProcess(guard, false) };
}

/** Whether this process goes on for the child alone. */
function holdProcess(child: ChildProcess, hold: boolean): void {
  const handles = [child, ...child.stdio.filter((stream) => stream instanceof net.Socket)];
  for (const handle of handles) {
    if (hold) handle.ref();
    else handle.unref();
  }
}

async function readPid(guard: ChildProcess): Promise<number | undefined> {
  const stream = guard.stdio[3];
  let text = '';
  if (stream instanceof Readable) for await (const chunk of stream) text += String(chunk);
  const pid = Number.parseInt(text, 10);
  return Number.isNaN(pid) ? undefined : pid;
}

/** Waits until the server with this process id answers PING on the port, or has ended. */
async function answers(
  port: number,
  pid: number,
  log: LogTail,
  password?: string,
): Promise<boolean> {
  while (!log.ended) {
    if (await isAnswering(port, pid, password)) return true;
    await new Promise((resolve) => setTimeout(resolve, PING_INTERVAL_MS));
  }
  return false;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended meanwhile
  }
}
