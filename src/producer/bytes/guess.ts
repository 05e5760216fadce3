/**
 * Which encoding some bytes are in that are no UTF-8: each that people have is tried, and its text weighed by how usual
 * it would be. It only guesses, for an error to name: nothing is ever read by it.
 *
 * Its own, for the libraries (chardet, jschardet) are made for pages of prose: on lists of names they are right less
 * often, and they know nothing of some of these encodings.
 */
import { decoderOf } from './encoded.ts';
import {
  USUAL_EASTERN,
  USUAL_JAPANESE,
  USUAL_KOREAN,
  USUAL_SIMPLIFIED,
  USUAL_TRADITIONAL,
  USUAL_TURKISH,
  USUAL_VIETNAMESE,
  USUAL_WESTERN,
} from './usual-characters.ts';

export interface Guess {
  /** The name that `--encoding` takes. */
  readonly encoding: string;
  /** What it is known by. */
  readonly words: string;
}

/** How usual a character is where it stands, from -1 to 2: for each of its bytes. */
type Weigh = (char: string, before: string, after: string) => number;

interface Candidate extends Guess {
  readonly weigh: Weigh;
  /** Bytes of a character beyond ASCII. */
  readonly width: number;
}

const KANA = /[\u3040-\u30ff]/;
const HALF_KANA = /[\uff61-\uff9f]/;
const HANGUL = /[\uac00-\ud7a3]/;
const IDEOGRAPH = /\p{Script=Han}/u;
/** Brackets, commas and letters as wide as ideographs. */
const WIDE_SIGN = /[\u3000-\u3020\uff01-\uff5e\u2010-\u2027\u00b7\u00d7]/;
const CYRILLIC = /[А-Яа-яЁё]/;
const ARABIC = /[\u0621-\u0652\u060c\u061b\u061f\u067e\u0686\u0698\u06af]/;
const THAI = /[\u0e01-\u0e3a\u0e40-\u0e4e]/;
const THAI_CONSONANT = /[\u0e01-\u0e2e]/;
const THAI_RARE =
  /[\u0e03\u0e05\u0e06\u0e0b\u0e0c\u0e0e\u0e0f\u0e11-\u0e13\u0e2c\u0e2e\u0e2f\u0e3a\u0e45\u0e46\u0e4d\u0e4e]/;
const THAI_MARK = /[\u0e31\u0e34-\u0e39\u0e47-\u0e4c]/;
const THAI_FIRST = /[\u0e40-\u0e44]/;
const TONE = /[\u0300\u0301\u0303\u0309\u0323]/;
const LETTER = /\p{L}/u;

/** Of equals, the first counts. */
const CANDIDATES: readonly Candidate[] = [
  wide('gb18030', 'Chinese', ideographs(USUAL_SIMPLIFIED, 'gb18030', 0xb0, 0xd7)),
  wide('big5', 'traditional Chinese', ideographs(USUAL_TRADITIONAL, 'big5', 0xa4, 0xc6)),
  wide('shift_jis', 'Japanese', japanese('shift_jis', 0x88, 0x97)),
  wide('euc-kr', 'Korean', korean),
  wide('euc-jp', 'Japanese', japanese('euc-jp', 0xb0, 0xcf)),
  narrow('windows-1252', 'Western European', latin(USUAL_WESTERN)),
  narrow('windows-1250', 'Central European', latin(USUAL_EASTERN)),
  narrow('windows-1254', 'Turkish', latin(USUAL_TURKISH)),
  narrow('windows-1258', 'Vietnamese', vietnamese),
  narrow('windows-1251', 'Cyrillic', letters(CYRILLIC)),
  narrow('koi8-r', 'Cyrillic', letters(CYRILLIC)),
  narrow('windows-1256', 'Arabic', letters(ARABIC)),
  narrow('windows-874', 'Thai', thai),
];

/** Below this, it may be anything. */
const LEAST_SCORE = 0.25;
const MOST_BYTES = 64 * 1024;

/** @param bytes some lines of a list, from the beginning of one on */
export function guessEncoding(bytes: Buffer): Guess | undefined {
  const lines = wholeLines(bytes.subarray(0, MOST_BYTES));
  let best: Candidate | undefined;
  let most = LEAST_SCORE;
  for (const candidate of CANDIDATES) {
    const score = scoreOf(lines, candidate);
    if (score <= most) continue;
    best = candidate;
    most = score;
  }
  return best && { encoding: best.encoding, words: best.words };
}

/** Without a last one that is cut short, which may end within a character. */
function wholeLines(bytes: Buffer): Buffer {
  const end = Math.max(bytes.lastIndexOf(10), bytes.lastIndexOf(13)) + 1;
  return end > 0 ? bytes.subarray(0, end) : bytes;
}

