/**
 * Opens a list, whatever it is, as chunks of rows: picks the reader for it, and gives its bytes and
 * its SHA-256. Judges no row.
 */
import { extname } from 'node:path';
import { VolleyError } from '../../shared/errors.ts';
import { ListBytes } from './bytes.ts';
import { type CheckedSource, checkSource } from './given-list.ts';
import { ObjectParams } from './object-params.ts';
import type { ListFormat, ListSource, ReadPacksOptions } from './options.ts';
import { readCsv } from './read-csv.ts';
import { GivenRows } from './read-given.ts';
import { readNdjson } from './read-ndjson.ts';
import type { RowChunk } from './row.ts';
import { stoppable } from './stoppable.ts';
import { withoutMark } from './utf8.ts';

const FORMATS: Readonly<Record<string, ListFormat | undefined>> = {
  '.csv': 'csv',
  '.tsv': 'csv',
  '.txt': 'csv',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.json': 'json',
  '.xlsx': 'xlsx',
};

export interface OpenList {
  readonly name: string;
  readonly chunks: AsyncIterable<RowChunk>;
  /** Bytes read so far; 0 for rows. */
  bytesRead(): number;
  /** Hex SHA-256; to be asked for once, at the end. */
  digest(): string;
}

/** Throws, when its rows are read, `VolleyError('bad_input')` for a list that cannot be used. */
export function openList(given: ListSource, options: ReadPacksOptions): OpenList {
  const source = checkSource(given);
  if ('rows' in source) return openRows(source, options);
  const bytes =
    'path' in source
      ? ListBytes.ofFile(source.path, options.signal)
      : ListBytes.ofStream(source.name, source.bytes, options.signal);
  const name = 'path' in source ? source.path : source.name;
  const ending = 'path' in source ? FORMATS[extname(source.path).toLowerCase()] : undefined;
  return {
    name,
    chunks: readText(withoutMark(bytes), name, source.format ?? ending, options),
    bytesRead: () => bytes.read,
    digest: () => bytes.digest(),
  };
}

function openRows(
  { rows, name }: Extract<CheckedSource, { rows: unknown }>,
  options: ReadPacksOptions,
): OpenList {
  const stopped = Symbol.asyncIterator in rows ? stoppable(rows, options.signal) : rows;
  const given = new GivenRows(stopped, objectParams(options), options.signal);
  return {
    name,
    chunks: given,
    bytesRead: () => 0,
    digest: () => given.digest(),
  };
}

async function* readText(
  bytes: AsyncIterable<Buffer>,
  name: string,
  known: ListFormat | undefined,
  options: ReadPacksOptions,
): AsyncGenerator<RowChunk> {
  let format = known;
  if (format === undefined) {
    const peeked = await peek(bytes);
    format = peeked.first === 123 ? 'ndjson' : 'csv';
    bytes = peeked.bytes;
  }
  if (format === 'json' || format === 'xlsx') {
    throw new VolleyError('bad_input', `${name}: expected CSV or NDJSON, got ${format}`);
  }
  if (format === 'ndjson') {
    yield* readNdjson(bytes, name, objectParams(options));
    return;
  }
  yield* readCsv(bytes, name, {
    params: options.params,
    constants: Object.keys(options.constants ?? {}),
    phoneColumn: options.phoneColumn,
  });
}

function objectParams(options: ReadPacksOptions): ObjectParams {
  return new ObjectParams(options.params, Object.keys(options.constants ?? {}));
}

/** The first byte that is not blank, and all bytes, those looked at included. */
async function peek(
  pieces: AsyncIterable<Buffer>,
): Promise<{ first: number | undefined; bytes: AsyncIterable<Buffer> }> {
  const iterator = pieces[Symbol.asyncIterator]();
  const looked: Buffer[] = [];
  let first: number | undefined;
  while (first === undefined) {
    const { value, done } = await iterator.next();
    if (done) break;
    // A copy: a piece of a file holds only until the next is asked for.
    looked.push(Buffer.from(value));
    first = value.find((byte) => byte > 32);
  }
  return { first, bytes: again(looked, iterator) };
}

/** What has been looked at, and then the rest. */
export async function* again<Piece>(
  looked: readonly Piece[],
  iterator: AsyncIterator<Piece>,
): AsyncGenerator<Piece> {
  try {
    yield* looked;
    for (;;) {
      const { value, done } = await iterator.next();
      if (done) return;
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}
