/**
 * With what a command ends. Whoever reads the exit code acts on it: 1 and 2 say that nothing was done, so they are
 * never told after the deed, whatever fails then. It is said on standard error instead.
 */
import { VolleyError } from '../../shared/errors.ts';
import { BrokenOutput, written } from '../terminal/output.ts';
import { exitCodeOf, tellFailure } from './failure.ts';

interface Deed {
  /** What was done, to be said beside what failed after it. */
  readonly words: string;
  /** For a failure after it: 3 where whether it reached everybody was to be told, too, and is not known. */
  readonly code: 0 | 3;
}

let deed: Deed | undefined;

/** From here on the command has done what it was asked to. Called again, the later word holds. */
export function isDone(words: string, code: 0 | 3 = 0): void {
  deed = { words, code };
}

/**
 * @param failure what the command threw, if so
 * @returns the exit code, once all that was written has left, or is known not to
 */
export async function endingOf(failure?: { readonly error: unknown }): Promise<number> {
  const asItIs = Number(process.exitCode ?? 0);
  // Help and version come as errors too, with 0.
  const isFailure = failure !== undefined && exitCodeOf(failure.error) !== 0;
  if (isFailure && !(failure.error instanceof BrokenOutput)) return codeAfter(failure.error);
  try {
    await written();
    return asItIs;
  } catch (error) {
    const isClosed = error instanceof BrokenOutput && error.isClosed;
    // Whoever read our output has read enough (`volley audit ID | head`): that is no failure.
    if (isClosed && !deed) return asItIs;
    await tellFailure(error);
    tellDeed();
    return deed ? asItIs : 1;
  }
}

async function codeAfter(error: unknown): Promise<number> {
  await tellFailure(error);
  // Ctrl-C ends the waiting, and has said so itself.
  const isStopped = error instanceof VolleyError && error.code === 'interrupted';
  if (!deed || isStopped) return exitCodeOf(error);
  await written().catch(tellFailure);
  tellDeed();
  return deed.code;
}

function tellDeed(): void {
  if (deed) console.error(`volley: before that, it was done: ${deed.words}`);
}
