/**
 * A phone number as one JavaScript number: its digits. 15 digits stay exact, take 8 bytes, and
 * make `+6591234567` and `6591234567` the same.
 */

const PLUS = 43;
const ZERO = 48;
const LEAST_DIGITS = 7;
const MOST_DIGITS = 15;

/** The digits of a number with or without `+`; 0 for what is not a phone number. */
export function numberKey(text: string): number {
  const start = text.charCodeAt(0) === PLUS ? 1 : 0;
  const digits = text.length - start;
  if (digits < LEAST_DIGITS || digits > MOST_DIGITS || text.charCodeAt(start) === ZERO) return 0;
  let key = 0;
  for (let at = start; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return 0;
    key = key * 10 + digit;
  }
  return key;
}

export function numberText(key: number): string {
  return `+${key}`;
}
