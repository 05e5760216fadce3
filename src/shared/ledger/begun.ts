/**
 * How it is known that a job's ledger is gone: its first opening is noted in the ledger and in the job, in one step.
 * Where the job says that it was begun and its ledger does not, another program, or Redis, has removed the ledger. What
 * was sent of it nobody knows then, so nothing of it is sent any more. A ledger that a late reply has made anew does
 * not say so either.
 */
import type { LedgerFields } from './result.ts';

/** The name in BullMQ of a job of which something was opened; of one whose ledger is folded, see `fold.ts`. */
export const BEGUN = 'begun';
/** The field of a ledger that says so. */
export const BEGUN_FIELD = '*';

/** @param name the job's, in BullMQ  @param fields of its ledger */
export function isUnrecorded(name: unknown, fields: LedgerFields): boolean {
  return name === BEGUN && fields[BEGUN_FIELD] === undefined;
}
