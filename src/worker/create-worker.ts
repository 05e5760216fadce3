/** How a worker is made: by a program that has settings of its own, or by the command, which reads the environment. */
import type { Config } from '../shared/config.ts';
import { configFrom, type GivenConfig, inTheirWords } from '../shared/given-config.ts';
import { createLogger, type Logger } from '../shared/log.ts';
import { Worker } from './worker.ts';

/** A worker's settings, `devKey` and `devSecret` above all. */
export interface WorkerOptions extends GivenConfig {
  /** A pino logger. Default: JSON lines on standard error, from `logLevel` on. */
  logger?: Logger | undefined;
}

/**
 * Returns at once; `start` serves what there is to serve, `stop` ends it. It handles no signal: whoever embeds it does.
 * @throws VolleyError `bad_config`, one line for each option that is wrong
 */
export function createWorker({ logger, ...given }: WorkerOptions): Worker {
  const config = configFrom(given);
  return inTheirWords(() => new Worker(config, logger ?? createLogger(config.logLevel, false)));
}

/** For the command: its settings are read and checked. @throws VolleyError `bad_config` without credentials */
export function workerOf(config: Config, logger: Logger): Worker {
  return new Worker(config, logger);
}

export type { Worker };
