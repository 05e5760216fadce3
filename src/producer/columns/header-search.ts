/**
 * Looks for the header below a first line that is none: a title, an export's notes. For an error only: which line it
 * is, the user says.
 */
import { cleanName, looksLikeNumber } from './names.ts';

/** How many lines of a list are looked at. */
export const LOOKED_AT = 20;

/** A line of a list, taken apart. */
export interface SeenLine {
  /** Counted from 1, as editors and spreadsheets show it. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface LikelyHeader extends SeenLine {
  /** Whether it names a column with the number; else it only has more cells than the first, and none is a number. */
  readonly isSure: boolean;
}

/** @param first the cells of the line that ought to be the header */
export function likelyHeader(
  first: readonly string[],
  below: readonly SeenLine[],
  hasPhoneColumn: (cells: readonly string[]) => boolean,
): LikelyHeader | undefined {
  const named = below.slice(0, LOOKED_AT).filter(({ cells }) => !cells.some(looksLikeNumber));
  const sure = named.find(({ cells }) => hasPhoneColumn(cells));
  if (sure) return { ...sure, isSure: true };
  const wider = named.find(({ cells }) => filled(cells) > filled(first));
  return wider && { ...wider, isSure: false };
}

function filled(cells: readonly string[]): number {
  return cells.filter((cell) => cleanName(cell) !== '').length;
}
