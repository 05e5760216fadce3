/** Whatever a program may give as a list: each form that is documented is read, and what is none says what would help. */
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import {
  type ListSource,
  type PackReading,
  readPacks,
} from '../../../src/producer/list/read-packs.ts';
import { VolleyError } from '../../../src/shared/errors.ts';
import { readWhole } from './lists.ts';

const ROWS = [
  { to: '+6591234567', params: { name: 'Ada' } },
  { to: '+6598765432', params: { name: 'Bob' } },
];
const READ = ['+6591234567:Ada', '+6598765432:Bob'];
const CSV = 'phone,name\n+6591234567,Ada\n+6598765432,Zoë 😀\n';
const READ_CSV = ['+6591234567:Ada', '+6598765432:Zoë 😀'];

function* generator() {
  yield* ROWS;
}
async function* asyncGenerator() {
  yield* ROWS;
}
const plainIterable = { [Symbol.iterator]: () => ROWS[Symbol.iterator]() };
const plainAsyncIterable = { [Symbol.asyncIterator]: () => asyncGenerator() };

describe('rows', () => {
  test.each<[string, Extract<ListSource, { rows: unknown }>['rows']]>([
    ['an array', ROWS],
    ['a frozen array', Object.freeze([...ROWS])],
    ['a Set', new Set(ROWS)],
    ['the values of a Map', new Map(ROWS.map((row) => [row.to, row])).values()],
    ['a generator', generator()],
    ['what has an iterator', plainIterable],
    ['an async generator', asyncGenerator()],
    ['what has an async iterator', plainAsyncIterable],
    ['a Readable of objects', Readable.from(ROWS)],
    ['a Readable of objects, mapped', Readable.from(ROWS).map((row: unknown) => row)],
    ['a stream of the web', ReadableStream.from(ROWS)],
  ])('%s', async (_what, rows) => {
    const list = await readWhole({ rows });
    expect(list.recipients).toEqual(READ);
    expect(list.sha256).toBe((await readWhole({ rows: ROWS })).sha256);
  });

  test.each<[string, unknown, RegExp]>([
    ['none', undefined, /got none$/],
    ['null', null, /got null$/],
    ['a number', 7, /got 7$/],
    ['a text', '+6591234567', /got a text; \{path: …\} reads a file/],
    ['a Buffer', Buffer.from(CSV), /got a Buffer; .*\{bytes: …, name\}/],
    ['an object', { to: '+6591234567' }, /got an object$/],
    ['a Map', new Map(), /got a Map; map\.values\(\) are its rows$/],
    ['a promise', Promise.resolve(ROWS), /got a promise; await it$/],
    ['a function', generator, /got a function; call it$/],
    ['a Date', new Date(), /got a Date$/],
  ])('%s is refused', async (_what, rows, words) => {
    const error = await refusalOf({ rows });
    expect(error.message).toMatch(/^rows: expected an iterable of \{to, params\}/);
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain('91234567');
  });

  test.each<[string, unknown]>([
    ['texts', ['+6591234567']],
    ['bytes', Readable.from([Buffer.from(CSV)])],
    ['lines', new Set(CSV.split('\n'))],
  ])('that are %s are refused by the first of them', async (_what, rows) => {
    const { message } = await refusalOf({ rows });
    expect(message).toMatch(/^row 1: expected an object, as in .*, got a (text|Buffer); \{bytes/);
  });

  test('that break off say where, with what the cursor threw as the cause', async () => {
    const cause = new RangeError('cursor lost');
    function* broken() {
      yield* ROWS;
      throw cause;
    }
    async function* brokenLate() {
      for (let at = 0; at < 3000; at++) yield { to: `+${6_590_000_000 + at}` };
      throw cause;
    }
    const early = await refusalOf({ rows: broken() });
    expect(early).toMatchObject({ code: 'unavailable', cause });
    expect(early.message).toBe('the rows broke off at row 3: cursor lost');
    const late = await refusalOf({ rows: brokenLate() });
    expect(late).toMatchObject({ message: 'the rows broke off at row 3001: cursor lost', cause });
  });

  test('that are stopped end with the reason of whoever stopped them', async () => {
    const stopping = new AbortController();
    const reason = new Error('enough');
    async function* endless() {
      yield ROWS[0];
      stopping.abort(reason);
      await new Promise(() => {});
    }
    await expect(drain({ rows: endless() }, stopping.signal)).rejects.toBe(reason);
  });
});

describe('bytes', () => {
  const bytes = Buffer.from(CSV);
  /** Cut within characters. */
  const pieces = () => Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1));
  test.each<[string, Extract<ListSource, { bytes: unknown }>['bytes']]>([
    ['a Buffer', bytes],
    ['a Uint8Array', new Uint8Array(bytes)],
    ['an array of pieces', pieces()],
    ['a Set of them', new Set(pieces())],
    ['texts', [CSV.slice(0, 5), '', CSV.slice(5)]],
    ['texts, cut within a character', Array.from({ length: CSV.length }, (_, at) => CSV[at] ?? '')],
    ['a Readable', Readable.from(pieces())],
    ['a Readable with an encoding', Readable.from([bytes], { encoding: 'utf8' })],
    ['a stream of the web', new Blob([bytes]).stream()],
    ['a stream of texts', new Blob([bytes]).stream().pipeThrough(new TextDecoderStream())],
  ])('%s', async (_what, given) => {
    const source = { bytes: given, name: 'upload.csv' };
    expect((await readWhole(source, { params: 'all' })).recipients).toEqual(READ_CSV);
  });

  test.each<[string, unknown, RegExp]>([
    ['none', undefined, /got none$/],
    ['null', null, /got null$/],
    ['a text', CSV, /got a text; Buffer\.from\(text\).*\{path: …\} reads a file$/],
    ['a number', 12, /got 12$/],
    ['an ArrayBuffer', new ArrayBuffer(8), /got an ArrayBuffer; new Uint8Array\(buffer\)/],
    ['a Blob', new Blob([CSV]), /got a Blob; its stream\(\) is one$/],
    ['a Response', new Response(CSV), /got a Response; its body is one$/],
    ['a promise', Promise.resolve(Buffer.from(CSV)), /got a promise; await it$/],
    ['a function', () => CSV, /got a function; call it$/],
    ['numbers', [112, 104], /expected pieces of bytes or text, got 112$/],
    ['objects', Readable.from(ROWS), /expected pieces of bytes or text, got an object$/],
  ])('%s is refused', async (_what, given, words) => {
    const error = await refusalOf({ bytes: given, name: 'upload.csv' });
    expect(error.message).toMatch(/^upload\.csv: bytes: expected /);
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain('91234567');
  });

  test('that break off say where', async () => {
    const cause = new Error('socket hang up');
    async function* broken() {
      yield bytes.subarray(0, 20);
      throw cause;
    }
    const error = await refusalOf({ bytes: broken(), name: 'upload.csv' });
    expect(error).toMatchObject({ code: 'unavailable', cause });
    expect(error.message).toBe('upload.csv: it broke off after 20 bytes: socket hang up');
  });
});

