/**
 * What the user is told when something fails, and the exit code it comes to. Never a stack trace. A bug is only what
 * nobody foresaw: what the system, Redis or the memory refuses speaks for itself, wherever it comes out.
 */
import { CommanderError } from 'commander';
import { describeError, ERROR_CODES, VolleyError } from '../../shared/errors.ts';

/** What is wrong with the path that was given is bad input; a full disk is not. */
const OF_PATHS = [
  'ENOENT',
  'EISDIR',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'ENAMETOOLONG',
  'EROFS',
  'ELOOP',
  'ENXIO',
];
/** As the system has them (`ENOSPC`), zlib (`Z_DATA_ERROR`), and TLS. */
const SYSTEM_CODE = /^(?:E(?!RR_)[A-Z0-9]+|Z_[A-Z_]+|CERT_\w+|\w*_CERT\w*|ERR_(?:TLS|SSL)_\w+)$/;
/** Node's own words for too much at once. */
const TOO_LARGE = [
  'ERR_STRING_TOO_LONG',
  'ERR_FS_FILE_TOO_LARGE',
  'ERR_BUFFER_TOO_LARGE',
  'ERR_MEMORY_ALLOCATION_FAILED',
];
/** Something was stopped, or Redis has answered that it does not do this. */
const FOREIGN_NAMES = ['AbortError', 'TimeoutError', 'ReplyError', 'MaxRetriesPerRequestError'];
const OUT_OF_MEMORY =
  /^(?:Invalid (?:string|array|typed array) length|Array buffer allocation failed|Map maximum size exceeded|Set maximum size exceeded)/;

export function exitCodeOf(error: unknown): number {
  if (error instanceof VolleyError) return ERROR_CODES[error.code].exit;
  // Help and version come as errors too, with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return OF_PATHS.includes(codeOf(error)) ? 2 : 1;
}

/** Writes it to standard error. What commander throws has been written by commander. */
export async function tellFailure(error: unknown): Promise<void> {
  if (error instanceof CommanderError) return;
  for (const line of describeError(error).split('\n')) console.error(`volley: ${line}`);
  if (error instanceof VolleyError || isForeign(error)) return;
  const { wantsStacks } = await import('../../shared/config.ts');
  if (wantsStacks()) {
    console.error(error instanceof Error ? error.stack : error);
    return;
  }
  console.error('volley: this is a bug in Volley; VOLLEY_LOG_LEVEL=debug shows where it happened');
}

/** Whether it is nobody's bug, though nobody put it into words of ours. */
function isForeign(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && isForeign(error.errors[0]);
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (SYSTEM_CODE.test(code) || TOO_LARGE.includes(code)) return true;
  if (FOREIGN_NAMES.includes(error.name)) return true;
  return error instanceof RangeError && OUT_OF_MEMORY.test(error.message);
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
