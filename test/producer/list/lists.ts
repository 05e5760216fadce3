/** Reads small lists for the tests of the producer. */

import type { ListTotals, ReadPacksOptions } from '../../../src/producer/list/read-packs.ts';
import { type InvalidRow, type Pack, readPacks } from '../../../src/producer/list/read-packs.ts';

export interface WholeList {
  readonly packs: Pack[];
  /** `number:value,value` of each recipient, in order of the packs. */
  readonly recipients: string[];
  readonly invalid: InvalidRow[];
  readonly totals: Readonly<ListTotals>;
  readonly params: readonly string[];
  readonly sha256: string;
}

/** Bytes in pieces of the given sizes, one after the other and round again. */
export async function* inPieces(
  text: string | Buffer,
  sizes: readonly number[] = [65_536],
): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  let start = 0;
  for (let turn = 0; start < bytes.length; turn++) {
    const end = start + (sizes[turn % sizes.length] ?? 1);
    yield bytes.subarray(start, end);
    start = end;
  }
}

/** Reads a list to its end: text as standard input would give it, or any other source. */
export async function readWhole(
  source: string | Buffer | Parameters<typeof readPacks>[0],
  options: ReadPacksOptions = {},
): Promise<WholeList> {
  const invalid: InvalidRow[] = [];
  const given =
    typeof source === 'string' || Buffer.isBuffer(source)
      ? { bytes: inPieces(source), name: 'list' }
      : source;
  const reading = readPacks(given, { onInvalid: (rows) => void invalid.push(...rows), ...options });
  const packs: Pack[] = [];
  for await (const some of reading) packs.push(...some);
  const recipients = packs
    .flat()
    .flatMap(([numbers, values]) => numbers.map((to) => `${to}:${values.join()}`));
  const { totals, params, sha256 } = reading;
  return { packs, recipients, invalid, totals, params, sha256 };
}
