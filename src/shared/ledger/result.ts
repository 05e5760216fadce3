/**
 * What a completed job returns: the result of its one message, or of all messages of its pack.
 * A pack's return value is its whole ledger, so that it need not be kept twice.
 * Source: docs/design/ledger.md, "Written back to the job".
 */
import * as z from 'zod';
import { decodeEntry, type Entry, isFirstAccepted, outcomeIn } from './entry.ts';
import { type AttemptOutcome, isSettled } from './letters.ts';

/** The fields of a ledger as Redis holds them: `7` → entry, `7.2` → an earlier attempt. */
export type LedgerFields = Record<string, string>;

/** The return value of a job of one message. */
export interface MessageResult {
  outcome: string;
  plan_id?: string | undefined;
  total_count?: number | undefined;
  accepted_count?: number | undefined;
  message_id?: string | undefined;
  task_id?: string | undefined;
}

/** The return value of a job of several messages. */
export const PackResult = z.object({
  messages: z.int(),
  total_count: z.int(),
  accepted_count: z.int(),
  /** The ledger's entry of each message, in their order; `entry.ts` describes the text. */
  results: z.array(z.string()),
  /** Earlier attempts under their fields, where there are any. */
  earlier: z.record(z.string(), z.string()).optional(),
});
export type PackResult = z.infer<typeof PackResult>;

/** @param entries of all messages, as `fields` has them */
export function resultOf(
  entries: readonly Entry[],
  fields: LedgerFields,
): MessageResult | PackResult {
  const [only] = entries;
  if (only && entries.length === 1) return messageResult(only);
  const earlier = Object.entries(fields).filter(([field]) => field.includes('.'));
  const sum = (name: 'total_count' | 'accepted_count') =>
    entries.reduce((total, { last }) => total + (last?.[name] ?? 0), 0);
  return {
    messages: entries.length,
    total_count: sum('total_count'),
    accepted_count: sum('accepted_count'),
    results: entries.map((_entry, index) => fields[index] ?? ''),
    ...(earlier.length > 0 && { earlier: Object.fromEntries(earlier) }),
  };
}

/** The ledger that a return value holds; undefined if it holds none. */
export function fieldsOf(returnValue: unknown): LedgerFields | undefined {
  const pack = PackResult.safeParse(returnValue);
  if (!pack.success) return undefined;
  return { ...pack.data.earlier, ...Object.fromEntries(pack.data.results.entries()) };
}

/**
 * Whether a completed job's ledger may go, where its return value holds all of it. All must be accepted: should the
 * return value be deleted, no more need be known of it. An attempt that nobody saw the end of may still be reported, so
 * its ledger stays.
 */
export function canFold(fields: LedgerFields): boolean {
  return Object.entries(fields).every(([field, text]) => {
    if (field.includes('.')) return isKnown(outcomeIn(text));
    if (isFirstAccepted(text)) return true;
    const { state, optedOut, last } = decodeEntry(text, 1);
    return state === 'accepted' && optedOut === 0 && (!last || isKnown(last.outcome));
  });
}

function isKnown(outcome: AttemptOutcome | undefined): boolean {
  return outcome !== 'worker_lost' && outcome !== 'unconfirmed';
}

function messageResult(entry: Entry): MessageResult {
  const { last } = entry;
  return {
    outcome: isSettled(entry.state) ? entry.state : 'pending',
    plan_id: last?.plan_id,
    total_count: last?.total_count,
    accepted_count: last?.accepted_count,
    message_id: last?.message_id,
    task_id: last?.task_id,
  };
}