test.each<[string, unknown, RegExp]>([
  ['nothing', undefined, /^the list: expected \{path\}, .*, got none$/],
  ['null', null, /got null$/],
  ['a path', 'customers.csv', /got a text; \{path: …\} reads a file$/],
  ['an array', ROWS, /got an array; \{rows: …\} is a list of its rows$/],
  ['a stream', Readable.from(ROWS), /got a Readable; \{rows: …\}/],
  ['a Buffer', Buffer.from(CSV), /got a Buffer; \{bytes: …, name\}/],
  ['an object', { file: 'customers.csv' }, /got an object with file in it$/],
  ['an empty object', {}, /got an object with nothing in it$/],
  ['two forms at once', { path: 'a.csv', rows: ROWS }, /got an object with path, rows in it$/],
  ['a path that is none', { path: 7 }, /^path: expected the path of a file as text, got 7$/],
  ['an empty path', { path: '' }, /^path: .*, got ""$/],
  ['a path with a NUL', { path: 'a\0.csv' }, /^path: /],
  ['a URL', { path: new URL('file:///a.csv') }, /got a URL; fileURLToPath\(url\) is its path$/],
  ['bytes without a name', { bytes: Buffer.from(CSV) }, /^name: .*, got none$/],
  ['an empty name', { rows: ROWS, name: '' }, /^name: .*, got ""$/],
  ['an unknown format', { path: 'a.csv', format: 'xls' }, /^format: expected csv, .*, got "xls"$/],
])('%s is no list', async (_what, source, words) => {
  expect((await refusalOf(source)).message).toMatch(words);
});

/** What a program of plain JavaScript may give. */
async function drain(source: unknown, signal?: AbortSignal): Promise<void> {
  const reading: PackReading = Reflect.apply(readPacks, undefined, [
    source,
    { params: 'all', signal },
  ]);
  for await (const _packs of reading);
}

async function refusalOf(source: unknown): Promise<VolleyError> {
  const error: unknown = await drain(source).then(
    () => new Error('not refused'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof VolleyError) return error;
  throw error;
}
