/** What the opt-out list is given, one by one or as a whole list, and what came of that. */
import type { ListOptions, PlainSource } from '../list/options.ts';
import type { NumberListTotals } from '../number-list/read-numbers.ts';
import type { InvalidRow } from '../rows/row.ts';

/** How numbers are understood. */
export interface SuppressOptions {
  /** ISO 3166 code of the country whose national numbers are understood. Default: none. */
  country?: string | undefined;
}

export interface ImportOptions
  extends SuppressOptions,
    Pick<ListOptions, 'international' | 'headerRow' | 'sheet' | 'encoding'> {
  /** The column with the number; no other counts then. Default: all that can be one. */
  phoneColumn?: string | undefined;
  /** How its text is encoded, by its WHATWG name, as in `gb18030`. Default: as of `send`. */
  encoding?: string | undefined;
  /** Stops it: what was read by then is on the list. */
  signal?: AbortSignal | undefined;
  /** Takes the rows that were invalid or read only in part, in full, in the order of the list; waited for. */
  onInvalid?: ((rows: readonly InvalidRow[]) => void | Promise<void>) | undefined;
  /** Told after each piece; with how many bytes have been read. */
  onProgress?: ((imported: Readonly<Imported>, bytes: number) => void) | undefined;
}

/** What became of a list: of its rows, and of their numbers. `numbers` that are not `added` had been on it before. */
export interface Imported extends NumberListTotals {
  /** Numbers that were not on the list before. */
  added: number;
  /** How many numbers are on the list now. */
  count: number;
  /**
   * Where the numbers without `+` look like another country's than they were read as: then those who opted out may not be on
   * the list.
   */
  national: { readonly country: string; readonly words: string } | undefined;
}

/** A list as it is in a file or a stream. */
export type ImportSource = PlainSource;
