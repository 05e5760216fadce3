import { type Logger, pino } from 'pino';
import type { Config } from './config.ts';

export type { Logger };

/** JSON lines on standard error; readable ones where a person watches. Standard output is for results. */
export function createLogger(level: Config['logLevel'], isTerminal: boolean): Logger {
  if (!isTerminal) return pino({ level, base: null }, pino.destination(2));
  return pino({
    level,
    base: null,
    transport: {
      target: 'pino-pretty',
      options: { destination: 2, translateTime: 'HH:MM:ss.l', ignore: 'pid,hostname' },
    },
  });
}
