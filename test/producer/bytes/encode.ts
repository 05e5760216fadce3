/** Writes text in encodings that Node only reads: their tables are those of the decoder, turned round. */
import { decoderOf } from '../../../src/producer/bytes/encoded.ts';

const made = new Map<string, ReadonlyMap<string, Buffer>>();

/** The bytes of each character that has one or two. */
export function tableOf(encoding: string): ReadonlyMap<string, Buffer> {
  const known = made.get(encoding);
  if (known !== undefined) return known;
  const table = new Map<string, Buffer>();
  const learn = (bytes: Buffer) => {
    try {
      const [char, ...more] = decoderOf(encoding).decode(bytes);
      const isText = char !== undefined && !/[\u0080-\u009f\ue000-\uf8ff\ufffd]/.test(char);
      if (isText && more.length === 0 && !table.has(char)) table.set(char, bytes);
    } catch {
      // No character.
    }
  };
  for (let first = 0; first < 256; first++) learn(Buffer.of(first));
  for (let first = 0x80; first < 256; first++) {
    for (let second = 0x40; second < 256; second++) learn(Buffer.of(first, second));
  }
  made.set(encoding, table);
  return table;
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
