/** What an error that BullMQ emits is about, and how it is told. Decides nothing: that is its reader's. */
import { describeError } from '../../shared/errors.ts';
import { maskPhonesIn } from '../../shared/phone.ts';
import { isConnectionLost } from '../../shared/redis/connection.ts';

export type QueueErrorKind =
  | 'unreadable' // a job just taken is not JSON
  | 'connection' // the way to Redis broke; whoever watches the connection tells of it
  | 'job' // hold of one job was lost, by a lock that ran out: another run takes it up
  | 'queue'; // anything else: jobs may lie there for ever

/** ioredis gave up a silent connection; or Redis changed its role, which ends what waits in it as a lost one does. */
const CUT = /^(Socket timeout|UNBLOCKED)\b/;
const NOT_RENEWED = /^could not renew lock\b/;
const MOST_CHARACTERS = 200;

export function kindOf(error: Error): QueueErrorKind {
  if (error instanceof SyntaxError) return 'unreadable';
  if (isConnectionLost(error) || CUT.test(error.message)) return 'connection';
  // The system's errors have a word as code: a connection refused, reset, or without its host.
  const code = 'code' in error ? typeof error.code : undefined;
  if (code === 'string') return 'connection';
  // BullMQ numbers what its scripts say of a job: missing, without its lock, in another state.
  return code === 'number' || NOT_RENEWED.test(error.message) ? 'job' : 'queue';
}

/** One line, the same for every job, else each were an error of its own. Redis may quote what it was sent. */
export function wordsFor(error: Error): string {
  const [line = ''] = describeError(error).split('\n');
  const words = line.replace(/\bjob (?!is\b|has\b)\S+?(?=\.?(\s|$))/gi, 'a job');
  return maskPhonesIn(words).slice(0, MOST_CHARACTERS);
}
