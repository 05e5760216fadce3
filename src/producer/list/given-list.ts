/**
 * A list as a program gives it, made into one of three forms: a path, pieces of bytes, or rows. Whatever is none of them
 * is refused with what was expected and, where it is known, what would help. It opens nothing and reads nothing.
 */

import { describeError, VolleyError } from '../../shared/errors.ts';
import { describeGiven } from '../../shared/given-value.ts';
import { LIST_FORMATS, type ListFormat, type ListSource, type PlainSource } from './options.ts';

/** A list as its readers take it. */
export type CheckedSource =
  | PlainSource
  | { readonly rows: Iterable<unknown> | AsyncIterable<unknown>; readonly name: string };

const FORMS = '{path}, {bytes, name} or {rows}';

/** @throws VolleyError `bad_input` for what is no list */
export function checkSource(source: ListSource): CheckedSource {
  const given: unknown = source;
  if (typeof given !== 'object' || given === null) {
    const help = typeof given === 'string' ? '; {path: …} reads a file' : '';
    throw refused('the list', FORMS, `${isText(given)}${help}`);
  }
  const forms = ['path', 'bytes', 'rows'].filter((form) => form in given);
  if (forms.length !== 1) {
    const keys = Object.keys(given).slice(0, 5).join(', ');
    const isPlain = !Array.isArray(given) && describeGiven(given) === 'an object';
    const got = isPlain ? `an object with ${keys || 'nothing'} in it` : describeGiven(given);
    throw refused('the list', `one of ${FORMS}`, `${got}${helpFor(given)}`);
  }
  if ('rows' in source) {
    return { rows: rowsOf(source.rows), name: nameOf(source.name ?? 'the rows') };
  }
  const format = formatOf(source.format);
  if ('path' in source) return { path: pathOf(source.path), format };
  const name = nameOf(source.name);
  return { bytes: piecesOf(source.bytes, name), name, format };
}

function rowsOf(rows: unknown): Iterable<unknown> | AsyncIterable<unknown> {
  const expected = 'an iterable of {to, params}, such as an array, a generator or a stream';
  const isBytes = typeof rows === 'string' || rows instanceof Uint8Array;
  if (isBytes) {
    const help = '{path: …} reads a file, {bytes: …, name} what is in one';
    throw refused('rows', expected, `${isText(rows)}; ${help}`);
  }
  if (rows instanceof Map) throw refused('rows', expected, 'a Map; map.values() are its rows');
  if (isAsyncIterable(rows) || isIterable(rows)) return rows;
  throw refused('rows', expected, describeGiven(rows));
}

function piecesOf(bytes: unknown, name: string): AsyncIterable<Uint8Array> {
  const expected = 'a Buffer, or an iterable or a stream of pieces of bytes or text';
  if (typeof bytes === 'string') {
    const help = 'Buffer.from(text) is the bytes of a text, {path: …} reads a file';
    throw refused(`${name}: bytes`, expected, `a text; ${help}`);
  }
  if (bytes instanceof Uint8Array) return bytesOf([bytes], name);
  if (isAsyncIterable(bytes) || isIterable(bytes)) return bytesOf(bytes, name);
  const help = typeof bytes === 'object' && bytes !== null ? helpForBytes(bytes) : '';
  throw refused(`${name}: bytes`, expected, `${describeGiven(bytes)}${help}`);
}

/** Text becomes UTF-8, also where a character was cut in two between pieces. */
async function* bytesOf(
  pieces: Iterable<unknown> | AsyncIterable<unknown>,
  name: string,
): AsyncGenerator<Uint8Array> {
  let held = '';
  let read = 0;
  try {
    for await (const piece of pieces) {
      let bytes = piece;
      if (typeof piece === 'string') {
        const text = held + piece;
        held = /[\ud800-\udbff]$/.exec(text)?.[0] ?? '';
        bytes = Buffer.from(text.slice(0, text.length - held.length));
      }
      if (!(bytes instanceof Uint8Array)) {
        throw refused(`${name}: bytes`, 'pieces of bytes or text', describeGiven(piece));
      }
      read += bytes.byteLength;
      yield bytes;
    }
  } catch (error) {
    if (error instanceof VolleyError) throw error;
    const words = `${name}: it broke off after ${read} bytes: ${describeError(error)}`;
    throw new VolleyError(isDirectory(error) ? 'bad_input' : 'unavailable', words, {
      cause: error,
    });
  }
  if (held !== '') yield Buffer.from(held);
}

function isDirectory(error: unknown): boolean {
  return Object(error).code === 'EISDIR';
}

function pathOf(path: unknown): string {
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return path;
  const help = path instanceof URL ? '; fileURLToPath(url) is its path' : '';
  throw refused('path', 'the path of a file as text', `${describeGiven(path)}${help}`);
}

function nameOf(name: unknown): string {
  if (typeof name === 'string' && name !== '') return name;
  throw refused('name', 'what errors call the list, as in "upload.csv"', describeGiven(name));
}

function formatOf(format: unknown): ListFormat | undefined {
  const known = LIST_FORMATS.find((each) => each === format);
  if (known !== undefined || format === undefined) return known;
  throw refused('format', LIST_FORMATS.join(', '), describeGiven(format));
}

function helpFor(given: object): string {
  if (given instanceof Uint8Array) return '; {bytes: …, name} is a list of them';
  if (isAsyncIterable(given) || isIterable(given)) return '; {rows: …} is a list of its rows';
  return '';
}

function helpForBytes(given: object): string {
  if (given instanceof ArrayBuffer) return '; new Uint8Array(buffer) is its bytes';
  if ('stream' in given) return '; its stream() is one';
  return 'body' in given ? '; its body is one' : '';
}

/** No more of a text than that it is one: it may be a whole list of numbers. */
function isText(given: unknown): string {
  return typeof given === 'string' ? 'a text' : describeGiven(given);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof Object(value)[Symbol.asyncIterator] === 'function';
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && typeof Object(value)[Symbol.iterator] === 'function';
}

function refused(what: string, expected: string, got: string): VolleyError {
  return new VolleyError('bad_input', `${what}: expected ${expected}, got ${got}`);
}
