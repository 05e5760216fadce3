/**
 * Opens a list, whatever it is, as chunks of rows: picks the reader for it, and gives its bytes and
 * its SHA-256. Judges no row.
 */
import { type Content, openContent } from '../bytes/content.ts';
import { isReadOnce, ListBytes, piecesOfFile } from '../bytes/list-bytes.ts';
import { stoppable } from '../bytes/stoppable.ts';
import { NotUtf8 } from '../bytes/utf8.ts';
import { refuseHeaderOptions } from '../columns/param-names.ts';
import { readCsv } from '../csv/read-csv.ts';
import type { RowChunk } from '../rows/row.ts';
import { endingOf, formatOf, formatOfEnding, looseFormatOf } from './format.ts';
import { type CheckedSource, checkSource } from './given-list.ts';
import { ObjectParams } from './object-params.ts';
import type { ListSource, ReadPacksOptions } from './options.ts';
import { GivenRows } from './read-given.ts';
import { readJson } from './read-json.ts';
import { readNdjson } from './read-ndjson.ts';

export interface OpenList {
  readonly name: string;
  readonly chunks: AsyncIterable<RowChunk>;
  /** Bytes read so far; 0 for rows. */
  bytesRead(): number;
  /** Hex SHA-256; to be asked for once, at the end. */
  digest(): string;
}

type BytesSource = Exclude<ListSource, { rows: unknown }>;

/** Throws, when its rows are read, `VolleyError('bad_input')` for a list that cannot be used. */
export function openList(given: ListSource, options: ReadPacksOptions): OpenList {
  const source = checkSource(given);
  if ('rows' in source) return openRows(source, options);
  const bytes =
    'path' in source
      ? ListBytes.ofFile(source.path, options.signal)
      : ListBytes.ofStream(source.bytes, options.signal);
  return {
    name: 'path' in source ? source.path : source.name,
    chunks: readBytes(bytes, source, options),
    bytesRead: () => bytes.read,
    digest: () => bytes.digest(),
  };
}

/**
 * A list that can be read only once, as a stream: what passes through a pipe is gone, also where the pipe has a path.
 * Any other as it is.
 */
export async function asStream(source: ListSource): Promise<ListSource> {
  if (!('path' in source) || !(await isReadOnce(source.path))) return source;
  const { path, format = formatOfEnding(endingOf(path)) } = source;
  return { bytes: piecesOfFile(path), name: path, format };
}

function openRows(
  { rows, name }: Extract<CheckedSource, { rows: unknown }>,
  options: ReadPacksOptions,
): OpenList {
  const stopped = Symbol.asyncIterator in rows ? stoppable(rows, options.signal) : rows;
  const given = new GivenRows(stopped, objectParams(name, options), options.signal);
  return {
    name,
    chunks: given,
    bytesRead: () => 0,
    digest: () => given.digest(),
  };
}

async function* readBytes(
  bytes: ListBytes,
  source: BytesSource,
  options: ReadPacksOptions,
): AsyncGenerator<RowChunk> {
  const name = 'path' in source ? source.path : source.name;
  const ending = 'path' in source ? endingOf(source.path) : '';
  const isWorkbook = source.format === undefined ? undefined : source.format === 'xlsx';
  const content = await openContent(bytes, {
    name,
    ending,
    isWorkbook: isWorkbook ?? (ending === '.xlsx' || undefined),
    encoding: options.encoding,
    mayHoldNul: options.loose !== undefined,
  });
  if (content.kind === 'xlsx') {
    // Loaded only where there is a workbook: what reads its formats is large.
    const { readXlsx, readXlsxLoosely } = await import('./read-xlsx.ts');
    const { sheet, signal, loose } = options;
    const choice = { path: 'path' in source ? source.path : undefined, sheet, signal };
    if (loose) yield* readXlsxLoosely(content.pieces, name, choice, loose);
    else yield* readXlsx(content.pieces, name, { ...columnChoice(options), ...choice });
    return;
  }
  try {
    yield* readText(content, name, source.format ?? formatOfEnding(ending), options);
  } catch (error) {
    throw error instanceof NotUtf8 ? await content.explain(error) : error;
  }
}

async function* readText(
  { beginning, pieces }: Content,
  name: string,
  known: BytesSource['format'],
  options: ReadPacksOptions,
): AsyncGenerator<RowChunk> {
  const { loose } = options;
  const format = loose
    ? looseFormatOf(known, beginning)
    : formatOf(known === 'xlsx' ? undefined : known, beginning, name);
  if (loose && format !== 'json') yield* loose.readText(pieces, name, format);
  else if (format === 'csv') yield* readCsv(pieces, name, columnChoice(options));
  else if (format === 'json') yield* readJson(pieces, name, objectParams(name, options));
  else yield* readNdjson(pieces, name, objectParams(name, options));
}

function columnChoice(options: ReadPacksOptions) {
  return {
    params: options.params,
    constants: Object.keys(options.constants ?? {}),
    phoneColumn: options.phoneColumn,
    columns: options.columns,
    headerRow: options.headerRow,
  };
}

function objectParams(name: string, options: ReadPacksOptions): ObjectParams {
  refuseHeaderOptions(name, options);
  const { params, constants = {}, fallbacks = {}, loose } = options;
  return new ObjectParams(params, Object.keys(constants), Object.keys(fallbacks), loose);
}
