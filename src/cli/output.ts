/** Standard output, which is for results, and standard error, which is for everything else. */
import { once } from 'node:events';
import { styleText } from 'node:util';

/** One JSON object on a line. */
export function printJson(value: object): void {
  console.log(JSON.stringify(value));
}

/** Waits where the reader is slow, so that a long result is not held in memory. */
export async function writeOut(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
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
