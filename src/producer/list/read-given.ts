/**
 * Rows that a program gives, from memory or a database cursor → chunks of rows, and their SHA-256.
 * They are hashed as canonical JSON, so that the same rows are the same list whatever made them.
 */
import { createHash, type Hash } from 'node:crypto';
import { describeError, VolleyError } from '../../shared/errors.ts';
import { describeGiven } from '../../shared/given-value.ts';
import { CHUNK_ROWS, type Row, type RowChunk } from '../rows/row.ts';
import type { ObjectParams } from './object-params.ts';
import { rowFromObject } from './read-ndjson.ts';

export class GivenRows {
  readonly #rows: Iterable<unknown> | AsyncIterable<unknown>;
  readonly #params: ObjectParams;
  readonly #hash: Hash = createHash('sha256');
  readonly #signal: AbortSignal | undefined;
  #count = 0;

  /** @param signal what ends the rows from outside: its reason is told as it is */
  constructor(
    rows: Iterable<unknown> | AsyncIterable<unknown>,
    params: ObjectParams,
    signal?: AbortSignal,
  ) {
    this.#rows = rows;
    this.#params = params;
    this.#signal = signal;
  }

  /** Hex SHA-256 of the rows that were handed out. Asked for once. */
  digest(): string {
    return this.#hash.digest('hex');
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RowChunk> {
    for await (const given of this.#batches()) yield this.#chunkOf(given);
  }

  /** Only what the rows themselves throw is told as theirs. */
  async *#batches(): AsyncGenerator<unknown[]> {
    let given: unknown[] = [];
    try {
      if (Symbol.asyncIterator in this.#rows) {
        for await (const row of this.#rows) {
          if (given.push(row) < CHUNK_ROWS) continue;
          yield given;
          given = [];
        }
      } else {
        // Not `for await`: it would take a turn of promises a row.
        for (const row of this.#rows) {
          if (given.push(row) < CHUNK_ROWS) continue;
          yield given;
          given = [];
        }
      }
    } catch (error) {
      throw this.#brokenOff(error, this.#count + given.length + 1);
    }
    if (given.length > 0) yield given;
  }

  #brokenOff(error: unknown, row: number): unknown {
    if (this.#signal?.aborted || error instanceof VolleyError) return error;
    const words = `the rows broke off at row ${row}: ${describeError(error)}`;
    return new VolleyError('unavailable', words, { cause: error });
  }

  #chunkOf(given: readonly unknown[]): RowChunk {
    const first = this.#count + 1;
    this.#count += given.length;
    if (first === 1) refuseForeign(given[0]);
    const texts = given.map(canonical);
    this.#hash.update(`${texts.join('\n')}\n`);
    const rows: Row[] = given.map((row) => rowFromObject(row, this.#params));
    return {
      names: this.#params.names,
      unseen: this.#params.unseen,
      rows,
      blank: 0,
      lineOf: (index) => first + index,
      rawOf: (index) => texts[index] ?? '',
    };
  }
}

/** A stream of bytes, or of lines, in place of rows: each of its pieces would be an invalid row. */
function refuseForeign(row: unknown): void {
  if (typeof row !== 'string' && !(row instanceof Uint8Array)) return;
  const got = typeof row === 'string' ? 'a text' : describeGiven(row);
  const expected = 'row 1: expected an object, as in {to: "+65…", params: {…}}';
  const help = '{bytes: …, name} reads the pieces of a file';
  throw new VolleyError('bad_input', `${expected}, got ${got}; ${help}`);
}

/** The row as JSON with its keys in order. */
function canonical(row: unknown): string {
  return (
    JSON.stringify(row, (_key, value: unknown) => {
      if (typeof value === 'bigint') return String(value);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
      return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? 'null'
  );
}
