/** A question to whoever sits at the terminal. Where nobody does, none is asked. */
import { createInterface } from 'node:readline';
import { VolleyError } from '../../shared/errors.ts';

/** Whether an answer can be given: not by a pipe, and not by a script that reads the output. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * True for y or yes; anything else, also the end of the input, is a no.
 * @throws the signal's reason once it is aborted
 */
export async function ask(question: string, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  // Not as a terminal of its own: Ctrl-C must stay the signal that it is everywhere else.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
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
