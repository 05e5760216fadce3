/**
 * From the header of a CSV: which byte divides cells, which column is the number, which become params.
 * Params are chosen, never guessed: a stray column must neither leave the house nor turn one text for all
 * into one for each. Reads no rows.
 */
import { parse } from 'csv-parse/sync';
import { VolleyError } from '../../shared/errors.ts';
import { checkNames } from './param-names.ts';
import type { ListColumns, Row } from './row.ts';

const DELIMITERS = [',', ';', '\t'] as const;
export const DELIMITER_BYTES: readonly number[] = DELIMITERS.map((text) => text.charCodeAt(0));
const PHONE_COLUMNS: readonly string[] = ['phone', 'to', 'mobile'];

export interface ColumnChoice {
  readonly params: readonly string[] | 'all' | undefined;
  readonly constants: readonly string[];
  readonly phoneColumn: string | undefined;
}

export interface Columns {
  readonly delimiter: string;
  /** How many cells a row must have. */
  readonly count: number;
  /** Index of the number's cell. */
  readonly phone: number;
  /** Indexes of the cells that are sent, and the params' names, in the same order. */
  readonly picked: readonly number[];
  readonly names: readonly string[];
  /** What the columns are called, for whoever looks before sending. */
  readonly roles: ListColumns;
}

/** A row that has more or fewer cells than the header. */
export function wrongCells(columns: Columns, count: number): Row {
  const detail = `expected ${columns.count} cells, got ${count}`;
  return { to: '', values: [], fault: { reason: 'wrong_cells', detail } };
}

/** Throws `VolleyError('bad_input')` for a header that does not say these things, or says them twice. */
export function readHeader(header: Buffer, name: string, choice: ColumnChoice): Columns {
  const { delimiter, columns } = split(header, choice.phoneColumn);
  const where = `${name}, header`;
  refuseTwins(columns, where);
  const phone = phoneColumnOf(columns, where, choice.phoneColumn);
  const picked = pickColumns(columns, phone, where, choice);
  const names = picked.map((index) => columns[index] ?? '');
  checkNames(names, choice.constants);
  const unused = columns.filter((_column, index) => index !== phone && !picked.includes(index));
  const roles = { number: columns[phone] ?? '', unused };
  return { delimiter, count: columns.length, phone, picked, names, roles };
}

/** The delimiter that makes a column with the number; of several, the one that makes the most columns. */
function split(header: Buffer, phoneColumn: string | undefined) {
  const ways = DELIMITERS.map((delimiter) => {
    const [cells = []] = parse(header, { delimiter, relax_quotes: true });
    const columns = cells.map((cell) => cell.trim());
    const hasPhone = phoneCandidates(columns, phoneColumn).length > 0;
    return { delimiter, columns, rank: (hasPhone ? 1_000_000 : 0) + columns.length };
  });
  return ways.reduce((best, way) => (way.rank > best.rank ? way : best));
}

function refuseTwins(columns: readonly string[], where: string): void {
  const twin = columns.find((column, index) => column !== '' && columns.indexOf(column) < index);
  if (twin === undefined) return;
  refuse(where, `expected each column once, got ${quote(twin)} twice among ${list(columns)}`);
}

/** Indexes of the columns that may be the number's: of that name, or of a name that such columns have. */
export function phoneCandidates(columns: readonly string[], wanted: string | undefined): number[] {
  const indexes = [...columns.keys()];
  if (wanted === undefined) {
    return indexes.filter((at) => PHONE_COLUMNS.includes((columns[at] ?? '').toLowerCase()));
  }
  const exact = indexes.filter((at) => columns[at] === wanted.trim());
  if (exact.length > 0) return exact;
  return indexes.filter((at) => columns[at]?.toLowerCase() === wanted.trim().toLowerCase());
}

function phoneColumnOf(
  columns: readonly string[],
  where: string,
  wanted: string | undefined,
): number {
  const [phone, second] = phoneCandidates(columns, wanted);
  if (phone !== undefined && second === undefined) return phone;
  if (phone !== undefined) {
    const both = `${quote(columns[phone] ?? '')} and ${quote(columns[second ?? 0] ?? '')}`;
    refuse(where, `expected one column with the number, got ${both}; choose with --phone-column`);
  }
  if (wanted !== undefined) {
    refuse(where, `expected a column ${quote(wanted)}, got ${list(columns)}`);
  }
  // The first row may hold anybody's data: it is not repeated.
  const digits = columns.some((column) => /^\+?\d{6,}$/.test(column));
  if (digits) {
    refuse(where, 'expected a first line with the names of the columns, got a phone number');
  }
  const expected = 'expected a column phone, to or mobile';
  refuse(where, `${expected}, got ${list(columns)}; name it with --phone-column`);
}

function pickColumns(
  columns: readonly string[],
  phone: number,
  where: string,
  choice: ColumnChoice,
): number[] {
  const others = [...columns.keys()].filter((index) => index !== phone);
  if (choice.params === 'all') {
    const nameless = others.find((index) => columns[index] === '');
    if (nameless === undefined) return others;
    refuse(where, `expected a name for each column, got none for column ${nameless + 1}`);
  }
  if (choice.params !== undefined) {
    return choice.params.map((param) => columnOf(param, columns, where));
  }
  const named = others.filter((index) => columns[index] !== '').map((index) => columns[index]);
  if (named.length === 0 || choice.constants.length > 0) return [];
  refuse(
    where,
    `expected a choice of params, for there are further columns: ${named.join(', ')}. ` +
      `Add --params ${named.join(',')} (or those to send), --params all, or --param NAME=VALUE`,
  );
}

function columnOf(param: string, columns: readonly string[], where: string): number {
  const index = columns.indexOf(param);
  if (index !== -1) return index;
  refuse(where, `expected a column for the param ${quote(param)}, got ${list(columns)}`);
}

function refuse(where: string, why: string): never {
  throw new VolleyError('bad_input', `${where}: ${why}`);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
}

function list(columns: readonly string[]): string {
  const shown = columns.slice(0, 20).map((column) => quote(column));
  return columns.length > 20 ? `${shown.join(', ')} and more` : shown.join(', ');
}
