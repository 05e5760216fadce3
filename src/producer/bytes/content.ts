/**
 * What is in the bytes of a list: unpacks gzip, refuses by its name what is no list, and turns every text into UTF-8.
 * Plain UTF-8 passes as it is. It takes no rows apart, and whether a text is UTF-8 its readers check, with their lines.
 */
import { isUtf8 } from 'node:buffer';
import { VolleyError } from '../../shared/errors.ts';
import { peek } from './beginning.ts';
import { foreignBytes, foreignEnding, foreignText } from './foreign.ts';
import type { Guess } from './guess.ts';
import { gunzipped, isGzip } from './gzip.ts';
import { countOf, isMarked, type NotUtf8, withoutMark } from './utf8.ts';
import { fromUtf16, utf16In } from './utf16.ts';

/** Enough to tell what it is. */
const LOOK_BYTES = 4096;
const EXPECTED = 'expected CSV, NDJSON, a JSON array or an .xlsx workbook';
/** So many characters of several bytes are not there by chance. */
const SURELY_UTF8 = 5;

export interface ContentOptions {
  /** What errors call it. */
  readonly name: string;
  /** Of its name, without `.gz`, as in `.csv`; empty where there is none. */
  readonly ending: string;
  /** Whether it must be a workbook, or must be none; undefined where its bytes tell. */
  readonly isWorkbook: boolean | undefined;
  /** What its text is encoded in, as somebody says. */
  readonly encoding: string | undefined;
  /** Whether a NUL is a byte like others: where a list is read for its numbers alone. */
  readonly mayHoldNul: boolean;
}

export interface Content {
  readonly kind: 'text' | 'xlsx';
  /** The beginning of the text. */
  readonly beginning: Buffer;
  /** Of a text in UTF-8 without its mark; of a workbook as they are. Each holds only until the next is asked for. */
  readonly pieces: AsyncIterable<Buffer>;
  /** The same error with what it may be instead. To be asked for while the piece that it is about is the last. */
  explain(error: NotUtf8): Promise<VolleyError>;
}

/** @throws VolleyError `bad_input` for what no list is made of */
export async function openContent(
  raw: AsyncIterable<Buffer>,
  options: ContentOptions,
): Promise<Content> {
  const { name, isWorkbook } = options;
  const { beginning, pieces } = await peekUnpacked(raw, name);
  const found = foreignBytes(beginning);
  if (found !== undefined && found !== 'xlsx') throw refusal(name, found);
  if (found === 'xlsx' && isWorkbook !== false) {
    if (options.encoding !== undefined) {
      throw new VolleyError('bad_input', `${name}: expected no encoding for a workbook, got one`);
    }
    return { kind: 'xlsx', beginning, pieces, explain: async (error) => error };
  }
  if (found === 'xlsx')
    throw refusal(name, { what: 'an Excel workbook', advice: 'export it as CSV' });
  if (isWorkbook) {
    throw new VolleyError(
      'bad_input',
      `${name}: expected an .xlsx workbook, got text; name its format, csv, ndjson or json`,
    );
  }
  return openText(beginning, pieces, options);
}

async function openText(
  beginning: Buffer,
  pieces: AsyncIterable<Buffer>,
  options: ContentOptions,
): Promise<Content> {
  const { name } = options;
  const checked = new Checked(await decoded(beginning, pieces, options), options);
  const text = await peek(withoutMark(checked), LOOK_BYTES);
  const foreign =
    foreignText(text.beginning.toString('utf8')) ??
    (options.isWorkbook === undefined ? foreignEnding(options.ending) : undefined);
  if (foreign !== undefined) throw refusal(name, foreign);
  return { kind: 'text', ...text, explain: (error) => explained(error, checked.last) };
}

async function peekUnpacked(raw: AsyncIterable<Buffer>, name: string) {
  const packed = await peek(raw, LOOK_BYTES);
  if (packed.beginning.length === 0) throw isEmpty(name);
  if (!isGzip(packed.beginning)) return packed;
  const unpacked = await peek(gunzipped(packed.pieces, name), LOOK_BYTES);
  if (unpacked.beginning.length === 0) throw isEmpty(name);
  if (!isGzip(unpacked.beginning)) return unpacked;
  throw refusal(name, { what: 'gzip within gzip', advice: 'unpack it once' });
}

