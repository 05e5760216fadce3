/** What the user is told when something fails, and the exit code it comes to. Never a stack trace. */
import { CommanderError } from 'commander';
import { describeError, ERROR_CODES, VolleyError } from '../../shared/errors.ts';

export function exitCodeOf(error: unknown): number {
  if (error instanceof VolleyError) return ERROR_CODES[error.code].exit;
  // Help and version come as errors too, with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return systemCode(error) === undefined ? 1 : exitCodeOfSystem(error);
}

/** Writes it to standard error. What commander throws has been written by commander. */
export async function tellFailure(error: unknown): Promise<void> {
  if (error instanceof CommanderError) return;
  for (const line of describeError(error).split('\n')) console.error(`volley: ${line}`);
  if (error instanceof VolleyError || systemCode(error) !== undefined) return;
  const { wantsStacks } = await import('../../shared/config.ts');
  if (wantsStacks()) {
    console.error(error instanceof Error ? error.stack : error);
    return;
  }
  console.error('volley: this is a bug in Volley; VOLLEY_LOG_LEVEL=debug shows where it happened');
}

/** Errors of the system (no such file, no space left) speak for themselves. */
function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** What is wrong with the path that was given is bad input; a full disk is not. */
function exitCodeOfSystem(error: unknown): number {
  const isPath = ['ENOENT', 'EISDIR', 'ENOTDIR', 'EACCES', 'EPERM', 'ENAMETOOLONG', 'EROFS'];
  return isPath.includes(systemCode(error) ?? '') ? 2 : 1;
}
