/** What a list is, what is asked for when it is read, and what is counted: shapes only. */
import type { NationalFit } from '../phone/national-forms.ts';
import type { NumberKind } from '../phone/places.ts';
import type { InvalidReason, InvalidRow, Row, RowChunk, RowFault } from '../rows/row.ts';
import type { Placeholder } from '../rows/values.ts';
import type { Recipient } from './recipient.ts';

export const LIST_FORMATS = ['csv', 'ndjson', 'json', 'xlsx'] as const;

/**
 * CSV with a header (commas, `;`, tabs or `|`); one JSON object a line; one JSON array of them; an Excel workbook.
 * Each of them may be gzip.
 */
export type ListFormat = (typeof LIST_FORMATS)[number];

/** A row given by a program. Values become strings as in NDJSON. */
export interface GivenRow {
  readonly to: string;
  readonly params?: Readonly<Record<string, string | number | bigint | boolean>> | undefined;
}

/** Pieces of a file, each bytes or text; a stream of Node's or of the web is one, too. */
export type ListPieces = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/**
 * Where a list comes from: a file; bytes, whole or in pieces (`name` is what errors call them); or rows, from any
 * iterable: an array, a `Set`, a generator, a stream of objects, a cursor. Without `format`, the ending or the first
 * byte tells.
 */
export type ListSource =
  | { readonly path: string; readonly format?: ListFormat | undefined }
  | {
      readonly bytes: Uint8Array | ListPieces;
      readonly name: string;
      readonly format?: ListFormat | undefined;
    }
  | {
      readonly rows: Iterable<GivenRow> | AsyncIterable<GivenRow>;
      readonly name?: string | undefined;
    };

/** A list as it is in a file or a stream. */
export type PlainSource =
  | { readonly path: string; readonly format?: ListFormat | undefined }
  | {
      readonly bytes: AsyncIterable<Uint8Array>;
      readonly name: string;
      readonly format?: ListFormat | undefined;
    };

