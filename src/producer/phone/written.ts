/**
 * Takes a number out of what people and spreadsheets write around and between its digits, and says why that cannot be
 * done. Whose number it is, and whether it is one, is not its business.
 */

/**
 * Nobody sees them: format characters, what is ignored by default, control characters that are no blanks, an empty
 * Braille cell, a key's frame round a digit.
 */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]|(?!\s)\p{Cc}|\u20e3/gu;
/** Full-width signs and dashes of all kinds, as one would type them; the long vowel mark stands for a dash, too. */
const LOOKALIKES: readonly (readonly [RegExp, string])[] = [
  [/[\uff0b\ufe62\ufb29]/g, '+'],
  [/[\uff08\u2768]/g, '('],
  [/[\uff09\u2769]/g, ')'],
  [/\uff0e/g, '.'],
  [/[\uff0f\u2044\u2215]/g, '/'],
  [/\uff1d/g, '='],
  [/[\u2018\u2019\u201b\u02bc\uff07\u00b4`]/g, "'"],
  [/[\u201c\u201d\u201e\uff02]/g, '"'],
  [/[\p{Pd}\u2212\u30fc\uff70]/gu, '-'],
];
const SEPARATORS = /[\s.()-]/g;
/** `0171/2345678`: the stroke ends an area code. Behind more digits, or before fewer, it divides two numbers. */
const AREA_CODE = /^(?:\+(?:\D*\d){3,8}|\D*\d(?:\D*\d){1,4})\D*$/;
const BEHIND_STROKE = /^\D*\d(?:\D*\d){4,}\D*$/;
const DIALLED = /^\+?\d+$/;
/** `6591234567.0`: the dot is no separator, and taking it for one would make another number of it. */
const DECIMAL = /^\+?\d{4,}\.\d{1,2}$/;
const SHORTENED = /^[+-]?\d+(?:[.,]\d+)?e[+-]?\d+$/i;
/** What says in a spreadsheet that a text follows, as in `'+65…`, `="+65…"` and `=+65…`, with the quotes of the text. */
const TEXT_MARK = /^['"]*=?['"]*(?=[+(\d])/;
const FORMULA = /^['"]*=/;
/** What a link or an export of leads has before a number. */
const SCHEME = /^(?:tel|callto|sms|smsto|whatsapp|p):(?:\/\/)?/i;
const EXTENSION = /^(.*\d.*?)[\s,;]*(?:;ext=|e?xt?n?\.?|extension|#)[\s:.=]*\d{1,7}$/i;

/** `+` and digits, or digits alone; undefined if anything else is left. */
export function digitsOf(cell: string): string | undefined {
  const text = asTyped(cell);
  if (DECIMAL.test(text)) return undefined;
  // Most cells need nothing of all that follows.
  const digits = dialled(text);
  if (digits !== undefined) return digits;
  const marked = FORMULA.test(text);
  const number = text
    .replace(TEXT_MARK, '')
    .replace(/['"]+$/, '')
    .replace(SCHEME, '')
    .trim();
  // `=65-91` is a sum: only what is one number after the mark is meant as it stands.
  if (marked && !/^\+?[\d\s]+$/.test(number) && !/^['"]*=['"]/.test(text)) return undefined;
  return dialled(number);
}

function dialled(text: string): string | undefined {
  const digits = text.replace(SEPARATORS, '');
  if (DIALLED.test(digits)) return digits;
  const [before = '', behind = '', ...more] = text.split('/');
  const isOne = more.length === 0 && AREA_CODE.test(before) && BEHIND_STROKE.test(behind);
  return isOne ? dialled(`${before} ${behind}`) : undefined;
}

/** Why `digitsOf` finds none in it, as far as that can be told. */
export function whyNoDigits(cell: string): string | undefined {
  const text = asTyped(cell);
  if (SHORTENED.test(text) || DECIMAL.test(text)) {
    return 'a spreadsheet took it for a quantity; format the column as text and export again';
  }
  if (FORMULA.test(text)) return 'a formula of a spreadsheet; export the values';
  if (digitsOf(text) === undefined && digitsOf(EXTENSION.exec(text)?.[1] ?? '') !== undefined) {
    return 'an extension cannot be texted; take it off if the number itself can';
  }
  return undefined;
}

/** In ASCII as far as possible, without what nobody sees, and without spaces at the ends. */
function asTyped(cell: string): string {
  // Control characters are below, all other scripts' digits above these.
  if (/^[ -_a-~]*$/.test(cell)) return cell.trim();
  let text = cell.replace(INVISIBLE, '').replace(/\p{Nd}/gu, valueOfDigit);
  for (const [lookalike, typed] of LOOKALIKES) text = text.replace(lookalike, typed);
  return text.trim();
}

/** The digits of a script stand in a row, from 0 to 9; where scripts meet, tens of them do. */
function valueOfDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let first = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first -= 1;
  return String((code - first) % 10);
}
