/**
 * What a job counts as, from its messages' entries: the second implementation of what the ledger's scripts count.
 * Source: docs/design/message.md, "Every row is accounted for".
 */
import { countEntry, stateOf } from './count.ts';
import { decodeEntry, type Entry, UNTOUCHED } from './entry.ts';
import type { EntryState } from './letters.ts';
import type { LedgerFields } from './result.ts';

/** What has opted out since its last failure lacks nothing any more. */
const NOT_LACKING: readonly EntryState[] = ['pending', 'open', 'accepted', 'opted_out'];

/** Recipients, and numbers by state and by code, as the campaign's counts name them. */
export class Recount {
  readonly counts: Record<string, number> = {};
  readonly #cancelled: number;

  /** @param cancelled the last chapter that was cancelled, 0 for none */
  constructor(cancelled: number) {
    this.#cancelled = cancelled;
  }

  add(name: string, by: number): void {
    if (by !== 0) this.counts[name] = (this.counts[name] ?? 0) + by;
  }

  /** @param sizes how many numbers each message has */
  addJob(entries: readonly Entry[], sizes: readonly number[]): void {
    for (const [index, size] of sizes.entries()) {
      const entry = entries[index];
      if (!entry || entry.isMoved) continue;
      const counts = countEntry(entry, size, this.#cancelled);
      for (const [state, count] of Object.entries(counts)) this.add(state, count);
      this.add('recipients', size);
      const lacking = counts[stateOf(entry, this.#cancelled)] ?? 0;
      if (entry.code !== '' && !NOT_LACKING.includes(entry.state))
        this.add(`code:${entry.code}`, lacking);
    }
  }

  /** The same of a job whose data are gone. */
  addLedger(fields: LedgerFields, sizes: readonly number[]): void {
    const entries = sizes.map((size, index) => {
      const text = fields[index];
      return text === undefined ? UNTOUCHED : decodeEntry(text, size);
    });
    this.addJob(entries, sizes);
  }
}
