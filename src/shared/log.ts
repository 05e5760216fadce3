import { type Logger, pino } from 'pino';
import type { Config } from './config.ts';

export type { Logger };

/** What is kept of a log that cannot be written, until it can. */
const KEPT_BYTES = 1024 * 1024;

/** One for all loggers of a process: each would leave listeners behind. */
let standardError: ReturnType<typeof pino.destination> | undefined;

/** JSON lines on standard error; readable ones where a person watches. Standard output is for results. */
export function createLogger(level: Config['logLevel'], isTerminal: boolean): Logger {
  if (!isTerminal) {
    if (standardError === undefined) {
      const destination = pino.destination({ dest: 2, maxLength: KEPT_BYTES });
      // A log on a full disk is no reason to leave requests under way behind: it is tried again with the next line.
      // At the end it would be tried for ever.
      destination.on('error', () => {
        destination.flushSync = () => {};
      });
      standardError = destination;
    }
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
