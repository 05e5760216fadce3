/**
 * What a cell comes to as the value of a param, whatever list it stands in: without what nobody sees at its ends, and
 * without a spreadsheet's text mark. Knows what a spreadsheet writes where it has no value, and what a program writes
 * for nothing. What follows for the row is decided in `recipient.ts`.
 * Almost every value is fine as it stands, and two characters of it tell: that has to be cheap, for it is asked of
 * each value of each row.
 */
import { LOADING, SPREADSHEET_ERRORS } from './spreadsheet-errors.ts';

/** What programs write for nothing. A person may be called Null: it is a warning, by these words. */
export const PLACEHOLDERS = [
  'null',
  'undefined',
  'NaN',
  // What Python writes.
  'None',
  '[object Object]',
  // What MySQL exports.
  '\\N',
] as const;
/** A word that programs write for nothing. */
export type Placeholder = (typeof PLACEHOLDERS)[number];

const LONGEST_PLACEHOLDER = Math.max(...PLACEHOLDERS.map((word) => word.length));
const AS_WRITTEN = new Map<string, number>(PLACEHOLDERS.map((word, index) => [word, index]));
/** The first three are written in many ways; `none` in small letters is what a person writes. */
const IN_ANY_CASE = new Map<string, number>(
  PLACEHOLDERS.slice(0, 3).map((word, index) => [word.toLowerCase(), index]),
);

/** Err:502, as LibreOffice writes it, in the languages where it says it otherwise. */
const NUMBERED_ERROR = /^(?:err|erro|error|fehler|ошибка|错误|錯誤|エラー|오류) ?: ?5\d\d$/i;

/** First and last characters that ask for a look where they stand together: each pair has a bit. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['nNuU', 'lLdDnNeE'],
  ['eEfF', '0123456789'],
  ['L[\\="', '.]N"'],
];
const NUMBERED = 2;
/** The bits of a character that asks for a look whatever stands at the other end. */
const ODD_FIRST = 64;
const ODD_LAST = 128;
/** By the character code. */
const FIRST = bitsOf(0, ODD_LAST, ODD_FIRST);
const LAST = bitsOf(1, ODD_FIRST, ODD_LAST);

/** Whether a value is sent as it stands, for certain. */
export function isPlain(value: string): boolean {
  const { length } = value;
  if (length === 0) return false;
  const first = value.charCodeAt(0);
  const last = value.charCodeAt(length - 1);
  if (first < 128 && last < 128) return ((FIRST[first] ?? 0) & (LAST[last] ?? 0)) === 0;
  if (isHidden(first) || isHidden(last)) return false;
  if (first < 128) return ((FIRST[first] ?? 0) & ODD_FIRST) === 0;
  return last >= 128 || ((LAST[last] ?? 0) & NUMBERED) === 0;
}

/** Whether there is nothing to be seen in a cell. */
export function isEmpty(cell: string): boolean {
  return !isPlain(cell) && cleaned(cell) === '';
}

/** The value, without what nobody sees at its ends; of `="…"`, which keeps a spreadsheet from reckoning, what is quoted. */
export function cleaned(cell: string): string {
  const text = trimmed(cell);
  if (text.length < 3 || !text.startsWith('="') || !text.endsWith('"')) return text;
  const parts = text.slice(2, -1).split('""');
  return parts.some((part) => part.includes('"')) ? text : trimmed(parts.join('"'));
}

/** Whether it is what a spreadsheet shows in place of a value that it cannot work out. */
export function isSpreadsheetError(value: string): boolean {
  // The marks with which Spanish opens what it closes.
  if (value.startsWith('#')) return SPREADSHEET_ERRORS.has(value.replace(/[¡¿]/, '').toUpperCase());
  return value === LOADING || NUMBERED_ERROR.test(value);
}

/** Index in `PLACEHOLDERS`, or -1. */
export function placeholderIn(value: string): number {
  if (value.length > LONGEST_PLACEHOLDER) return -1;
  return AS_WRITTEN.get(value) ?? IN_ANY_CASE.get(value.toLowerCase()) ?? -1;
}

/** Blanks, control characters, and what has neither width nor ink: zero width, direction marks, selectors, fillers. */
export function isHidden(code: number): boolean {
  if (code <= 32) return true;
  if (code < 127) return false;
  if (code <= 160) return true;
  // Most letters of the world stand here.
  if (code > 0x3164 && code < 0xfe00) return false;
  if (code < 0x2000) return code === 0xad || code === 0x61c || code === 0x1680 || code === 0x180e;
  if (code <= 0x206f) return code <= 0x200f || (code >= 0x2028 && code <= 0x202f) || code >= 0x205f;
  if (code <= 0x3164) return code === 0x2800 || code === 0x3000 || code === 0x3164;
  return code <= 0xfe0f || code === 0xfeff || code === 0xffa0;
}

function trimmed(text: string): string {
  const inner = trimmedOf(text, true);
  // One of a pair must not be left alone: it would turn the text around it.
  const isTorn = inner.length < text.length && isEmbedding(inner);
  return isTorn ? trimmedOf(text, false) : inner;
}

function trimmedOf(text: string, embeddings: boolean): string {
  const goes = (at: number) =>
    isHidden(text.charCodeAt(at)) && (embeddings || !isEmbedding(text.charAt(at)));
  let start = 0;
  let end = text.length;
  while (start < end && goes(start)) start += 1;
  while (end > start && goes(end - 1) && !belongsToLetter(text, end - 1)) end -= 1;
  return text.slice(start, end);
}

/** Whether something in it turns the direction of the text after it, or ends that. */
function isEmbedding(text: string): boolean {
  return /[\u202a-\u202e\u2066-\u2069]/.test(text);
}

/** Nobody sees it, but without it the sign before it looks otherwise. */
function belongsToLetter(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  const before = at === 0 ? 0 : text.charCodeAt(at - 1);
  // Emoji and ideographs are chosen by selectors.
  if (code >= 0xfe00 && code <= 0xfe0f) return before > 160 && !isHidden(before);
  // In the scripts of India and Sri Lanka a joiner at the end makes another letter of the last one.
  return (code === 0x200c || code === 0x200d) && before >= 0x900 && before <= 0xdff;
}

/** @param always the bit that each character has, for those that are odd at the other end */
function bitsOf(side: 0 | 1, always: number, odd: number): Uint8Array {
  const table = new Uint8Array(128).fill(always);
  const add = (code: number, bit: number) => {
    table[code] = (table[code] ?? 0) | bit;
  };
  for (const [index, pair] of PAIRS.entries()) {
    for (const character of pair[side]) add(character.charCodeAt(0), 1 << index);
  }
  for (let code = 0; code < 128; code++) if (isHidden(code)) add(code, odd);
  if (side === 0) add('#'.charCodeAt(0), odd);
  return table;
}
