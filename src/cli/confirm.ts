/** The question before what cannot be undone. */
import { createInterface } from 'node:readline/promises';
import { VolleyError } from '../shared/errors.ts';

/**
 * Asks on a terminal only; where there is none, it goes on.
 * @throws VolleyError `interrupted` where the answer is anything but yes
 */
export async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await new Promise<string>((resolve) => {
      // Ctrl-C and Ctrl-D are answers too.
      terminal.once('close', () => resolve(''));
      terminal.question(`${question} [y/N] `).then(resolve, () => resolve(''));
    });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    terminal.close();
  }
  throw new VolleyError('interrupted', 'not confirmed: nothing was changed');
}
