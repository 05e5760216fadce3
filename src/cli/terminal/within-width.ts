/** Sentences on a terminal: they break between words. In a pipe or a file a line stays one line. */
import { stripVTControlCharacters } from 'node:util';

/** @returns the text, with what passes the width on lines of its own, indented by two more than its first */
export function withinWidth(text: string, width: number | undefined): string {
  if (width === undefined) return text;
  const indent = `${/^ */.exec(text)?.[0] ?? ''}  `;
  const lines: string[] = [];
  let line = '';
  for (const piece of text.match(/ *[^ ]+/g) ?? []) {
    if (line !== '' && widthOf(line + piece) > width) {
      lines.push(line);
      line = indent + piece.trimStart();
    } else line += piece;
  }
  return [...lines, line].join('\n');
}

/** Colours take up no room. */
function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
