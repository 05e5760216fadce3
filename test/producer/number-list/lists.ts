/** Reads small lists of numbers for the tests of this room. */
import type { ListFormat } from '../../../src/producer/list/options.ts';
import type { NationalVerdict } from '../../../src/producer/number-list/national-forms.ts';
import {
  type NumberListOptions,
  type NumberListTotals,
  NumberReading,
} from '../../../src/producer/number-list/read-numbers.ts';
import type { InvalidRow } from '../../../src/producer/rows/row.ts';
import { inPieces } from '../list/lists.ts';

export interface WholeNumbers {
  readonly numbers: string[];
  readonly told: InvalidRow[];
  readonly totals: NumberListTotals;
  readonly verdict: NationalVerdict | undefined;
}

export interface ReadOptions extends NumberListOptions {
  readonly format?: ListFormat;
  /** Sizes of the pieces that the bytes come in. */
  readonly sizes?: readonly number[];
}

/** Reads a list to its end, as `suppress import` does. */
export async function readNumbers(
  text: string | Buffer,
  { format, sizes, ...options }: ReadOptions = {},
): Promise<WholeNumbers> {
  const source = { bytes: inPieces(text, sizes), name: 'list', format };
  const reading = new NumberReading(source, { mustHavePhoneColumn: true, ...options });
  const numbers: string[] = [];
  const told: InvalidRow[] = [];
  for await (const chunk of reading) {
    for (const number of chunk.numbers) numbers.push(number);
    told.push(...chunk.told);
  }
  return { numbers, told, totals: reading.totals, verdict: reading.verdict() };
}
