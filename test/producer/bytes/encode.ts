/** Writes text in encodings that Node only reads: their tables are those of the decoder, turned round. */
import { decoderOf } from '../../../src/producer/bytes/encoded.ts';

const made = new Map<string, ReadonlyMap<string, Buffer>>();

/** The bytes of each character that has one or two, in GB 18030 also of those that have four. */
export function tableOf(encoding: string): ReadonlyMap<string, Buffer> {
  const known = made.get(encoding);
  if (known !== undefined) return known;
  const table = new Map<string, Buffer>();
  let decoder = decoderOf(encoding);
  for (const bytes of codesOf(encoding)) {
    try {
      const [char, ...more] = decoder.decode(bytes);
      const isText = char !== undefined && !/[\u0080-\u009f\ue000-\uf8ff\ufffd]/.test(char);
      if (isText && more.length === 0 && !table.has(char)) table.set(char, bytes);
    } catch {
      // No character. What it has begun is forgotten.
      decoder = decoderOf(encoding);
    }
  }
  made.set(encoding, table);
  return table;
}

function* codesOf(encoding: string): Generator<Buffer> {
  const range = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => from + at);
  for (const first of range(0, 256)) yield Buffer.of(first);
  for (const first of range(0x80, 256)) {
    for (const second of range(0x40, 256)) yield Buffer.of(first, second);
  }
  if (encoding !== 'gb18030') return;
  for (const first of range(0x81, 0x85)) {
    for (const second of range(0x30, 0x3a)) {
      for (const third of range(0x81, 0xff)) {
        for (const last of range(0x30, 0x3a)) yield Buffer.of(first, second, third, last);
      }
    }
  }
}

/** @throws Error for a character that the encoding does not have */
export function encode(text: string, encoding: string): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text);
  const wide = Buffer.from(text, 'utf16le');
  if (encoding === 'utf-16le') return wide;
  if (encoding === 'utf-16be') return wide.swap16();
  const table = tableOf(encoding);
  return Buffer.concat(
    [...text].flatMap((char) => {
      const bytes = table.get(char);
      if (bytes !== undefined) return [bytes];
      return toned(char).map((part) => {
        const found = table.get(part);
        if (found === undefined) throw new Error(`${encoding} has no ${JSON.stringify(part)}`);
        return found;
      });
    }),
  );
}

/** A Vietnamese vowel, and its tone as a character of its own. */
function toned(char: string): string[] {
  const parts = char.normalize('NFD');
  const tone = /[\u0300\u0301\u0303\u0309\u0323]/.exec(parts)?.[0];
  return tone === undefined ? [char] : [parts.replace(tone, '').normalize('NFC'), tone];
}

/** All pieces in one. */
export async function joined(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  // A copy: a piece holds only until the next is asked for.
  for await (const piece of pieces) all.push(Buffer.from(piece));
  return Buffer.concat(all);
}
