/**
 * Rows that a program gives, from memory or a database cursor → chunks of rows, and their SHA-256.
 * They are hashed as canonical JSON, so that the same rows are the same list whatever made them.
 */
import { createHash, type Hash } from 'node:crypto';
import type { ObjectParams } from './object-params.ts';
import { rowFromObject } from './read-ndjson.ts';
import { CHUNK_ROWS, type Row, type RowChunk } from './row.ts';

export class GivenRows {
  readonly #rows: Iterable<unknown> | AsyncIterable<unknown>;
  readonly #params: ObjectParams;
  readonly #hash: Hash = createHash('sha256');
  #count = 0;

  constructor(rows: Iterable<unknown> | AsyncIterable<unknown>, params: ObjectParams) {
    this.#rows = rows;
    this.#params = params;
  }

  /** Hex SHA-256 of the rows that were handed out. Asked for once. */
  digest(): string {
    return this.#hash.digest('hex');
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RowChunk> {
    let given: unknown[] = [];
    if (Symbol.asyncIterator in this.#rows) {
      for await (const row of this.#rows) {
        given.push(row);
        if (given.length < CHUNK_ROWS) continue;
        yield this.#chunkOf(given);
        given = [];
      }
    } else {
      // Not `for await`: it would take a turn of promises a row.
      for (const row of this.#rows) {
        given.push(row);
        if (given.length < CHUNK_ROWS) continue;
        yield this.#chunkOf(given);
        given = [];
      }
    }
    if (given.length > 0) yield this.#chunkOf(given);
  }

  #chunkOf(given: readonly unknown[]): RowChunk {
    const first = this.#count + 1;
    this.#count += given.length;
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
