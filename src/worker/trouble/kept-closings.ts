import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { isNotAllowed, isShutOut } from '../../shared/redis/connection.ts';
import { Seldom } from './seldom.ts';

/** Replies of a Redis that will take writes again: full, read-only after a failover, loading, without replicas. */
const PASSING = /^(OOM|READONLY|LOADING|MISCONF|NOREPLICAS|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN)\b/;
const FIRST_MS = 100;
const LONGEST_MS = 2000;

/**
 * Keeps what attempts came to as long as Redis does not take it: what was sent must be written down. While anything is
 * kept, nothing further is to be sent. A right that is missing was there when the worker began, and is given back; but
 * by somebody, so a stop does not wait for it.
 */
export class KeptClosings {
  readonly #log: Logger;
  readonly #told = new Seldom();
  readonly #stopping = new AbortController();
  #kept = 0;
  #all = Promise.withResolvers<void>();

  constructor(log: Logger) {
    this.#log = log;
  }

  get areAny(): boolean {
    return this.#kept > 0;
  }

  /** @throws what Redis says, where it will not take it later either */
  async write<Result>(write: () => Promise<Result>): Promise<Result> {
    let isKept = false;
    try {
      for (let wait = FIRST_MS; ; wait = Math.min(2 * wait, LONGEST_MS)) {
        const { aborted } = this.#stopping.signal;
        try {
          return await write();
        } catch (error) {
          if (!isPassing(error) && !needsSomebody(error)) throw error;
          if (aborted && needsSomebody(error)) throw error;
          if (!isKept) this.#kept++;
          isKept = true;
          this.#tell(describeError(error));
        }
        const signal = aborted ? undefined : this.#stopping.signal;
        await sleep(wait, undefined, { signal }).catch(() => {});
      }
    } finally {
      if (isKept) this.#letGo();
    }
  }

  /** Resolves once nothing is kept any more, or at the signal. */
  async written(signal: AbortSignal): Promise<void> {
    if (!this.areAny || signal.aborted) return;
    await new Promise<void>((resolve) => {
      void this.#all.promise.then(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Each is tried once more; what then lacks a right is given up. */
  stop(): void {
    this.#stopping.abort();
  }

  #letGo(): void {
    this.#kept--;
    if (this.areAny) return;
    this.#all.resolve();
    this.#all = Promise.withResolvers();
  }

  #tell(error: string): void {
    const times = this.#told.count(error);
    const words =
      'replies cannot be written down; they are kept, and nothing is sent until they are';
    if (times > 0) this.#log.error({ error, times }, words);
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof Error && PASSING.test(error.message);
}

function needsSomebody(error: unknown): boolean {
  return isNotAllowed(error) || isShutOut(error);
}
