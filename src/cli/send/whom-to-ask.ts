/** Where the answer to `send`'s question comes from: standard input, or the terminal itself where that is the list or anything else. */
import { fstatSync, type Stats, statSync } from 'node:fs';
import type { ListSource } from '../../producer/producer.ts';
import { type Asked, atStandardInput, atTerminal, canAsk } from '../terminal/ask.ts';

const STANDARD_INPUT = 0;

/**
 * @returns undefined where no question is asked: --yes was given, or standard error is no terminal
 * @throws VolleyError `bad_input` where it is one, and nobody can be asked without --yes
 */
export function whomToAsk(source: ListSource, yes: boolean | undefined): Asked | undefined {
  if (yes) return undefined;
  const isInput = 'bytes' in source || ('path' in source && isStandardInput(statOf(source.path)));
  if (isInput) return atTerminal('a list on standard input');
  // Else it is somebody's loop or pipe, of which an answer must not take a line: `while read`.
  return canAsk() ? atStandardInput() : atTerminal('standard input that is no terminal');
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** As `/dev/stdin` is, and `/proc/self/fd/0`. */
function isStandardInput(file: Stats | undefined): boolean {
  if (file === undefined) return false;
  const input = fstatSync(STANDARD_INPUT);
  return file.dev === input.dev && file.ino === input.ino;
}
