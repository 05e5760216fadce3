/**
 * A list of which only the numbers count → its numbers, and the rows that somebody has to look at. A row that names a
 * number never drops out for what else it holds. Where its own column has none, or cells have shifted, the others are
 * looked at: whoever asked not to be texted must not be texted for a comma too many.
 */
import { VolleyError } from '../../shared/errors.ts';
import { Breather } from '../list/breather.ts';
import type { ListOptions, ListSource } from '../list/options.ts';
import { type OpenList, openList } from '../list/source.ts';
import type { InvalidRow, LooseCells, Row, RowChunk, RowFault } from '../rows/row.ts';
import { looseReader } from './loose-reader.ts';
import { ListForms, type NationalVerdict } from './national-forms.ts';
import { NumbersIn } from './numbers-in.ts';

const ROWS_A_LOOK = 128;
const PLUS = /[+＋]/u;

export interface NumberListOptions
  extends Pick<
    ListOptions,
    'country' | 'international' | 'phoneColumn' | 'headerRow' | 'sheet' | 'encoding' | 'signal'
  > {
  /** Whether a list without the column `phoneColumn` is refused. Default: false, its own is looked for. */
  readonly mustHavePhoneColumn?: boolean | undefined;
}

/** `rows` are those with a number and the invalid ones. */
export interface NumberListTotals {
  rows: number;
  /** Rows without a number that could be read. */
  invalid: number;
  /** Of the rows with a number, those in which something else could not be read, or was guessed. */
  partly: number;
  /** Rows that are empty in every cell: no rows, and counted nowhere else. */
  blank: number;
  /** Numbers found, each once a row. */
  numbers: number;
  /** Of these, those that did not stand in the number's column. */
  elsewhere: number;
}

/** What some rows that follow one another came to. */
export interface NumberChunk {
  readonly numbers: readonly string[];
  /** Rows that were invalid, or read only in part. */
  readonly told: readonly InvalidRow[];
}

/** One reading of a list: iterated once. */
export class NumberReading {
  readonly totals: NumberListTotals = {
    ...{ rows: 0, invalid: 0, partly: 0, blank: 0, numbers: 0, elsewhere: 0 },
  };
  readonly #list: OpenList;
  readonly #numbers: NumbersIn;
  readonly #forms: ListForms | undefined;
  readonly #signal: AbortSignal | undefined;

  /** @throws VolleyError `bad_input` for a country that does not exist */
  constructor(source: ListSource, options: NumberListOptions) {
    const { country, international, phoneColumn, headerRow, signal } = options;
    this.#numbers = new NumbersIn(country);
    this.#signal = signal;
    // With either, somebody has said what digits without + are.
    this.#forms = country === undefined && international !== true ? new ListForms() : undefined;
    const { mustHavePhoneColumn, sheet, encoding } = options;
    const loose = looseReader(this.#numbers, { phoneColumn, mustHavePhoneColumn, headerRow });
    const read = { params: [], country, phoneColumn, headerRow, sheet, encoding, signal, loose };
    this.#list = openList(source, read);
  }

  get name(): string {
    return this.#list.name;
  }

  bytesRead(): number {
    return this.#list.bytesRead();
  }

  /** Hex SHA-256 of the list; to be asked for once, at the end. */
  digest(): string {
    return this.#list.digest();
  }

  /** At the end: whether digits without `+` look like another country's than they were read as. */
  verdict(): NationalVerdict | undefined {
    return this.#forms?.verdict();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<NumberChunk> {
    const breather = new Breather();
    for await (const chunk of this.#list.chunks) {
      this.#signal?.throwIfAborted();
      const numbers: string[] = [];
      const told: InvalidRow[] = [];
      let invalid = 0;
      let elsewhere = 0;
      for (let index = 0; index < chunk.rows.length; index++) {
        if (index % ROWS_A_LOOK === 0) await breather.give();
        const only = this.#readOnly(chunk.rows[index]);
        if (only !== undefined) {
          numbers.push(only);
          continue;
        }
        const found = this.#readRow(chunk, index);
        for (const number of found.numbers) numbers.push(number);
        elsewhere += found.elsewhere;
        if (found.fault !== undefined) {
          if (found.numbers.size === 0) invalid += 1;
          told.push({ line: chunk.lineOf(index), ...found.fault, raw: chunk.rawOf(index) });
        }
      }
      this.totals.rows += chunk.rows.length;
      this.totals.blank += chunk.blank;
      this.totals.invalid += invalid;
      this.totals.partly += told.length - invalid;
      this.totals.numbers += numbers.length;
      this.totals.elsewhere += elsewhere;
      yield { numbers, told };
    }
  }

  /** The number of a row that has one cell for it, and nothing else that matters: nearly every row. */
  #readOnly(row: Row | undefined): string | undefined {
    if (row === undefined || row.to === '' || !('cells' in row)) return undefined;
    const number = this.#numbers.asOne(row.to);
    if (number !== undefined) this.#askForms(row.to, []);
    return number;
  }

