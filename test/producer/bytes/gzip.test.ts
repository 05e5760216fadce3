import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gunzipped } from '../../../src/producer/bytes/gzip.ts';
import { hashFile } from '../../../src/producer/bytes/list-bytes.ts';
import { temporaryFolder } from '../../support/programs.ts';
import { inPieces, readWhole } from '../list/lists.ts';
import { joined } from './encode.ts';

const CSV = 'phone,name\n+6591234567,Ada\n+6598765432,Bob\n';
const RECIPIENTS = ['+6591234567:Ada', '+6598765432:Bob'];
const ALL = { params: 'all' } as const;
const LONG = `phone,n\n${Array.from({ length: 40_000 }, (_none, at) => `+${6580000000 + at},n${at % 977}\n`).join('')}`;

test.each([
  ['list.csv.gz', CSV],
  ['LIST.CSV.GZ', CSV],
  ['list.csv', CSV],
  ['list.gz', CSV],
  ['list', CSV],
  ['list.tsv.gz', CSV.replaceAll(',', '\t')],
  [
    'list.ndjson.gz',
    '{"to":"+6591234567","params":{"n":"Ada"}}\n{"to":"+6598765432","params":{"n":"Bob"}}',
  ],
  [
    'list.json.gz',
    '[{"to":"+6591234567","params":{"n":"Ada"}},{"to":"+6598765432","params":{"n":"Bob"}}]',
  ],
  ['unicode.txt.gz', Buffer.from(`\ufeff${CSV}`, 'utf16le')],
])('unpacks %s by its first bytes', async (name, text) => {
  const path = join(await temporaryFolder(), name);
  const packed = gzipSync(text);
  await writeFile(path, packed);
  const { recipients, sha256, totals } = await readWhole({ path }, ALL);
  expect(recipients).toEqual(RECIPIENTS);
  // Of the file as it lies there: what a `send` has hashed before, and what is done of it by now.
  expect(sha256).toBe(createHash('sha256').update(packed).digest('hex'));
  expect(sha256).toBe(await hashFile(path));
  expect(totals.bytes).toBe(packed.length);
});

test('unpacks any number of members, in any pieces, with zeros behind them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ maxLength: 300, unit: 'grapheme' }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
      fc.nat(20),
      async (texts, sizes, zeros) => {
        const packed = [...texts.map((text) => gzipSync(text)), Buffer.alloc(zeros)];
        const pieces = buffers(inPieces(Buffer.concat(packed), sizes));
        expect(String(await joined(gunzipped(pieces, 'list')))).toBe(texts.join(''));
      },
    ),
  );
});

test.each([
  ['cut short by a byte', gzipSync(LONG).subarray(0, -1), 'cut short'],
  ['cut short in the middle', gzipSync(LONG).subarray(0, 50_000), 'cut short; it came to line'],
  ['cut short in its head', gzipSync(CSV).subarray(0, 7), 'cut short; it came to line 1, after'],
  [
    'cut short in its second member',
    Buffer.concat([gzipSync(CSV), gzipSync(CSV).subarray(0, 20)]),
    'cut short',
  ],
  ['damaged', flipped(gzipSync(LONG), 30_000), 'damaged; it came to line'],
  ['damaged in its sum', flipped(gzipSync(CSV), -6), 'damaged'],
  ['followed by text', Buffer.concat([gzipSync(CSV), Buffer.from(CSV)]), 'damaged'],
  [
    'followed by text behind zeros',
    Buffer.concat([gzipSync(CSV), Buffer.alloc(9), Buffer.from(CSV)]),
    'something else follows',
  ],
  [
    'followed by a member behind zeros',
    Buffer.concat([gzipSync(CSV), Buffer.alloc(70_000), gzipSync(CSV)]),
    'something else follows',
  ],
])('refuses a gzip that is %s', async (_name, packed, message) => {
  const reading = (async () => readWhole(packed, ALL))();
  await expect(reading).rejects.toMatchObject({ code: 'bad_input' });
  await expect(reading).rejects.toThrow(message);
});

test('refuses gzip within gzip, and a gzip of nothing', async () => {
  await expect(readWhole(gzipSync(gzipSync(CSV)))).rejects.toThrow(
    'got gzip within gzip; unpack it once',
  );
  await expect(readWhole(gzipSync(''))).rejects.toThrow('list: the list is empty, expected rows');
});

test('unpacks no more than is asked for', async () => {
  // A thousand to one: a gigabyte of it is a megabyte.
  const member = gzipSync(Buffer.alloc(64 * 1024 * 1024, '+6591234567\n'));
  async function* members() {
    for (let count = 0; count < 16; count++) yield member;
  }
  const before = process.memoryUsage().rss;
  let size = 0;
  let most = 0;
  for await (const piece of gunzipped(members(), 'list')) {
    size += piece.length;
    most = Math.max(most, process.memoryUsage().rss);
  }
  expect(size).toBe(1024 ** 3);
  expect(most - before).toBeLessThan(150 * 1024 * 1024);
});

test('hands on what its source fails with', async () => {
  async function* failing(): AsyncGenerator<Buffer> {
    yield gzipSync(CSV).subarray(0, 20);
    throw new Error('the disk is gone');
  }
  await expect(joined(gunzipped(failing(), 'list'))).rejects.toThrow('the disk is gone');
});

async function* buffers(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield Buffer.from(piece);
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 0xff;
  return copy;
}