/** The mean of its bytes beyond ASCII; -1 for what is no text in it. */
function scoreOf(bytes: Buffer, { encoding, weigh, width }: Candidate): number {
  let text: string;
  try {
    text = decoderOf(encoding).decode(bytes);
  } catch {
    return -1;
  }
  const chars = [...text];
  let sum = 0;
  let count = 0;
  for (const [index, char] of chars.entries()) {
    if (char < '\u0080') continue;
    const size = HALF_KANA.test(char) ? 1 : width;
    sum += size * weigh(char, chars[index - 1] ?? ' ', chars[index + 1] ?? ' ');
    count += size;
  }
  return count === 0 ? -1 : sum / count;
}

function wide(encoding: string, words: string, weigh: Weigh): Candidate {
  return { encoding, words, weigh, width: 2 };
}

function narrow(encoding: string, words: string, weigh: Weigh): Candidate {
  return { encoding, words, weigh, width: 1 };
}

/** @param first of the leading bytes of the characters that a standard puts first, for they are the usual ones */
function ideographs(
  usual: ReadonlySet<string>,
  encoding: string,
  first: number,
  last: number,
): Weigh {
  let known: ReadonlySet<string> | undefined;
  return (char) => {
    if (usual.has(char)) return 1.5;
    if (WIDE_SIGN.test(char)) return 0.5;
    if (!IDEOGRAPH.test(char)) return KANA.test(char) ? 0 : -1;
    known ??= charactersOf(encoding, first, last);
    return known.has(char) ? 0.7 : -0.5;
  };
}

function japanese(encoding: string, first: number, last: number): Weigh {
  const weighKanji = ideographs(USUAL_JAPANESE, encoding, first, last);
  return (char, before, after) => {
    if (KANA.test(char)) return 1.5;
    if (!HALF_KANA.test(char)) return weighKanji(char, before, after);
    // Among themselves: beside a letter it is half of something else.
    return /[a-z]/i.test(before + after) ? -1 : 0.6;
  };
}

function korean(char: string, before: string, after: string): number {
  if (USUAL_KOREAN.has(char)) return 1.5;
  // Two letters of another encoding: Jürgen, as DOS wrote it.
  if (HANGUL.test(char)) return /[a-z]/i.test(before + after) ? -0.7 : 0.8;
  return WIDE_SIGN.test(char) ? 0.5 : -0.7;
}

/** Latin letters stand among those of ASCII, and change to capitals only where a word begins. */
function latin(usual: ReadonlySet<string>): Weigh {
  return (char, before, after) => {
    if (!usual.has(char)) return -1;
    if (!LETTER.test(char))
      return LETTER.test(before) && LETTER.test(after) && char !== '’' ? -0.5 : 0.7;
    const isInside = /\p{Ll}/u.test(before);
    if (isInside && /\p{Lu}/u.test(char)) return -1;
    const neighbours = before + after;
    if (/[a-z]/i.test(neighbours)) return 1;
    return /[^\0-\x7f]/.test(neighbours) ? -0.7 : 0.3;
  };
}

function vietnamese(char: string, before: string, after: string): number {
  // The tone follows its vowel, as a character of its own.
  if (TONE.test(char)) return /[aeiouyăâêôơư]/i.test(before) ? 1.5 : -1;
  if (!USUAL_VIETNAMESE.has(char)) return -1;
  if (!LETTER.test(char)) return 0.5;
  if (/\p{Ll}/u.test(before) && /\p{Lu}/u.test(char)) return -1;
  return /[a-z]/i.test(before + after) || TONE.test(after) ? 1 : 0;
}

/** Letters of another alphabet stand among themselves. */
function letters(alphabet: RegExp): Weigh {
  return (char, before, after) => {
    if (!alphabet.test(char)) return /[–—…«»“”’№]/.test(char) ? 0.3 : -1;
    if (/\p{Ll}/u.test(before) && /\p{Lu}/u.test(char)) return -1;
    if (/[a-z]/i.test(before + after)) return -0.7;
    return alphabet.test(before) || alphabet.test(after) ? 1.1 : 0.1;
  };
}

/** Marks follow a consonant or another mark, and some vowels are written before theirs. */
function thai(char: string, before: string, after: string): number {
  if (!THAI.test(char)) return -1;
  if (THAI_RARE.test(char)) return 0.2;
  const hasBefore = THAI_CONSONANT.test(before) || THAI_MARK.test(before);
  if (THAI_MARK.test(char)) return hasBefore ? 1.2 : -1.5;
  if (THAI_FIRST.test(char)) return THAI_CONSONANT.test(after) ? 1.2 : -1.5;
  if (!THAI_CONSONANT.test(char)) return hasBefore ? 1 : -1;
  return THAI.test(before) || THAI.test(after) ? 0.9 : -0.5;
}

function charactersOf(encoding: string, first: number, last: number): ReadonlySet<string> {
  const decoder = new TextDecoder(encoding);
  const found = new Set<string>();
  for (let lead = first; lead <= last; lead++) {
    for (let trail = 0x40; trail < 0xff; trail++) {
      if (encoding !== 'big5' && encoding !== 'shift_jis' && trail < 0xa1) continue;
      found.add(decoder.decode(Uint8Array.of(lead, trail)));
    }
  }
  return found;
}
