/** Numbers of cells as text: all digits that are stored, never an exponent. How a cell shows them is `styles.ts`'s. */

const WHOLE = /^(?:0|-?[1-9]\d*)$/;
const FIGURES = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/;
/** A spreadsheet shows no more of a fraction: what follows is what binary fractions leave over, as in 0.1 + 0.2. */
const SHOWN_DIGITS = 15;

/** `1.0` is 1, `6.591234567E9` is 6591234567; what is no number stays as it is. */
export function numberText(stored: string): string {
  // Whole numbers may have more digits than a float holds.
  if (WHOLE.test(stored)) return stored;
  const number = Number(stored);
  if (stored.trim() === '' || !Number.isFinite(number)) return stored;
  const shown = Number.isInteger(number) ? number : Number(number.toPrecision(SHOWN_DIGITS));
  return withoutExponent(String(shown));
}

function withoutExponent(text: string): string {
  const [, sign, first, rest = '', exponent] = FIGURES.exec(text) ?? [];
  if (first === undefined) return text;
  const digits = first + rest;
  const point = 1 + Number(exponent);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, '0');
}
