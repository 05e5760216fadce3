/**
 * From the cells of a header: which column is the number, and which become params. Params are chosen, never guessed: a
 * stray column must neither leave the house nor turn one text for all into one for each. It knows no delimiter and
 * reads no row, so that a workbook's header is chosen from by the same rules as a CSV's.
 */
import { likelyHeader, type SeenLine } from './header-search.ts';
import {
  cleanName,
  columnsNamed,
  either,
  indexesOf,
  isShowable,
  list,
  looksLikeNumber,
  offer,
  offerParams,
  positions,
  quote,
  refuse,
} from './names.ts';
import { checkNames } from './param-names.ts';
import { phoneCandidates, resemblesPhone } from './phone-columns.ts';

export interface ColumnChoice {
  readonly params: readonly string[] | 'all' | undefined;
  readonly constants: readonly string[];
  readonly phoneColumn: string | undefined;
  /** The column of a param, by the param's name. */
  readonly columns?: Readonly<Record<string, string>> | undefined;
  /** The line of the header, counted from 1. */
  readonly headerRow?: number | undefined;
}

/** Which columns of a CSV, or of a workbook's sheet, are what. */
export interface ListColumns {
  /** The column with the number. */
  readonly number: string;
  /** Columns that are not sent. */
  readonly unused: readonly string[];
  /** Of a workbook: the name of the sheet that is read. */
  readonly sheet?: string;
  /** Of a workbook, where no sheet was chosen: further ones with something in them. Default: none. */
  readonly otherSheets?: readonly string[];
}

export interface ChosenColumns {
  /** How many cells the header has. */
  readonly count: number;
  /** Index of the number's cell. */
  readonly phone: number;
  /** Indexes of the cells that are sent, and the params' names, in the same order. */
  readonly picked: readonly number[];
  readonly names: readonly string[];
  /** What the columns are called, for whoever looks before sending. */
  readonly roles: ListColumns;
}

/** A header, and what its errors call it. */
interface Header {
  readonly columns: readonly string[];
  readonly where: string;
  readonly choice: ColumnChoice;
}

/** A param and the index of its column. */
type Picked = readonly [name: string, index: number];

/**
 * @param cells the names as they are written
 * @param where what errors call the header, as in `list.csv, header`
 * @param below lines that follow it, for the error where it is none: one of them may be the header
 * @throws VolleyError `bad_input` for a header that does not say these things, or says a chosen one twice
 */
export function columnsFrom(
  cells: readonly string[],
  where: string,
  choice: ColumnChoice,
  below: readonly SeenLine[] = [],
): ChosenColumns {
  const columns = cells.map(cleanName);
  const header = { columns, where, choice };
  const phone = phoneColumnOf(header, below);
  const pairs = pickParams(header, phone);
  const picked = pairs.map(([, index]) => index);
  const names = pairs.map(([name]) => name);
  checkNames(names, choice.constants);
  // A list may have tens of thousands of columns: nothing here looks through all of them for each.
  const sent = new Set(picked);
  const unused = columns.filter(
    (column, index) => column !== '' && index !== phone && !sent.has(index),
  );
  const roles = { number: columns[phone] ?? '', unused };
  return { count: columns.length, phone, picked, names, roles };
}

/** Whether a line of a list names a column with the number. */
export function hasPhoneColumn(cells: readonly string[], { phoneColumn }: ColumnChoice): boolean {
  return phoneCandidates(cells.map(cleanName), phoneColumn).length > 0;
}

function phoneColumnOf(header: Header, below: readonly SeenLine[]): number {
  const { columns, where, choice } = header;
  const found = phoneCandidates(columns, choice.phoneColumn);
  const [phone] = found;
  if (phone === undefined) return refuseWithoutPhone(header, below);
  if (found.length === 1) return phone;
  const names = [...new Set(found.map((index) => columns[index] ?? ''))];
  if (names.length === 1) {
    const twice = `${quote(names[0] ?? '')} as ${positions(found)}`;
    refuse(where, `expected one column with the number, got ${twice}; give them different names`);
  }
  const offers = either(names.filter(isShowable).map((name) => offer('--phone-column', name)));
  const both = names.map(quote).join(' and ');
  refuse(where, `expected one column with the number, got ${both}; choose with ${offers}`);
}

function refuseWithoutPhone(header: Header, below: readonly SeenLine[]): never {
  const { columns, where, choice } = header;
  const wanted = choice.phoneColumn;
  const what = wanted === undefined ? 'phone, to or mobile' : quote(wanted);
  const likely = likelyHeader(columns, below, (cells) => hasPhoneColumn(cells, choice));
  // The first row may hold anybody's data: it is not repeated.
  if (columns.some(looksLikeNumber) && !likely?.isSure) {
    refuse(where, 'expected a first line with the names of the columns, got a phone number');
  }
  const named = [...new Set(columns.filter((column) => column !== ''))];
  const expected = `expected a column ${what}, got ${list(named)}`;
  if (likely) {
    const row = offer('--header-row', String(likely.line));
    const seems = likely.isSure ? 'looks like the header' : 'may be the header';
    refuse(where, `${expected}; line ${likely.line} ${seems}, ${list(likely.cells)}: ${row}`);
  }
  const shown = named.filter(isShowable);
  const alike = shown.filter(resemblesPhone);
  const offered = (alike.length > 0 ? alike : shown).slice(0, 4);
  const offers = either(offered.map((name) => offer('--phone-column', name)));
  refuse(where, offers === '' ? expected : `${expected}; name it with ${offers}`);
}

