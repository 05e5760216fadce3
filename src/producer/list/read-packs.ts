/**
 * The way from a list to the packs that become jobs: read, judge, dedupe, suppress, batch, pack,
 * in chunks of rows and with back-pressure. It lays nothing into Redis, prints nothing,
 * and does not decide how many invalid rows are too many.
 */
import { VolleyError } from '../../shared/errors.ts';
import type { Message } from '../../shared/job.ts';
import { checkFallbacks } from '../columns/param-names.ts';
import { Batcher } from '../pack/batcher.ts';
import { type Pack, Packer } from '../pack/packer.ts';
import type { InvalidRow, ListColumns, RowChunk, RowFault } from '../rows/row.ts';
import { Breather } from './breather.ts';
import { NumberSet } from './number-set.ts';
import type { InvalidSample, ListSource, ListTotals, ReadPacksOptions } from './options.ts';
import { PlaceTally } from './place-tally.ts';
import { addNoticed, type Noticed, type Recipient, RecipientJudge } from './recipient.ts';
import { type OpenList, openList } from './source.ts';
import { noTotals } from './totals.ts';

export { fileSize, hashFile } from '../bytes/list-bytes.ts';
export type { Pack } from '../pack/packer.ts';
export type * from '../rows/row.ts';
export type { Placeholder } from '../rows/values.ts';
export type * from './options.ts';

/** How many invalid rows of each reason are kept to be shown. */
const SAMPLES = 3;
/** How often to look at the clock: the library takes up to 20 µs for a number, more until it is warm. */
const ROWS_A_LOOK = 128;

/** One reading of a list: iterated once, it yields packs, several at a time, never none. */
export interface PackReading extends AsyncIterable<Pack[]> {
  /** Live: counted on while reading goes on. */
  readonly totals: Readonly<ListTotals>;
  /** Names of the params of every message; known from the first packs on, and an error before. */
  readonly params: readonly string[];
  /** Which columns a CSV has; known from the first packs on. */
  readonly columns: ListColumns | undefined;
  /** Hex SHA-256 of the list's bytes (for rows, of their canonical JSON lines); known at the end. */
  readonly sha256: string;
}

/**
 * Throws `VolleyError('bad_input')`, at once or on iteration, for options or a list that cannot be used as
 * a whole: no such file, not UTF-8, no phone column, no rows, an unclosed quote and the like.
 */
export function readPacks(source: ListSource, options: ReadPacksOptions = {}): PackReading {
  return new Reading(source, options);
}

/** A chunk whose rows are judged, and its recipients asked about. */
interface AskedChunk {
  chunk: RowChunk;
  invalid: readonly InvalidRow[];
  /** Rows that are neither invalid nor duplicates. */
  fresh: number;
  kept: Promise<readonly Recipient[]>;
  noticed: Noticed;
}

class Reading implements PackReading {
  readonly totals: ListTotals = noTotals();
  columns: ListColumns | undefined;
  readonly #list: OpenList;
  readonly #options: ReadPacksOptions;
  readonly #judge: RecipientJudge;
  readonly #seen = new NumberSet();
  readonly #tally = new PlaceTally(this.totals.places);
  readonly #batcher: Batcher;
  readonly #packer = new Packer();
  readonly #breather = new Breather();
  #names: readonly string[] | undefined;
  /** Names that the rows themselves have given. */
  #known: readonly string[] = [];
  #sha256: string | undefined;

  constructor(source: ListSource, options: ReadPacksOptions) {
    checkWhole('batch size', options.batchSize);
    checkWhole('canary', options.canary);
    checkWhole('header row', options.headerRow);
    this.#options = options;
    this.#judge = new RecipientJudge(options);
    this.#batcher = new Batcher(options);
    this.#list = openList(source, options);
  }

