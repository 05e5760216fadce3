/** A process of its own, that does one task at a time and answers each: the asking side. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { basename } from 'node:path';
import * as z from 'zod';

const END_MS = 5000;

const Reply = z.union([z.object({ answer: z.unknown() }), z.object({ error: z.string() })]);

export interface ChildOptions {
  env?: Readonly<Record<string, string>>;
  /** A folder that its CPU profile is written to when it ends. */
  profileTo?: string | undefined;
  /** Of Node. */
  flags?: readonly string[];
  /** It goes before the others where cores are short, if this user may arrange that. */
  isFirst?: boolean;
}

export class Child {
  readonly #process: ChildProcess;
  readonly #name: string;

  constructor(file: string, { env = {}, profileTo, flags = [], isFirst }: ChildOptions = {}) {
    this.#name = basename(file, '.ts');
    const profiling = profileTo === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileTo}`];
    this.#process = fork(file, [], {
      env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], ...env },
      execArgv: [...flags, ...profiling],
      serialization: 'advanced',
    });
    if (isFirst) goFirst(this.pid);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** @throws Error with what the child says, or where it ends instead of answering */
  async ask<T>(task: string | object, Shape: z.ZodType<T>): Promise<T> {
    const ended = new AbortController();
    const answered = once(this.#process, 'message', { signal: ended.signal });
    const end = () => ended.abort(new Error(`${this.#name}: ended before it answered`));
    this.#process.once('exit', end);
    try {
      this.#process.send(task);
      const [message] = await answered;
      const reply = Reply.parse(message);
      if ('error' in reply) throw new Error(`${this.#name}: ${reply.error}`);
      return Shape.parse(reply.answer);
    } catch (error) {
      throw ended.signal.aborted ? ended.signal.reason : error;
    } finally {
      this.#process.off('exit', end);
    }
  }

  /** Lets it end by itself; kills it where it does not. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, 'exit');
    const kill = setTimeout(() => this.#process.kill('SIGKILL'), END_MS);
    if (this.#process.connected) this.#process.disconnect();
    await exit;
    clearTimeout(kill);
  }
}

function goFirst(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGH);
  } catch {
    // Only the superuser may.
  }
}
