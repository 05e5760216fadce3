/** Where the answer to `send`'s question comes from: standard input, or the terminal itself where that is the list. */
import { fstatSync, type Stats, statSync } from 'node:fs';
import type { ListSource } from '../../producer/producer.ts';
import { type Asked, atStandardInput, atTerminal, canAsk } from '../terminal/ask.ts';

const STANDARD_INPUT = 0;

/**
 * @returns undefined where no question is asked
 * @throws VolleyError `bad_input` for a list from a pipe on a terminal, where nobody can be asked without --yes
 */
export function whomToAsk(source: ListSource, yes: boolean | undefined): Asked | undefined {
  if (yes) return undefined;
  const file = 'path' in source ? statOf(source.path) : undefined;
  const isInput = 'bytes' in source || isStandardInput(file);
  if (isInput) return atTerminal('a list on standard input');
  if (canAsk()) return atStandardInput();
  // A file leaves standard input to a script, which is not asked. What is not there is for the reader to tell.
  return file === undefined || file.isFile() ? undefined : atTerminal('a list from a pipe');
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
