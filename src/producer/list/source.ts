/**
 * Opens a list, whatever it is, as chunks of rows: picks the reader for it, and gives its bytes and
 * its SHA-256. Judges no row.
 */
import { extname } from 'node:path';
import { VolleyError } from '../../shared/errors.ts';
import { beginsAsWorkbook } from '../workbook/foreign.ts';
import { ListBytes } from './bytes.ts';
import type { ColumnChoice } from './csv-header.ts';
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
export function openList(source: ListSource, options: ReadPacksOptions): OpenList {
  if ('rows' in source) return openRows(source, options);
  const bytes =
    'path' in source
      ? ListBytes.ofFile(source.path, options.signal)
      : ListBytes.ofStream(source.name, source.bytes, options.signal);
  const name = 'path' in source ? source.path : source.name;
  const ending = 'path' in source ? FORMATS[extname(source.path).toLowerCase()] : undefined;
  return {
    name,
    chunks: readBytes(bytes, source, ending, options),
    bytesRead: () => bytes.read,
    digest: () => bytes.digest(),
  };
}

function openRows(
  source: Extract<ListSource, { rows: unknown }>,
  options: ReadPacksOptions,
): OpenList {
  const { rows } = source;
  const stopped = Symbol.asyncIterator in rows ? stoppable(rows, options.signal) : rows;
  const given = new GivenRows(stopped, objectParams(options));
  return {
    name: source.name ?? 'the rows',
    chunks: given,
    bytesRead: () => 0,
    digest: () => given.digest(),
  };
}

async function* readBytes(
  bytes: ListBytes,
  source: Exclude<ListSource, { rows: unknown }>,
  ending: ListFormat | undefined,
  options: ReadPacksOptions,
): AsyncGenerator<RowChunk> {
  const path = 'path' in source ? source.path : undefined;
  const name = 'path' in source ? source.path : source.name;
  const { format = ending } = source;
  const { pieces, first } = await peekFirst(bytes.all());
  const isWorkbook = source.format === undefined && beginsAsWorkbook(first);
  if (!isWorkbook && format !== 'xlsx') {
    yield* readText(withoutMark(bytes.text(pieces)), name, format, options);
    return;
  }
  // Loaded only where there is a workbook: what reads its formats is large.
  const { readXlsx } = await import('./read-xlsx.ts');
  yield* readXlsx(pieces, name, {
    ...columnChoice(options),
    path,
    sheet: options.sheet,
    headerRow: options.headerRow,
    signal: options.signal,
  });
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
  if (format === 'json') {
    throw new VolleyError('bad_input', `${name}: expected CSV or NDJSON, got ${format}`);
  }
  if (format === 'ndjson') {
    yield* readNdjson(bytes, name, objectParams(options));
    return;
  }
  yield* readCsv(bytes, name, columnChoice(options));
}

function columnChoice({ params, constants, phoneColumn }: ReadPacksOptions): ColumnChoice {
  return { params, constants: Object.keys(constants ?? {}), phoneColumn };
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

/** The first bytes, and all of them. */
async function peekFirst(
  all: AsyncIterable<Buffer>,
): Promise<{ first: Buffer; pieces: AsyncIterable<Buffer> }> {
  const iterator = all[Symbol.asyncIterator]();
  const looked: Buffer[] = [];
  while (Buffer.concat(looked).length < 8) {
    const { value, done } = await iterator.next();
    if (done) break;
    // A copy: a piece of a file holds only until the next is asked for.
    looked.push(Buffer.from(value));
  }
  return { first: Buffer.concat(looked), pieces: again(looked, iterator) };
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
