/**
 * Takes the header of a CSV apart: which character divides cells, by what the header looks like or by what `sep=` said.
 * Which column is what is decided in `columns/choice.ts`. Reads no rows.
 */
import { parse } from 'csv-parse/sync';
import {
  type ChosenColumns,
  type ColumnChoice,
  columnsFrom,
  hasPhoneColumn,
} from '../columns/choice.ts';
import type { SeenLine } from '../columns/header-search.ts';
import { cleanName, refuse } from '../columns/names.ts';

/** One character, or a tab as programs spell it; more of the same where a program has filled the line up to its columns. */
const SEPARATOR = /^(?:sep=(.|\\t)\1*|"sep=(.|\\t)"\2*)[ \t]*$/iu;

/** Those that are found by themselves. */
export const DELIMITERS: readonly string[] = [',', ';', '\t', '|'];

export interface Columns extends ChosenColumns {
  readonly delimiter: string;
}

/** A record that may be the header: its cells, and what divides them. */
export interface SplitRecord {
  readonly delimiter: string;
  readonly cells: readonly string[];
  readonly hasPhone: boolean;
}

/**
 * The delimiter that makes a column with the number; of several, the one that makes the most columns.
 * @param given the only one there may be
 */
export function splitRecord(
  record: Buffer,
  choice: ColumnChoice,
  given: string | undefined,
): SplitRecord {
  const delimiters = given === undefined ? DELIMITERS : [given];
  const ways = delimiters.map((delimiter) => {
    const [cells = []] = parse(record, { delimiter, relax_quotes: true });
    // A tab is a blank within a name, but a cell with one is more likely several.
    const names = cells.filter((cell) => given !== undefined || !cell.trim().includes('\t'));
    const hasPhone = hasPhoneColumn(names, choice);
    return { delimiter, cells, hasPhone, rank: (hasPhone ? 1_000_000 : 0) + cells.length };
  });
  return ways.reduce((best, way) => (way.rank > best.rank ? way : best));
}

/** @throws VolleyError `bad_input` as `columnsFrom` */
export function readHeader(
  { delimiter, cells }: SplitRecord,
  name: string,
  choice: ColumnChoice,
  below: readonly SeenLine[],
): Columns {
  return { ...columnsFrom(cells, `${name}, header`, choice, below), delimiter };
}

/** What a first line such as `sep=;` tells spreadsheets; undefined for any other. @throws VolleyError `bad_input` */
export function separatorOf(line: Buffer, where: string): string | undefined {
  const [, plain, inQuotes] = SEPARATOR.exec(line.toString('utf8')) ?? [];
  const said = plain ?? inQuotes;
  if (said === '"') {
    refuse(
      where,
      'expected sep= with the character between cells, got a quote, which is around them',
    );
  }
  return said === '\\t' ? '\t' : said;
}

/** Whether every cell is empty, whatever divides them. */
export function isEmptyRecord(record: Buffer, given: string | undefined): boolean {
  const text = record.toString('utf8').replaceAll('""', '');
  return (
    cleanName(given === undefined ? text.replace(/[,;|]/g, '') : text.replaceAll(given, '')) === ''
  );
}