  #readRow(
    chunk: RowChunk,
    index: number,
  ): { numbers: ReadonlySet<string>; elsewhere: number; fault: RowFault | undefined } {
    const row = chunk.rows[index];
    const cells = row?.cells ?? cellsOf(chunk, index);
    const numbers = new Set<string>();
    let unread: string | undefined;
    for (const cell of cells.numbers) {
      const before = numbers.size;
      if (this.#numbers.ofNumberCell(cell, numbers)) unread ??= cell;
      if (this.#forms !== undefined) this.#askForms(cell, [...numbers].slice(before));
    }
    const inColumn = numbers.size;
    if (!cells.isNamed || inColumn === 0) {
      for (const cell of cells.others) this.#numbers.withPlus(cell, numbers);
    }
    for (const cell of cells.stray) {
      this.#numbers.withPlus(cell, numbers);
      const whole = this.#numbers.asWhole(cell);
      if (whole !== undefined) numbers.add(whole);
    }
    const sure = numbers.size;
    if (sure === 0) this.#guess(cells, numbers);
    const fault = this.#faultOf(row?.fault, cells, { numbers, sure, unread });
    return { numbers, elsewhere: numbers.size - inColumn, fault };
  }

  /** Nothing says that it is a number, and yet it may be the only one that the row has. */
  #guess({ others }: LooseCells, numbers: Set<string>): void {
    for (const cell of others) {
      const whole = this.#numbers.asWhole(cell);
      if (whole !== undefined) numbers.add(whole);
    }
  }

  #faultOf(
    fault: RowFault | undefined,
    cells: LooseCells,
    { numbers, sure, unread }: { numbers: Set<string>; sure: number; unread: string | undefined },
  ): RowFault | undefined {
    if (numbers.size === 0) {
      if (fault !== undefined) return fault;
      return { reason: 'bad_number', detail: this.#numbers.explain(cells.numbers.join(' ')) };
    }
    const reason = 'part_unread';
    if (fault !== undefined) return { reason, detail: fault.detail };
    if (unread !== undefined) {
      const detail = `a number was taken, and not all of the cell: ${this.#numbers.explain(unread)}`;
      return { reason, detail };
    }
    if (sure > 0) return undefined;
    return { reason, detail: 'no number in its column; what looks like one in another was taken' };
  }

  #askForms(cell: string, found: readonly string[]): void {
    if (this.#forms === undefined || PLUS.test(cell)) return;
    if (found.length > 1) for (const number of found) this.#forms.take(number.slice(1));
    else this.#forms.take(cell);
  }
}

/** Of a row whose reader knows columns only: the rest of it stands in its raw text. */
function cellsOf(chunk: RowChunk, index: number): LooseCells {
  const row = chunk.rows[index];
  const raw = chunk.rawOf(index).split(/[,;\t]/);
  const numbers = row === undefined || row.fault !== undefined ? [] : [row.to, ...row.values];
  return { numbers, others: raw, stray: [], isNamed: false };
}

/** For a list whose numbers are to be sent to nobody: strangers' numbers must not pass for those of its people. */
export function refuseForms(name: string, verdict: NationalVerdict): never {
  throw new VolleyError('bad_input', `${name}: ${verdict.words}; ${optionsFor(verdict)}`);
}

/** What to do about it, to be pasted into a shell. */
export function optionsFor({ country }: NationalVerdict): string {
  return `add --country ${country}, or --international if they are as they were read`;
}
