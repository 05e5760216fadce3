/**
 * Words as a shell takes them, so that an option that an error offers can be pasted as it stands: into sh, bash and
 * zsh alike, interactive or not. It knows words alone, no command lines.
 */

/** Letters and digits of any script, and what means nothing to any of the shells. A leading `=` does to zsh. */
const PLAIN = /^(?!=)[\p{L}\p{M}\p{N}_@%+=:,./-]+$/u;
/** What a terminal would obey, or nobody would see. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** What stands for itself in printf's format, and within double quotes. A leading - would be an option. */
const LITERAL = /^[\p{L}\p{M}\p{N} _@+=:,./]$/u;

/** @param text without NUL, which no word can hold */
export function shellWord(text: string): string {
  if (PLAIN.test(text)) return text;
  if (!HIDDEN.test(text)) return quoted(text);
  // $'…' is newer than many a sh. What $(…) takes off, line ends behind all else, is quoted by itself.
  const ends = /\n*$/.exec(text)?.[0] ?? '';
  const before = text.slice(0, text.length - ends.length);
  const printed = HIDDEN.test(before) ? `"$(printf '${formatOf(before)}')"` : quoted(before);
  return ends === '' ? printed : `${before === '' ? '' : printed}${quoted(ends)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function formatOf(text: string): string {
  return Array.from(text, (letter) => (LITERAL.test(letter) ? letter : octal(letter))).join('');
}

function octal(letter: string): string {
  return Array.from(Buffer.from(letter), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(
    '',
  );
}