function pickParams(header: Header, phone: number): Picked[] {
  const { columns, where, choice } = header;
  const mapped = Object.entries(choice.columns ?? {}).map(
    ([name, column]): Picked => [name, columnOf(header, name, column, '--column')],
  );
  if (choice.params === 'all') return pickAll(header, phone, mapped);
  if (choice.params !== undefined) {
    const { params } = choice;
    const named = params.map(
      (name): Picked =>
        mapped.find(([each]) => each === name) ?? [name, columnOf(header, name, name, '--params')],
    );
    return [...named, ...mapped.filter(([name]) => !params.includes(name))];
  }
  if (mapped.length > 0 || choice.constants.length > 0) return mapped;
  const others = new Set(columns.filter((column, index) => column !== '' && index !== phone));
  const offered = [...others].filter(
    (column) => isShowable(column) && columnsNamed(column, columns).length === 1,
  );
  if (others.size === 0) return [];
  const names = [...others].map(plainly).join(', ');
  const all = offered.length === others.size ? ' or --params all' : '';
  refuse(
    where,
    `expected a choice of params, for there are further columns: ${names}. ` +
      `Add ${offerParams(offered)} (or those to send)${all} or --param NAME=VALUE`,
  );
}

/** Columns without a name behind all others are a spreadsheet's; between others, one was forgotten. */
function pickAll({ columns, where }: Header, phone: number, mapped: readonly Picked[]): Picked[] {
  const end = columns.findLastIndex((column) => column !== '') + 1;
  const renamed = Map.groupBy(mapped, ([, index]) => index);
  const picked: Picked[] = [];
  for (const [index, column] of columns.slice(0, end).entries()) {
    const others = renamed.get(index);
    if (others !== undefined) picked.push(...others);
    else if (index !== phone) picked.push([column, index]);
  }
  const nameless = picked.find(([name]) => name === '');
  const alike = Map.groupBy(picked, ([name]) => name);
  const twin = picked.find((each) => alike.get(each[0])?.[0] !== each);
  if (nameless === undefined && twin === undefined) return picked;
  const once = picked.filter(([name]) => name !== '' && alike.get(name)?.length === 1);
  const names = once.map(([name]) => name).filter(isShowable);
  const instead = `or choose with ${offerParams(names)}`;
  if (nameless !== undefined) {
    const why = `got none for column ${nameless[1] + 1}`;
    refuse(where, `expected a name for each column, ${why}; name it in the list, ${instead}`);
  }
  const [name = ''] = twin ?? [];
  const at = alike.get(name)?.map(([, index]) => index) ?? [];
  const twice = `got ${quote(name)} twice, as ${positions(at)}`;
  refuse(where, `expected each param once, ${twice}; give them different names, ${instead}`);
}

/** The column that a param is to come from. @param option where it was named */
function columnOf({ columns, where }: Header, param: string, name: string, option: string): number {
  const found = columnsNamed(name, columns);
  const [index] = found;
  const wanted = `the param ${quote(param)}`;
  if (index === undefined) {
    // What stands before the first = would be the name.
    const alike = option === '--params' && !param.includes('=') ? columnsAlike(name, columns) : [];
    const offers = either(alike.map((column) => offer('--column', `${param}=${column}`)));
    const way = offers === '' ? '' : `; give it one with ${offers}`;
    const what = param === name ? wanted : `${wanted}, called ${quote(name)}`;
    refuse(where, `expected a column for ${what}, got ${list(columns)}${way}`);
  }
  if (found.length === 1) return index;
  const names = [...new Set(found.map((each) => columns[each] ?? ''))];
  if (names.length === 1) {
    const twice = `${quote(names[0] ?? '')} twice, as ${positions(found)}`;
    refuse(where, `expected one column for ${wanted}, got ${twice}; give them different names`);
  }
  const offers = either(names.map((each) => offer('--column', `${param}=${each}`)));
  const both = names.map(quote).join(' and ');
  refuse(where, `expected one column for ${wanted}, got ${both}; choose with ${offers}`);
}

/** Those whose name has the wanted one in it, as `First Name` has `name`; of other cases, too. */
function columnsAlike(name: string, columns: readonly string[]): string[] {
  const wanted = cleanName(name).toLowerCase();
  if (wanted === '') return [];
  const alike = indexesOf(columns, (column) => column.toLowerCase().includes(wanted));
  const names = alike.map((index) => columns[index] ?? '');
  return names
    .filter((column) => isShowable(column) && columnsNamed(column, columns).length === 1)
    .slice(0, 3);
}

/** A name without what would make it look like several, or like another. */
function plainly(name: string): string {
  return /^[\p{L}\p{M}\p{N} ._-]+$/u.test(name) && isShowable(name) ? name : quote(name);
}
