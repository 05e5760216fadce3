import { type Logger, pino } from 'pino';
import type { Config } from './config.ts';

export type { Logger };

/** One for all loggers of a process: each would leave listeners behind. */
let standardError: ReturnType<typeof pino.destination> | undefined;

/** JSON lines on standard error; readable ones where a person watches. Standard output is for results. */
export function createLogger(level: Config['logLevel'], isTerminal: boolean): Logger {
  if (!isTerminal) {
    standardError ??= pino.destination(2);
    return pino({ level, base: null }, standardError);
  }
  return pino({
    level,
    base: null,
    transport: {
      target: 'pino-pretty',
      options: { destination: 2, translateTime: 'HH:MM:ss.l', ignore: 'pid,hostname' },
    },
  });
}
