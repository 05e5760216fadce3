/** What a job that has ended comes to, as its ledger tells; pure. */
import type { Job } from '../../shared/job.ts';
import { decodeEntry, type Entry, UNTOUCHED } from '../../shared/ledger/entry.ts';
import { isSettled } from '../../shared/ledger/letters.ts';
import type { LedgerFields } from '../../shared/ledger/result.ts';

export interface JobEnd {
  /** Of all messages, in their order. */
  entries: Entry[];
  /** How many of what, where not all were sent: `2 rejected (5001), 1 unconfirmed`; else empty. */
  notAccepted: string;
}

export function jobEnd({ messages }: Job, fields: LedgerFields): JobEnd {
  const entries = messages.map(([to], index) => {
    const text = fields[index];
    return text === undefined ? UNTOUCHED : decodeEntry(text, to.length);
  });
  const tally = new Map<string, number>();
  for (const entry of entries) {
    // A run ends with nothing left to send, so what is not settled is of a chapter that was cancelled.
    const state = isSettled(entry.state) ? entry.state : 'cancelled';
    if (state === 'accepted' || state === 'shortfall' || entry.isMoved) continue;
    const what = entry.code === '' ? state : `${state} (${entry.code})`;
    tally.set(what, (tally.get(what) ?? 0) + 1);
  }
  const notAccepted = [...tally].map(([state, count]) => `${count} ${state}`).join(', ');
  return { entries, notAccepted };
}
