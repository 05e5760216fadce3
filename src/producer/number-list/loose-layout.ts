/**
 * From the first lines of a text: what divides its cells, and which cells are there for numbers. A first row with a
 * number in it is a row, and the list has no header. Takes all columns that can be the number's: an opt-out list has no
 * wrong one among them.
 */
import { VolleyError } from '../../shared/errors.ts';
import { isPhoneColumn, phoneCandidates } from '../columns/phone-columns.ts';
import type { Line } from './loose-lines.ts';
import { type LooseRecord, LooseRecords } from './loose-records.ts';
import type { NumbersIn } from './numbers-in.ts';

/** How many lines are looked at, and how many records of them: titles stand above a header, not pages. */
export const LOOKED_LINES = 40;
const LOOKED_RECORDS = 10;
const DELIMITERS = [',', ';', '\t', '|'] as const;
/** As spreadsheets write and read it: what divides the cells. */
const SEPARATOR_LINE = /^\s*"?sep=(.)"?\s*$/iu;
/** Digits with what people write between them, maybe in quotes. */
const BARE = /^["'=\s+()./,;|\p{Nd}\p{Pd}]*$/u;
const LEAST_BARE_DIGITS = 5;
/** No column has a longer name. */
const MOST_LETTERS = 256;
/** Columns of an export of what came in. */
const WHO_ANSWERED: readonly string[] = ['from', 'sender', 'msisdn'];
/** Blanks, a spreadsheet's marks of a text, and what nobody sees. */
const NAME_MARKS = /^[\s\p{Cf}='"]+|[\s\p{Cf}'"]+$/gu;

export interface LayoutChoice {
  /** The column with the number. */
  readonly phoneColumn?: string | undefined;
  /** Whether a list without that column is refused, or its numbers are looked for as if none were named. */
  readonly mustHavePhoneColumn?: boolean | undefined;
  /** The line with the names, counted from 1. */
  readonly headerRow?: number | undefined;
}

export interface Layout {
  readonly delimiter: string;
  /** How many cells a row has that is as it should be. */
  readonly count: number;
  /** Indexes of the cells that are there for numbers. */
  readonly phones: readonly number[];
  /** Whether they are those of the column that was asked for, so that no other counts. */
  readonly isNamed: boolean;
  /** Numbers of the lines that are no rows: the header, and what stands above it without a number. */
  readonly skipped: ReadonlySet<number>;
}

/**
 * Which columns of these names are there for numbers. `to` may be the sender's own number, where what came in was
 * exported: whoever answered STOP then stands in another.
 */
export function numberColumns(
  names: readonly string[],
  wanted: string | undefined,
): readonly number[] {
  const bare = names.map((name) => name.slice(0, MOST_LETTERS).replace(NAME_MARKS, ''));
  if (wanted !== undefined) return phoneCandidates(bare, wanted);
  return [...bare.keys()].filter((at) => {
    const column = bare[at] ?? '';
    return isPhoneColumn(column) || WHO_ANSWERED.includes(column.toLowerCase());
  });
}

/** A layout, and what speaks for it. */
interface Way extends Layout {
  readonly isHeader: boolean;
  /** The record that it was found by. */
  readonly at: number;
  /** How often the delimiter stands in the lines. */
  readonly occurrences: number;
}

/** @throws VolleyError `bad_input` for lines without a number and without a column for one */
export function layoutOf(
  lines: readonly Line[],
  name: string,
  numbers: NumbersIn,
  choice: LayoutChoice,
): Layout {
  const { phoneColumn, mustHavePhoneColumn = false, headerRow } = choice;
  const start = startOf(lines, headerRow);
  const find = (wanted: string | undefined): Layout | undefined =>
    start.delimiters
      .map((delimiter) => wayWith(delimiter, lines, start.from, { headerRow, wanted, numbers }))
      .filter((way) => way !== undefined)
      .sort(byWhatSpeaksForIt)[0];
  const named = phoneColumn === undefined ? undefined : find(phoneColumn);
  const mayBeOther = phoneColumn === undefined || !mustHavePhoneColumn;
  const found = named ?? (mayBeOther ? find(undefined) : undefined);
  if (found !== undefined) return found;
  throw new VolleyError('bad_input', `${name}, ${explain(lines, start, choice)}`);
}

/** Where rows may begin, and what may divide their cells. */
function startOf(lines: readonly Line[], headerRow: number | undefined) {
  const first = lines.findIndex(({ text }) => text.trim() !== '');
  const [, separator] = SEPARATOR_LINE.exec(lines[first]?.text ?? '') ?? [];
  const delimiters = separator === undefined ? DELIMITERS : [separator];
  if (headerRow !== undefined) {
    const from = lines.findIndex(({ number }) => number === headerRow);
    return { from: from === -1 ? lines.length : from, delimiters };
  }
  return { from: Math.max(first, 0) + (separator === undefined ? 0 : 1), delimiters };
}

function wayWith(
  delimiter: string,
  lines: readonly Line[],
  from: number,
  { headerRow, wanted, numbers }: Wanted,
): Way | undefined {
  const most = headerRow === undefined ? LOOKED_RECORDS : 1;
  const records = new LooseRecords(delimiter).take(lines.slice(from), true).slice(0, most);
  const header = records.findIndex(
    (each) => numberColumns(each.cells, wanted).length > 0 && !isSure(each, numbers),
  );
  const isBareAllowed = headerRow === undefined && wanted === undefined;
  const bare = isBareAllowed ? bareAmong(records, numbers, header === -1) : -1;
  const width = (at: number) => records[at]?.cells.length ?? 0;
  // A title may name a number, too; but a header below it has more cells.
  const isHeader = bare === -1 || (header !== -1 && (header < bare || width(header) > width(bare)));
  const at = isHeader ? header : bare;
  const record = records[at];
  if (record === undefined) return undefined;
  const titles = records.slice(0, at).filter((each) => !isSure(each, numbers));
  const dropped = isHeader ? [...titles, record].flatMap((each) => each.lines) : [];
  return {
    delimiter,
    isHeader,
    at,
    count: record.cells.length,
    phones: isHeader ? numberColumns(record.cells, wanted) : phonesOf(record, numbers),
    isNamed: wanted !== undefined,
    skipped: new Set([...lines.slice(0, from), ...dropped].map((line) => line.number)),
    occurrences: lines.reduce((sum, { text }) => sum + text.split(delimiter).length, 0),
  };
}

interface Wanted {
  readonly headerRow: number | undefined;
  readonly wanted: string | undefined;
  readonly numbers: NumbersIn;
}

function byWhatSpeaksForIt(a: Way, b: Way): number {
  return (
    b.count - a.count ||
    Number(b.isHeader) - Number(a.isHeader) ||
    a.at - b.at ||
    b.occurrences - a.occurrences
  );
}

/** The first record that has a number; -1 without one. */
function bareAmong(
  records: readonly LooseRecord[],
  numbers: NumbersIn,
  mayBeBesideWords: boolean,
): number {
  const sure = records.findIndex((record) => isSure(record, numbers) || isBare(record));
  if (sure !== -1 || !mayBeBesideWords) return sure;
  return records.findIndex(({ cells }) => cells.some((cell) => holdsNumber(cell, numbers)));
}

/** Whether somebody's number is in it, whatever the columns are. */
function isSure({ cells }: LooseRecord, numbers: NumbersIn): boolean {
  return cells.some((cell) => hasPlus(cell, numbers) || numbers.asWhole(cell) !== undefined);
}

function isBare({ lines }: LooseRecord): boolean {
  const text = lines[0]?.text ?? '';
  return BARE.test(text) && (text.match(/\p{Nd}/gu)?.length ?? 0) >= LEAST_BARE_DIGITS;
}

/** Of a row without a header: the cells with a plus, or else all with a number, or else the first. */
function phonesOf({ cells }: LooseRecord, numbers: NumbersIn): number[] {
  const indexes = [...cells.keys()];
  const plus = indexes.filter((at) => hasPlus(cells[at] ?? '', numbers));
  if (plus.length > 0) return plus;
  const some = indexes.filter((at) => holdsNumber(cells[at] ?? '', numbers));
  return some.length > 0 ? some : [0];
}

function hasPlus(cell: string, numbers: NumbersIn): boolean {
  const found = new Set<string>();
  numbers.withPlus(cell, found);
  return found.size > 0;
}

function holdsNumber(cell: string, numbers: NumbersIn): boolean {
  const found = new Set<string>();
  numbers.ofNumberCell(cell, found);
  return found.size > 0;
}

/** The first row may hold anybody's data: what has digits in it is not repeated. */
function explain(
  lines: readonly Line[],
  { from, delimiters }: { from: number; delimiters: readonly string[] },
  { phoneColumn, headerRow }: LayoutChoice,
): string {
  const where = headerRow === undefined ? 'header' : `line ${headerRow}`;
  const ways = delimiters.map((each) => new LooseRecords(each).take(lines.slice(from), true)[0]);
  const cells = ways.reduce<readonly string[]>(
    (most, way) => (way !== undefined && way.cells.length > most.length ? way.cells : most),
    [],
  );
  const names = cells.map((cell) => cell.trim()).filter((cell) => !/\p{Nd}{4}/u.test(cell));
  const some = names.slice(0, 20).map((cell) => JSON.stringify(cell.slice(0, 64)));
  const got = some.length > 0 ? some.join(', ') : 'none with a name';
  if (phoneColumn === undefined) {
    return `${where}: expected a column phone, to or mobile, got ${got}; name it with --phone-column`;
  }
  return `${where}: expected a column ${JSON.stringify(phoneColumn)}, got ${got}`;
}
