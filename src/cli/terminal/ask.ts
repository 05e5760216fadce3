/**
 * A question to whoever sits at the terminal. Where nobody does, none is asked. Where standard input is the list, the
 * answer comes from the terminal itself, `/dev/tty`.
 */
import { openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { ReadStream } from 'node:tty';
import { VolleyError } from '../../shared/errors.ts';

/** Where an answer comes from. */
export interface Asked extends Disposable {
  readonly input: NodeJS.ReadableStream;
}

/** Whether an answer can be given: not by a pipe, and not by a script that reads the output. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Standard input. @returns undefined where nobody can answer */
export function atStandardInput(): Asked | undefined {
  if (!canAsk()) return undefined;
  return { input: process.stdin, [Symbol.dispose]: () => {} };
}

/**
 * The terminal of this process, whatever its standard input is.
 * @returns undefined where standard error is no terminal, so that a question would not be seen
 * @throws VolleyError `bad_input` where it is one, and nobody can be asked: what is to be done without a question must be
 *   said with --yes
 */
export function atTerminal(why: string): Asked | undefined {
  if (process.stderr.isTTY !== true) return undefined;
  let terminal: ReadStream;
  try {
    terminal = new ReadStream(openSync('/dev/tty', 'r'));
  } catch (cause) {
    throw new VolleyError('bad_input', `expected --yes, for ${why} leaves nobody to ask`, {
      cause,
    });
  }
  // A terminal that goes away is the end of all answers.
  terminal.on('error', () => terminal.destroy());
  return { input: terminal, [Symbol.dispose]: () => terminal.destroy() };
}

/**
 * True for y or yes; anything else, also the end of the input, is a no.
 * @throws the signal's reason once it is aborted
 */
export async function ask(
  question: string,
  signal: AbortSignal,
  input: NodeJS.ReadableStream = process.stdin,
): Promise<boolean> {
  signal.throwIfAborted();
  // Not as a terminal of its own: Ctrl-C must stay the signal that it is everywhere else.
  const lines = createInterface({ input, output: process.stderr, terminal: false });
  const answer = Promise.withResolvers<string>();
  const onAbort = () => answer.reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  let isAnswered = false;
  lines
    .once('line', (text) => {
      isAnswered = true;
      answer.resolve(text);
    })
    .once('close', () => answer.resolve(''));
  process.stderr.write(`${question} [y/N] `);
  try {
    return /^\s*y(es)?\s*$/i.test(await answer.promise);
  } finally {
    signal.removeEventListener('abort', onAbort);
    lines.close();
    // Ctrl-C and Ctrl-D leave the cursor behind the question.
    if (!isAnswered) process.stderr.write('\n');
  }
}

/**
 * The question before what cannot be undone. Where nobody can answer, it is taken for confirmed.
 * @throws VolleyError `interrupted` where the answer is anything but yes
 */
export async function confirm(
  question: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  if (!canAsk() || (await ask(question, signal))) return;
  throw new VolleyError('interrupted', 'not confirmed: nothing was changed');
}
