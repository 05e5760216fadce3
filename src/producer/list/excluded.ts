/**
 * The numbers of another list, which a campaign is to leave out. Read as any list, exact as the campaign's own
 * duplicates; its params mean nothing here, and its invalid rows are its own, not the campaign's.
 */
import { Breather } from './breather.ts';
import { NumberSet } from './number-set.ts';
import type { InvalidSample, ListSource, ReadPacksOptions } from './options.ts';
import { ANY_NUMBER, RecipientJudge } from './recipient.ts';
import { openList } from './source.ts';

/** How many invalid rows are kept to be shown. */
const SAMPLES = 3;
const ROWS_A_LOOK = 128;

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
  /** The first few of them. */
  readonly firstInvalid: readonly InvalidSample[];
  /** Hex SHA-256 of the list. */
  readonly sha256: string;
}

/** @throws VolleyError `bad_input` for a list that cannot be read */
export async function readExcluded(
  source: ListSource,
  {
    country,
    phoneColumn,
    encoding,
    signal,
  }: Pick<ReadPacksOptions, 'country' | 'phoneColumn' | 'encoding' | 'signal'>,
): Promise<Excluded> {
  const list = openList(
    source,
    { params: [], phoneColumn, encoding, signal },
    { isEncodingOfAnother: true },
  );
  const judge = new RecipientJudge({ country, ...ANY_NUMBER });
  const numbers = new NumberSet();
  const breather = new Breather();
  const firstInvalid: InvalidSample[] = [];
  let rows = 0;
  let invalid = 0;
  for await (const chunk of list.chunks) {
    for (const [index, row] of chunk.rows.entries()) {
      rows += 1;
      const verdict = judge.judge(row, []);
      if ('reason' in verdict) {
        invalid += 1;
        const { reason, detail } = verdict;
        if (invalid <= SAMPLES) firstInvalid.push({ line: chunk.lineOf(index), reason, detail });
      } else {
        numbers.add(verdict.to);
      }
      if (index % ROWS_A_LOOK === 0) await breather.give();
    }
    signal?.throwIfAborted();
  }
  return { numbers, rows, invalid, firstInvalid, sha256: list.digest() };
}
