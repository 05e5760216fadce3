/**
 * The numbers of another list, which a campaign is to leave out, exact as the campaign's own duplicates. What could not
 * be read of it is its own, not the campaign's, and told.
 */
import { NumberSet } from '../list/number-set.ts';
import type { InvalidSample, ListSource } from '../list/options.ts';
import { type NumberListOptions, NumberReading, refuseForms } from './read-numbers.ts';

/** How many rows are kept to be shown. */
const SAMPLES = 3;

/** The numbers of a list, each once. */
export interface ExcludedNumbers {
  readonly size: number;
  /** @param number in E.164 */
  has(number: string): boolean;
}

/** What was found in a list whose numbers are left out. */
export interface Excluded {
  readonly numbers: ExcludedNumbers;
  readonly rows: number;
  /** Rows without a usable number: they leave nobody out. */
  readonly invalid: number;
  /** Rows with a number, of which not everything could be read. */
  readonly partly: number;
  /** The first few of both. */
  readonly firstInvalid: readonly InvalidSample[];
  /** Hex SHA-256 of the list. */
  readonly sha256: string;
}

/** @throws VolleyError `bad_input` for a list that cannot be read, or whose numbers look like another country's */
export async function readExcluded(
  source: ListSource,
  { country, international, phoneColumn, signal }: NumberListOptions,
): Promise<Excluded> {
  const reading = new NumberReading(source, { country, international, phoneColumn, signal });
  const numbers = new NumberSet();
  const firstInvalid: InvalidSample[] = [];
  for await (const { numbers: some, told } of reading) {
    for (const number of some) numbers.add(number);
    const samples = told.slice(0, SAMPLES - firstInvalid.length);
    for (const { line, reason, detail } of samples) firstInvalid.push({ line, reason, detail });
  }
  const verdict = reading.verdict();
  if (verdict !== undefined) refuseForms(reading.name, verdict);
  const { rows, invalid, partly } = reading.totals;
  return { numbers, rows, invalid, partly, firstInvalid, sha256: reading.digest() };
}
