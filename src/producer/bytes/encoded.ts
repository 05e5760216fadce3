/**
 * A list in an encoding of old, read by the name that whoever has it gives → UTF-8, as it streams and strictly: bytes
 * that are no character of it are an error with their line, never `�`. It guesses nothing.
 */
import { VolleyError } from '../../shared/errors.ts';
import { KoreanDecoder } from './korean.ts';
import { LineCount } from './line-count.ts';

/** What Windows and old programs call them, where WHATWG has no such name. */
const OTHER_NAMES: Readonly<Record<string, string | undefined>> = {
  cp932: 'shift_jis',
  cp936: 'gb18030',
  cp949: 'euc-kr',
  cp950: 'big5',
};
/** Control characters of another time, and those whose meaning is everybody's own: no text has them. */
const NO_CHARACTER = /[\u0080-\u009f\ue000-\uf8ff\ufffd]/u;
/** As `TextDecoder` is, of which there is one for each encoding but Korean. */
interface Decoder {
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}

/** Of a line whose end has not come yet, kept to find the line of an error. */
const MOST_KEPT = 64 * 1024;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * @param label a name of WHATWG's, as in `gb18030`
 * @returns the name that all its names stand for
 * @throws VolleyError `bad_input` for a name that nobody knows
 */
export function encodingOf(label: string): string {
  const wanted = label.trim().toLowerCase();
  try {
    return new TextDecoder(OTHER_NAMES[wanted] ?? wanted).encoding;
  } catch (error) {
    const examples = 'gb18030, big5, shift_jis, euc-kr or windows-1252';
    const got = JSON.stringify(label.slice(0, 64));
    throw new VolleyError(
      'bad_input',
      `encoding: expected the name of one, as in ${examples}, got ${got}`,
      { cause: error },
    );
  }
}

/**
 * @param encoding as `encodingOf` gives it
 * @throws VolleyError `bad_input` for what is no text in it
 */
export async function* fromEncoding(
  pieces: AsyncIterable<Buffer>,
  encoding: string,
  name: string,
): AsyncGenerator<Buffer> {
  const decoder = decoderOf(encoding);
  const lines = new LineCount();
  const tones = encoding === 'windows-1258' ? new Tones() : undefined;
  let begun: Buffer = Buffer.alloc(0);
  const refuse = (): never => {
    const got = 'got bytes that are no text in it';
    throw new VolleyError('bad_input', `${name}, line ${lines.line}: expected ${encoding}, ${got}`);
  };
  for await (const piece of pieces) {
    const text = textOf(decoder, piece);
    if (text === undefined) {
      goToBadLine(lines, Buffer.concat([begun, piece]), encoding);
      return refuse();
    }
    lines.take(text);
    begun = begunIn(begun, piece);
    const ready = tones?.take(text) ?? text;
    if (ready !== '') yield Buffer.from(ready, 'utf8');
  }
  const rest = textOf(decoder);
  if (rest === undefined) return refuse();
  const last = (tones?.take(rest) ?? rest) + (tones?.end() ?? '');
  if (last !== '') yield Buffer.from(last, 'utf8');
}

/** Puts a vowel and its tone together: in the encoding of Vietnamese they are two characters, as people type them one. */
class Tones {
  #held = '';

  /** What is not the last vowel, whose tone may follow. */
  take(text: string): string {
    const all = this.#held + text;
    let end = all.length - 1;
    while (end > 0 && /\p{M}/u.test(all[end] ?? '')) end -= 1;
    this.#held = all.slice(Math.max(0, end));
    return all.slice(0, Math.max(0, end)).normalize('NFC');
  }

  end(): string {
    return this.#held.normalize('NFC');
  }
}

/** What is there of the line that is not at its end yet. */
function begunIn(before: Buffer, piece: Buffer): Buffer {
  const end = Math.max(piece.lastIndexOf(LINE_FEED), piece.lastIndexOf(CARRIAGE_RETURN)) + 1;
  const isLong = end > 0 || before.length + piece.length > MOST_KEPT;
  return isLong ? Buffer.from(piece.subarray(end)) : Buffer.concat([before, piece]);
}

/** Counts on to the line that is no text. @param bytes from the beginning of a line on */
function goToBadLine(lines: LineCount, bytes: Buffer, encoding: string): void {
  const decoder = decoderOf(encoding);
  for (let start = 0; start < bytes.length; ) {
    const ends = [bytes.indexOf(LINE_FEED, start), bytes.indexOf(CARRIAGE_RETURN, start)];
    const end = Math.min(...ends.map((at) => (at === -1 ? bytes.length : at + 1)));
    const text = textOf(decoder, bytes.subarray(start, end));
    if (text === undefined) return;
    lines.take(text);
    start = end;
  }
}

export function decoderOf(encoding: string): Decoder {
  return encoding === 'euc-kr' ? new KoreanDecoder() : new TextDecoder(encoding, { fatal: true });
}

/** What has come out by now; undefined where it is no text. @param bytes the last have been, where there are none */
function textOf(decoder: Decoder, bytes?: Buffer): string | undefined {
  try {
    const text = decoder.decode(bytes, { stream: bytes !== undefined });
    return NO_CHARACTER.test(text) ? undefined : text;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
