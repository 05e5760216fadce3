import { maskPhonesIn } from '../../shared/phone.ts';

/** Of a reply that was not understood. */
const SHOWN = 200;
/** More of it is not looked at. Masks shorten a text, but never so much that what is shown comes from beyond this. */
const LOOKED_AT = 1 << 16;
const BLANKS = /[\s\p{Z}]+/gu;
/** Controls, marks that turn the direction of writing, halves of letters, and what UTF-16 leaves between letters. */
const UNPRINTABLE = /\p{C}/gu;

/**
 * The first words of a reply that was not understood, as they may be kept and shown: on one line, with nothing that nobody
 * sees. Masked while it is whole, for of a number or a login that is cut in two nobody can tell what it is.
 * @param scrub takes our login out of a text
 */
export function firstWords(text: string, scrub: (words: string) => string): string {
  const clean = scrub(text.slice(0, LOOKED_AT)).replace(BLANKS, ' ').replace(UNPRINTABLE, '');
  const letters = [...maskPhonesIn(scrub(clean.trim()))];
  return letters.slice(0, SHOWN).join('') + (letters.length > SHOWN ? '…' : '');
}
