import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWord } from '../../src/shared/shell.ts';

/** What a shell hands to a program for some words: one process for all of them. */
function wordsOf(shell: string, words: readonly string[]): string[] {
  const command = `printf '%s\\000' ${words.join(' ')}`;
  const out = execFileSync(shell, [], { input: command, encoding: 'utf8' });
  return out.split('\0').slice(0, -1);
}

test.each([
  ['name', 'name'],
  ['name,code', 'name,code'],
  ['手机号码', '手机号码'],
  ['First Name', "'First Name'"],
  ["O'Brien", String.raw`'O'\''Brien'`],
  ['', "''"],
  ['=x', "'=x'"],
  ['$HOME `id` \\', "'$HOME `id` \\'"],
  ['two\nlines', String.raw`"$(printf 'two\012lines')"`],
])('writes %j', (text, word) => {
  expect(shellWord(text)).toBe(word);
});

test('a shell reads back the words that were written', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({
      unit: fc.constantFrom(...'\'"$`\\!~*?[](){}<>|&;# \t\n\r\u001b\u0085\u200bé手%a0-='),
    }),
  );
  const text = piece.map((each) => each.replaceAll('\0', '').toWellFormed());
  fc.assert(
    fc.property(fc.array(text, { minLength: 200, maxLength: 300 }), (texts) => {
      expect(wordsOf('sh', texts.map(shellWord))).toEqual(texts);
    }),
    { numRuns: 10 },
  );
});

test('what a terminal would obey is not written as it is', () => {
  for (const hidden of ['\u001b[2J', 'a\u0007', '\u202eevil', 'x\u2028y']) {
    const word = shellWord(hidden);
    expect(word).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u);
    expect(wordsOf('sh', [word])).toEqual([hidden]);
  }
});
