/**
 * UTF-16, which spreadsheets and Windows call Unicode text → UTF-8, as it streams. Told by its mark, or by where its
 * zeros are. Half a character, at the end or in the middle, is an error with its line.
 */
import { VolleyError } from '../../shared/errors.ts';
import { LineCount } from './line-count.ts';

export type Utf16 = 'utf-16le' | 'utf-16be';

/** Of the characters. A row of a list has a phone number, and a text of 200 characters at most. */
const LEAST_PAIRS = 0.03;
/** Of the bytes that are digits or line ends: some of them are halves of other characters. */
const LEAST_SHARE = 0.5;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** UTF-16, if these bytes begin with its mark, or read as text in it, and in nothing else. */
export function utf16In(beginning: Buffer): Utf16 | undefined {
  const [first, second] = beginning;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  const big = pairedWithZero(beginning, 0);
  const little = pairedWithZero(beginning, 1);
  // In whatever language the rest is, nearly all digits and line ends have their zero on one side. In a text of single
  // bytes that has a few zeros in it, few do.
  const all = beginning.filter(isTelling).length;
  const paired = Math.max(big, little);
  if (paired < (beginning.length / 2) * LEAST_PAIRS || paired < all * LEAST_SHARE) return undefined;
  const isBig = big > little;
  const bytes = Buffer.from(beginning.subarray(0, beginning.length & ~1));
  const text = (isBig ? bytes.swap16() : bytes).toString('utf16le');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what tells text from other bytes
  if (/[\0-\x08\x0e-\x1f]/.test(text) || !/[\r\n]/.test(text)) return undefined;
  return isBig ? 'utf-16be' : 'utf-16le';
}

/** A digit, or the end of a line. Not 0, which is half of each kana. */
function isTelling(byte: number): boolean {
  return (byte > 0x30 && byte <= 0x39) || byte === 0x0a || byte === 0x0d;
}

/** How many digits and line ends have their zero, which stands at even or at odd places. */
function pairedWithZero(bytes: Buffer, zeroAt: 0 | 1): number {
  let count = 0;
  for (let at = zeroAt; at < bytes.length; at += 2) {
    const partner = bytes[zeroAt === 0 ? at + 1 : at - 1] ?? 0;
    if (bytes[at] === 0 && isTelling(partner)) count += 1;
  }
  return count;
}

/** @throws VolleyError `bad_input` for half a character */
export async function* fromUtf16(
  pieces: AsyncIterable<Buffer>,
  order: Utf16,
  name: string,
): AsyncGenerator<Buffer> {
  const isBig = order === 'utf-16be';
  const lines = new LineCount();
  const refuse = (line: number, got: string): never => {
    const label = order.toUpperCase();
    throw new VolleyError('bad_input', `${name}, line ${line}: expected ${label}, got ${got}`);
  };
  let held: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = Buffer.concat([held, piece]);
    let end = bytes.length & ~1;
    const high = bytes[isBig ? end - 2 : end - 1] ?? 0;
    // The first half of a pair waits for the second.
    if (end > 0 && high >= 0xd8 && high <= 0xdb) end -= 2;
    held = Buffer.from(bytes.subarray(end));
    const whole = bytes.subarray(0, end);
    const text = (isBig ? whole.swap16() : whole).toString('utf16le');
    if (!text.isWellFormed()) {
      lines.take(text.slice(0, text.search(LONE_SURROGATE)));
      refuse(lines.line, 'half a character (a lone surrogate)');
    }
    lines.take(text);
    if (text !== '') yield Buffer.from(text, 'utf8');
  }
  if (held.length > 0) {
    refuse(lines.line, 'half a character at its end: it is cut short, or no such text');
  }
}
