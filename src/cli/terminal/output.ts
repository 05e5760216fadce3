/** Standard output, which is for results, and standard error, which is for everything else. */
import { styleText } from 'node:util';
import { describeError, VolleyError } from '../../shared/errors.ts';

/** Standard output does not take what is written to it: a full disk, or a reader that has gone. */
export class BrokenOutput extends VolleyError {
  /** The reader of a pipe has gone. */
  readonly isClosed: boolean;

  constructor(cause: NodeJS.ErrnoException) {
    const why = cause.code === 'EPIPE' ? 'whoever read it has gone' : describeError(cause);
    super('unavailable', `standard output: not all could be written: ${why}`, { cause });
    this.isClosed = cause.code === 'EPIPE';
  }
}

let broken: BrokenOutput | undefined;

/**
 * Called once, before anything is written. A write that fails is told later, by an event, when the command may be in
 * the middle of its deed; it is noted, and the deed goes on. What `console` writes is lost in silence otherwise.
 */
export function watchOutput(): void {
  process.stdout.on('error', (error) => {
    broken ??= new BrokenOutput(error);
  });
  // There is nowhere left to say it.
  process.stderr.on('error', () => {});
}

/** Resolves when all that was written to standard output has left. @throws BrokenOutput where some of it has not */
export async function written(): Promise<void> {
  if (broken) throw broken;
  if (process.stdout.writableLength > 0)
    await new Promise((resolve) => process.stdout.write('', resolve));
  // An error is told in the turn after its write.
  await new Promise(setImmediate);
  if (broken) throw broken;
}

/** One JSON object on a line. */
export function printJson(value: object): void {
  console.log(JSON.stringify(value));
}

/**
 * Waits where the reader is slow, so that a long result is not held in memory.
 * @throws BrokenOutput: what follows need not be made
 */
export async function writeOut(text: string): Promise<void> {
  if (broken) throw broken;
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (!error) return resolve();
      broken ??= new BrokenOutput(error);
      reject(broken);
    });
  });
}

export function warn(text: string): void {
  console.error(`${styleText('yellow', 'warning:', { stream: process.stderr })} ${text}`);
}

/** In colour only where standard output is a terminal and `NO_COLOR` is not set. */
export function bold(text: string): string {
  return styleText('bold', text, { stream: process.stdout });
}

export function dim(text: string): string {
  return styleText('dim', text, { stream: process.stdout });
}

export function green(text: string): string {
  return styleText('green', text, { stream: process.stdout });
}

export function red(text: string): string {
  return styleText('red', text, { stream: process.stdout });
}

export function yellow(text: string): string {
  return styleText('yellow', text, { stream: process.stdout });
}
