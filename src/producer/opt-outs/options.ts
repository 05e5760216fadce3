/** What the opt-out list is given, one by one or as a whole list, and what came of that. */
import type { PlainSource } from '../list/options.ts';
import type { InvalidRow } from '../list/row.ts';

/** How numbers are understood. */
export interface SuppressOptions {
  /** ISO 3166 code of the country whose national numbers are understood. Default: none. */
  country?: string | undefined;
}

export interface ImportOptions extends SuppressOptions {
  /** The column with the number. Default: `phone`, `to` or `mobile`. CSV only. */
  phoneColumn?: string | undefined;
  /** Stops it: what was read by then is on the list. */
  signal?: AbortSignal | undefined;
  /** Takes the invalid rows in full, in the order of the list; waited for. */
  onInvalid?: ((rows: readonly InvalidRow[]) => void | Promise<void>) | undefined;
  /** Told after each piece; with how many bytes have been read. */
  onProgress?: ((imported: Readonly<Imported>, bytes: number) => void) | undefined;
}

export interface Imported {
  rows: number;
  /** Rows without a usable number: nothing of them is on the list. */
  invalid: number;
  /** Numbers that were not on the list before. */
  added: number;
  /** How many numbers are on the list now. */
  count: number;
}

/** A list as it is in a file or a stream. */
export type ImportSource = PlainSource;
