/**
 * A list of bare numbers, one a line and without a header, made into one that has a header, so that the readers of
 * lists can read it. Whether it is one its first line tells.
 */
import { open, stat } from 'node:fs/promises';
import { piecesOfFile } from './bytes.ts';
import type { ListSource, PlainSource } from './options.ts';
import { again } from './source.ts';

const HEADER = Buffer.from('phone\n');
/** Digits with what people write between them, maybe in quotes; a header has letters. */
const NUMBER = /^["']?[\s+()./\d\u2010-\u2015-]*["']?,?$/u;
const PEEKED_BYTES = 4096;
const BYTE_ORDER_MARK = '\ufeff';

/** @returns the list as it can be read, and how many lines were put before its first one */
export async function withHeader(
  source: PlainSource,
): Promise<{ source: ListSource; added: number }> {
  if (source.format === 'ndjson') return { source, added: 0 };
  if ('path' in source) {
    const { path, format } = source;
    const found = await stat(path).catch(() => undefined);
    // What passes through a pipe can be read only once. What is not there is for the reader to tell.
    if (found !== undefined && !found.isFile()) {
      return withHeader({ name: path, bytes: piecesOfFile(path), format });
    }
    const first = await firstBytes(path).catch(() => Buffer.alloc(0));
    if (!isPlain(first)) return { source, added: 0 };
    return { source: headed(path, piecesOfFile(path)), added: 1 };
  }
  const iterator = source.bytes[Symbol.asyncIterator]();
  const pieces: Buffer[] = [];
  for (let size = 0; size < PEEKED_BYTES && !pieces.some(hasLineEnd); ) {
    const { value, done } = await iterator.next();
    if (done) break;
    // A copy: a piece may hold only until the next is asked for.
    pieces.push(Buffer.from(value));
    size += value.byteLength;
  }
  const bytes = again<Uint8Array>(pieces, iterator);
  if (!isPlain(Buffer.concat(pieces))) return { source: { ...source, bytes }, added: 0 };
  return { source: headed(source.name, bytes), added: 1 };
}

function hasLineEnd(piece: Buffer): boolean {
  return piece.includes(10);
}

function isPlain(first: Buffer): boolean {
  const line = firstLine(first.toString('utf8'));
  return NUMBER.test(line) && (line.match(/\d/g)?.length ?? 0) >= 5;
}

function firstLine(text: string): string {
  return (/^\s*([^\r\n]*)/.exec(text.replace(BYTE_ORDER_MARK, ''))?.[1] ?? '').trim();
}

function headed(name: string, bytes: AsyncIterable<Uint8Array>): ListSource {
  return { name, bytes: withFirst(HEADER, bytes), format: 'csv' };
}

async function* withFirst(
  first: Uint8Array,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first;
  let isFirst = true;
  for await (const piece of bytes) {
    const hasMark = isFirst && Buffer.from(piece).toString('utf8').startsWith(BYTE_ORDER_MARK);
    yield hasMark ? piece.subarray(3) : piece;
    isFirst = false;
  }
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PEEKED_BYTES));
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
