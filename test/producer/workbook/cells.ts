/** Reads the cells of small workbooks, as the reader of lists hands them on. */
import type { ReadPacksOptions } from '../../../src/producer/list/read-packs.ts';
import { openList } from '../../../src/producer/list/source.ts';
import { sheetOf, type WrittenBook, type WrittenCell } from '../../support/workbook.ts';
import { inPieces } from '../list/lists.ts';

export async function cellsOf(bytes: Buffer, options: ReadPacksOptions = {}, sizes?: number[]) {
  const list = openList(
    { name: 'book', bytes: inPieces(bytes, sizes) },
    { params: 'all', ...options },
  );
  const rows: string[][] = [];
  const lines: number[] = [];
  let blank = 0;
  for await (const chunk of list.chunks) {
    rows.push(...chunk.rows.map(({ to, values }) => [to, ...values]));
    lines.push(...chunk.rows.map((_row, index) => chunk.lineOf(index)));
    blank += chunk.blank;
  }
  return { rows, lines, blank, digest: list.digest(), bytes: list.bytesRead() };
}

/** What the cells of one column read as. */
export async function texts(
  cells: readonly WrittenCell[],
  options: Omit<WrittenBook, 'sheets'> = {},
) {
  const rows = cells.map((cell) => ['+6591234567', cell]);
  const { rows: read } = await cellsOf(await sheetOf([['phone', 'v'], ...rows], options));
  return read.map(([, text]) => text);
}
