/**
 * Makes a row of the cells of a record. What is empty in every cell is no row; cells beyond the header count only
 * where there is something in them, and missing ones are empty. `plain-csv.ts` does the same without making strings
 * of all cells; a test holds both to the same verdicts.
 */

import type { Row } from '../rows/row.ts';
import { isEmpty } from '../rows/values.ts';
import type { Columns } from './csv-header.ts';

/** @returns undefined where it is no row */
export function rowOf(record: readonly string[], columns: Columns): Row | undefined {
  // Most often the first cell tells.
  if (isEmpty(record[0] ?? '') && record.every(isEmpty)) return undefined;
  if (record.length > columns.count) {
    const last = record.findLastIndex((cell) => !isEmpty(cell));
    if (last >= columns.count) return wrongCells(columns, last + 1);
  }
  const values: string[] = [];
  for (const index of columns.picked) values.push(record[index] ?? '');
  return { to: record[columns.phone] ?? '', values, fault: undefined };
}

/** A row that has something in a cell that no column stands over. @param count cells up to the last such one */
export function wrongCells(columns: Columns, count: number): Row {
  const detail = `expected ${columns.count} cells, got ${count}`;
  return { to: '', values: [], fault: { reason: 'wrong_cells', detail } };
}