  get params(): readonly string[] {
    if (this.#names === undefined) throw new Error('no row has been read yet');
    return this.#names;
  }

  get sha256(): string {
    if (this.#sha256 === undefined) throw new Error('the list has not been read to its end');
    return this.#sha256;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Pack[]> {
    const { signal } = this.#options;
    signal?.throwIfAborted();
    // While Redis is asked about the numbers of one chunk, the next is read.
    let asked: AskedChunk | undefined;
    try {
      for await (const chunk of this.#list.chunks) {
        const next = await this.#ask(chunk);
        const before = asked;
        asked = undefined;
        const packs = await this.#take(before);
        asked = next;
        if (packs.length > 0) yield packs;
        await this.#breather.give();
        signal?.throwIfAborted();
      }
    } catch (error) {
      // What was read before is counted and told all the same.
      await this.#take(asked).catch(() => []);
      throw error;
    }
    const packs = await this.#take(asked);
    if (packs.length > 0) yield packs;
    if (this.totals.rows === 0) {
      throw new VolleyError('bad_input', `${this.#list.name}: expected rows, got none`);
    }
    checkFallbacks(this.#options.fallbacks, this.#known);
    this.totals.national = this.#judge.nationalFit();
    const last = this.#flush();
    this.#sha256 = this.#list.digest();
    if (last.length > 0) yield last;
  }

  async #ask(chunk: RowChunk): Promise<AskedChunk> {
    // Not only once: where all are taken, they are known from the first row that is of the form.
    this.#names = [...chunk.names, ...Object.keys(this.#options.constants ?? {})];
    this.columns = chunk.columns;
    const { names, unseen } = chunk;
    this.#known = unseen ? names.filter((name) => !unseen.includes(name)) : names;
    // Without columns, a first row may have to name them.
    if (chunk.columns || names.length > 0) checkFallbacks(this.#options.fallbacks, names);
    const fresh: Recipient[] = [];
    const invalid: InvalidRow[] = [];
    for (const [index, row] of chunk.rows.entries()) {
      const verdict = this.#judge.judge(row, chunk.names);
      if ('reason' in verdict) invalid.push(invalidRow(chunk, index, verdict));
      else if (this.#seen.add(verdict.to)) fresh.push(verdict);
      if (index % ROWS_A_LOOK === 0) await this.#breather.give();
    }
    const kept = this.#notSuppressed(fresh);
    // It may fail before it is waited for.
    kept.catch(() => {});
    return { chunk, invalid, fresh: fresh.length, kept, noticed: this.#judge.takeNoticed() };
  }

  async #take(asked: AskedChunk | undefined): Promise<Pack[]> {
    if (asked === undefined) return [];
    const { chunk, invalid, fresh } = asked;
    const recipients = await asked.kept;
    if (invalid.length > 0) await this.#options.onInvalid?.(invalid);
    this.#count(chunk, invalid, fresh, recipients);
    addNoticed(this.totals, asked.noticed);
    this.#options.onRecipients?.(recipients);
    const { canary } = this.#options;
    const before = this.totals.recipients - recipients.length;
    if (canary === undefined || before > canary || canary >= this.totals.recipients) {
      return this.#pack(recipients);
    }
    const packs = [...this.#pack(recipients.slice(0, canary - before)), ...this.#flush()];
    this.totals.canaryJobs = this.totals.jobs;
    packs.push(...this.#pack(recipients.slice(canary - before)));
    return packs;
  }

  async #notSuppressed(fresh: readonly Recipient[]): Promise<readonly Recipient[]> {
    const { findSuppressed, excluded } = this.#options;
    const left = excluded === undefined ? fresh : fresh.filter(({ to }) => !excluded.has(to));
    this.totals.excluded += fresh.length - left.length;
    if (findSuppressed === undefined || left.length === 0) return left;
    const suppressed = await findSuppressed(left.map(({ to }) => to));
    return left.filter((_recipient, index) => suppressed[index] !== true);
  }

  /** All at once, so that the totals are balanced whenever somebody looks. */
  #count(
    chunk: RowChunk,
    invalid: readonly InvalidRow[],
    fresh: number,
    recipients: readonly Recipient[],
  ): void {
    const { totals } = this;
    const kept = recipients.length;
    this.#tally.add(recipients);
    totals.withoutPlus = this.#judge.withoutPlus;
    totals.rows += chunk.rows.length;
    totals.blank += chunk.blank;
    totals.invalid += invalid.length;
    totals.duplicate += chunk.rows.length - invalid.length - fresh;
    totals.suppressed += fresh - kept;
    totals.recipients += kept;
    totals.bytes = this.#list.bytesRead();
    for (const { line, reason, detail } of invalid) {
      const count = (totals.reasons[reason] ?? 0) + 1;
      totals.reasons[reason] = count;
      const sample: InvalidSample = { line, reason, detail };
      if (count <= SAMPLES) totals.firstInvalid.push(sample);
    }
  }

  #pack(recipients: readonly Recipient[]): Pack[] {
    const messages: Message[] = [];
    for (const { to, values } of recipients) this.#batcher.add(to, values, messages);
    const packs: Pack[] = [];
    for (const message of messages) this.#packer.add(message, packs);
    return this.#counted(packs);
  }

  #flush(): Pack[] {
    const messages: Message[] = [];
    this.#batcher.flush(messages);
    const packs: Pack[] = [];
    for (const message of messages) this.#packer.add(message, packs);
    this.#packer.flush(packs);
    return this.#counted(packs);
  }

  #counted(packs: Pack[]): Pack[] {
    this.totals.jobs += packs.length;
    for (const pack of packs) this.totals.messages += pack.length;
    return packs;
  }
}

function invalidRow(chunk: RowChunk, index: number, { reason, detail }: RowFault): InvalidRow {
  return { line: chunk.lineOf(index), reason, detail, raw: chunk.rawOf(index) };
}

function checkWhole(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) return;
  throw new VolleyError('bad_input', `${name}: expected a whole number of 1 or more, got ${value}`);
}
