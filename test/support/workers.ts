/** Workers as real processes, for tests that kill them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const VOLLEY = fileURLToPath(new URL('../../bin/volley', import.meta.url));

export interface WorkerSettings {
  redisUrl: string;
  prefix: string;
  baseUrl: string;
  /** One that ends by itself is started again, as by whoever runs it. Default: false. */
  isRestarted?: boolean;
  /** Further variables. */
  environment?: Record<string, string>;
  /** Told what they log, and by whom. Default: it is shown. */
  onLog?: (text: string, place: number) => void;
  /** Variables of the worker at one place, above all others. */
  environmentAt?: (place: number) => Record<string, string>;
}

/** A few workers that are kept running, however often one is killed. */
export class WorkerFleet {
  readonly #settings: WorkerSettings;
  readonly #workers: ChildProcess[] = [];
  /** Those that were told to end. */
  readonly #ending = new WeakSet<ChildProcess>();

  constructor(settings: WorkerSettings) {
    this.#settings = settings;
    // A program that is stopped by its user must not leave them behind.
    process.once('exit', this.#killAll);
  }

  /** The worker at this place is there when the call returns; whether it serves anything yet is another matter. */
  start(place: number): void {
    const { redisUrl, prefix, baseUrl, environment, environmentAt, onLog } = this.#settings;
    const { isRestarted = false } = this.#settings;
    const worker = spawn(VOLLEY, ['worker'], {
      stdio: ['ignore', 'ignore', onLog ? 'pipe' : 'inherit'],
      env: {
        PATH: process.env['PATH'],
        REDIS_URL: redisUrl,
        VOLLEY_PREFIX: prefix,
        ENGAGELAB_BASE_URL: baseUrl,
        ENGAGELAB_DEV_KEY: 'sandbox',
        ENGAGELAB_DEV_SECRET: 'sandbox',
        VOLLEY_LOG_LEVEL: 'error',
        ...environment,
        ...environmentAt?.(place),
      },
    });
    worker.stderr?.on('data', (bytes) => onLog?.(String(bytes), place));
    this.#workers[place] = worker;
    if (!isRestarted) return;
    worker.once('exit', () => {
      if (!this.#ending.has(worker)) this.start(place);
    });
  }

  /** Stops the worker at this place in the middle of whatever it does, or has it go on. */
  signal(place: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#workers[place]?.kill(signal);
  }

  /** @returns the exit code, or null after a signal */
  async end(place: number, signal: NodeJS.Signals): Promise<number | null> {
    const worker = this.#workers[place];
    if (worker === undefined) return null;
    this.#ending.add(worker);
    if (worker.exitCode === null && worker.signalCode === null) {
      const exit = once(worker, 'exit');
      worker.kill(signal);
      await exit;
    }
    return worker.exitCode;
  }

  async endAll(signal: NodeJS.Signals): Promise<(number | null)[]> {
    process.off('exit', this.#killAll);
    return Promise.all(this.#workers.map((_worker, place) => this.end(place, signal)));
  }

  readonly #killAll = (): void => {
    for (const worker of this.#workers) {
      this.#ending.add(worker);
      worker.kill('SIGKILL');
    }
  };
}