/** UTF-8, whatever it was. What reads other encodings is loaded only where one is named. */
async function decoded(
  beginning: Buffer,
  pieces: AsyncIterable<Buffer>,
  { name, encoding }: ContentOptions,
): Promise<AsyncIterable<Buffer>> {
  const encoded = encoding === undefined ? undefined : await import('./encoded.ts');
  const wanted = encoding === undefined ? undefined : encoded?.encodingOf(encoding);
  const seen = utf16In(beginning) ?? (isSurelyUtf8(beginning) ? 'utf-8' : undefined);
  if (wanted !== undefined && seen !== undefined && seen !== wanted) {
    const why = `expected ${wanted}, got what is ${seen.toUpperCase()}`;
    throw new VolleyError('bad_input', `${name}: ${why}; leave the encoding out`);
  }
  const used = seen ?? wanted ?? 'utf-8';
  if (used === 'utf-16le' || used === 'utf-16be') return fromUtf16(pieces, used, name);
  if (used === 'utf-8' || encoded === undefined) return pieces;
  return encoded.fromEncoding(pieces, used, name);
}

function isSurelyUtf8(beginning: Buffer): boolean {
  if (isMarked(beginning)) return true;
  // It may end within a character.
  const isText = [0, 1, 2, 3].some((less) =>
    isUtf8(beginning.subarray(0, Math.max(0, beginning.length - less))),
  );
  const leads = beginning.filter((byte) => byte >= 0xc2).length;
  return isText && leads >= SURELY_UTF8;
}

/** Text, that is without zeros, unless these are allowed. */
class Checked {
  /** The piece that was handed out last. */
  last: Buffer = Buffer.alloc(0);
  readonly #pieces: AsyncIterable<Buffer>;
  readonly #name: string;
  readonly #mayHoldNul: boolean;
  #line = 1;

  constructor(pieces: AsyncIterable<Buffer>, { name, mayHoldNul }: ContentOptions) {
    this.#pieces = pieces;
    this.#name = name;
    this.#mayHoldNul = mayHoldNul;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for await (const piece of this.#pieces) {
      if (!this.#mayHoldNul) this.#refuseNul(piece);
      this.last = piece;
      yield piece;
    }
  }

  #refuseNul(bytes: Buffer): void {
    const at = bytes.indexOf(0);
    this.#line += countOf(bytes, 10, at === -1 ? bytes.length : at);
    if (at === -1) return;
    throw new VolleyError(
      'bad_input',
      `${this.#name}, line ${this.#line}: expected text in UTF-8, got binary data (a NUL byte)`,
    );
  }
}

/** @param last what else is known of the list, where the bytes of the error are few */
async function explained(error: NotUtf8, last: Buffer): Promise<VolleyError> {
  const { where, bytes, start } = error;
  const expected = `${where}: expected UTF-8, got other bytes`;
  if (isMostlyUtf8(bytes)) {
    const why = `${expected}, while other lines are UTF-8; mend this line`;
    return new VolleyError('bad_input', why, { cause: error });
  }
  const begun = bytes.subarray(start);
  const sample = begun.length < LOOK_BYTES ? Buffer.concat([begun, Buffer.of(10), last]) : begun;
  const { guessEncoding } = await import('./guess.ts');
  return new VolleyError('bad_input', `${expected}${adviceOf(guessEncoding(sample))}`, {
    cause: error,
  });
}

function adviceOf(guess: Guess | undefined): string {
  if (guess === undefined) {
    return '; save it as UTF-8, or name its encoding, as in --encoding gb18030';
  }
  const { encoding, words } = guess;
  return `, by their looks ${encoding} (${words}); read it with --encoding ${encoding}, or save it as UTF-8`;
}

/** Whether there are more lines with characters beyond ASCII that are UTF-8 than such that are not. */
function isMostlyUtf8(bytes: Buffer): boolean {
  let good = 0;
  let bad = 0;
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(10, start) + 1 || bytes.length;
    const line = bytes.subarray(start, end);
    if (!isUtf8(line)) bad += 1;
    else if (line.some((byte) => byte >= 0x80)) good += 1;
    start = end;
  }
  return good > bad;
}

function refusal(name: string, { what, advice }: { what: string; advice: string }): VolleyError {
  return new VolleyError('bad_input', `${name}: ${EXPECTED}, got ${what}; ${advice}`);
}

function isEmpty(name: string): VolleyError {
  return new VolleyError('bad_input', `${name}: the list is empty, expected rows`);
}
