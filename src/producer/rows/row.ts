/**
 * What the readers of a list hand on: rows as they were written, in chunks, and rows that cannot be used.
 * Nothing is judged here; numbers and params are judged in `recipient.ts`.
 */
import type { ListColumns } from '../columns/choice.ts';

export type { ListColumns } from '../columns/choice.ts';

/** Rows in a chunk: enough to make a question to Redis about all of them worth its way. */
export const CHUNK_ROWS = 1000;

/** Why a row is not a recipient: a closed set of words, counted by them. */
export type InvalidReason =
  | 'bad_number' // the number is missing, misspelt, or no number of a known country
  | 'not_textable' // a number that cannot be texted, or costs a fortune: premium, satellite and the like
  | 'broken_value' // a value that a spreadsheet left in place of one: `#N/A`, `#REF!`
  | 'missing_param' // a chosen param is absent, or empty where that is not allowed
  | 'bad_param' // a param that is not text, a finite number or a boolean
  | 'unknown_param' // a param that the first row does not have, where all are taken
  | 'wrong_cells' // something in a cell beyond the header
  | 'bad_json' // a line that is not JSON
  | 'part_unread' // of a list of numbers alone: a number was taken, and something else could not be read
  | 'bad_row'; // JSON, but not {"to": …, "params": {…}}

/** Why this row cannot be used. The detail holds no whole phone number, so that it may be shown. */
export interface RowFault {
  readonly reason: InvalidReason;
  readonly detail: string;
}

/** A row that is not a recipient. `raw` is the row as it was written, without its line end. */
export interface InvalidRow extends RowFault {
  /** Counted from 1, the header included; for rows that are no text, the position of the row. */
  readonly line: number;
  readonly raw: string;
}

/** All cells of a row of which only the numbers count. */
export interface LooseCells {
  /** Those that are there for numbers. */
  readonly numbers: readonly string[];
  readonly others: readonly string[];
  /** Those that stand where the header has none: what belongs into another cell may be in them. */
  readonly stray: readonly string[];
  /** Whether somebody has said which column is the number's, so that no other counts. */
  readonly isNamed: boolean;
}

/** A row as it was written: the number, and the chosen values in the order of the params. */
export interface Row {
  readonly to: string;
  readonly values: string[];
  /** Set where the row could not even be taken apart; `to` and `values` then mean nothing. */
  readonly fault: RowFault | undefined;
  /**
   * Set where only numbers count. Then they count also where there is a fault, `values` means nothing, and `to`, unless
   * empty, is the one cell that matters as long as there is a number in it.
   */
  readonly cells?: LooseCells;
}

/**
 * Some rows that follow one another. Lines and raw text are asked for by index, and only for
 * invalid rows: working them out for every row would cost more than all the rest.
 */
export interface RowChunk {
  /** Names of the chosen params; the same for all chunks of a list. */
  readonly names: readonly string[];
  /** Of the names, those that no row has had so far: they are here only for their fallback. */
  readonly unseen?: readonly string[] | undefined;
  /** There may be none, where there is something blank. */
  readonly rows: readonly Row[];
  /** What is empty in every cell is no row, and none of `rows`: how many such came with them, wherever they stood. */
  readonly blank: number;
  /** Of a CSV; the same for all chunks. */
  readonly columns?: ListColumns;
  lineOf(index: number): number;
  rawOf(index: number): string;
}