/** How a list is read, and what of it is sent. */
export interface ListOptions {
  /**
   * Names of the columns (CSV) or params (NDJSON, rows) to send. `[]` is none, `'all'` all.
   * Undefined: a CSV with further columns is refused unless there are constants; NDJSON and
   * rows take all, for there the params are named as such by whoever wrote them.
   */
  readonly params?: readonly string[] | 'all' | undefined;
  /** Params with one value for all rows. A name that is also chosen above is an error. Default: none. */
  readonly constants?: Readonly<Record<string, string>> | undefined;
  /** Whether an empty value is sent as it is. Default: false, the row is invalid. */
  readonly allowEmpty?: boolean | undefined;
  /** The column that a param's value stands in, by the param's name: it is sent under that name. CSV and workbooks. */
  readonly columns?: Readonly<Record<string, string>> | undefined;
  /**
   * What is sent where a param's value is empty or missing, by the param's name; also with `allowEmpty`. An empty
   * one takes `allowEmpty`. Default: none.
   */
  readonly fallbacks?: Readonly<Record<string, string>> | undefined;
  /** The column with the number. Default: found by what such columns are called. CSV and workbooks. */
  readonly phoneColumn?: string | undefined;
  /** The line, counted from 1, with the names of the columns; what is above it is no row. Default: the first. */
  readonly headerRow?: number | undefined;
  /** The sheet of a workbook. Default: the first. */
  readonly sheet?: string | undefined;
  /** How a text is encoded, by its WHATWG name, as in `gb18030`. Default: UTF-8, or UTF-16 where the bytes say so. */
  readonly encoding?: string | undefined;
  /** ISO 3166 code of the country whose national numbers are understood. Default: none. */
  readonly country?: string | undefined;
  /**
   * Digits without `+` are international numbers, also where most of them would be mobile numbers of one country.
   * Default: false, such a list is refused unless there is a `country`.
   */
  readonly international?: boolean | undefined;
  /** Whether a number must be one that its country has given out, or only of a possible length. Default: `valid`. */
  readonly numbers?: 'valid' | 'possible' | undefined;
  /** The most numbers in a message. Default: 500. */
  readonly batchSize?: number | undefined;
  /** The first recipients, whose messages and jobs are cut off from all others. Default: none. */
  readonly canary?: number | undefined;
  /** Takes the invalid rows of a chunk in full, in the order of the list; waited for. */
  readonly onInvalid?: ((rows: readonly InvalidRow[]) => void | Promise<void>) | undefined;
  /** Stops reading: the iteration throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Reads what a list is made of so that no number in it is lost, whatever else is wrong with it. */
export interface LooseReader {
  /** Throws only where nothing says where the numbers are. */
  readText(
    pieces: AsyncIterable<Buffer>,
    name: string,
    format: 'csv' | 'ndjson',
  ): AsyncIterable<RowChunk>;
  /** Of a row that is no text: of JSON, or given by a program. */
  rowOf(value: unknown): Row;
}

/** The same, and what the inside knows besides: who must not be texted. */
export interface ReadPacksOptions extends ListOptions {
  /**
   * Which of these distinct numbers are not to be texted, in the same order. Called once a chunk
   * (some thousand numbers), so that it may ask Redis. Default: none.
   */
  readonly findSuppressed?:
    | ((numbers: readonly string[]) => readonly boolean[] | Promise<readonly boolean[]>)
    | undefined;
  /** Numbers to leave out, whatever `findSuppressed` says; counted as suppressed. Default: none. */
  readonly excluded?: { has(number: string): boolean } | undefined;
  /** How a list is read of which only the numbers count. Default: as one whose rows are sent. */
  readonly loose?: LooseReader | undefined;
  /** Takes the recipients of a chunk, in the order of the list, once they are counted. Not waited for. */
  readonly onRecipients?: ((recipients: readonly Recipient[]) => void) | undefined;
}

/** A sample for the screen: no raw row, and no whole number in its detail. */
export interface InvalidSample extends RowFault {
  readonly line: number;
}

/** Where the recipients of a list are. */
export interface ListPlaces {
  /** Recipients by ISO 3166 code of their country, or by a calling code of no country, as in `+883`. */
  readonly countries: Record<string, number>;
  /** Recipients by the kind of their number. */
  readonly kinds: Partial<Record<NumberKind, number>>;
  /** How many calling codes they have among them. */
  callingCodes: number;
}

/** `rows = invalid + duplicate + suppressed + recipients`, whenever somebody looks. */
export interface ListTotals {
  rows: number;
  invalid: number;
  duplicate: number;
  suppressed: number;
  /** Of the suppressed, those that are on the list of `excluded`. */
  excluded: number;
  recipients: number;
  /** Rows that are empty in every cell: they are no rows, and counted nowhere else. */
  blank: number;
  /** Messages and jobs handed out so far. */
  messages: number;
  jobs: number;
  /** Jobs of the canary, once it is full and there are others; else 0. */
  canaryJobs: number;
  /** Bytes read so far; 0 for rows. */
  bytes: number;
  /** Invalid rows by reason. */
  reasons: Partial<Record<InvalidReason, number>>;
  /** The first few of each reason, in the order of the list. */
  firstInvalid: InvalidSample[];
  /** Rows that are not invalid and have such a word as the value of a param, by the word: it is sent as it stands. */
  placeholders: Partial<Record<Placeholder, number>>;
  /** Rows that are not invalid, and in which a fallback stands for a value. */
  fallbacks: number;
  /** Where the recipients are. */
  readonly places: ListPlaces;
  /** Rows whose number is without `+`, where neither `country` nor `international` says what that means. */
  withoutPlus: number;
  /** At the end: the country whose mobile numbers these would rather be, if there is one. */
  national: NationalFit | undefined;
}
