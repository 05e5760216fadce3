/**
 * Names of columns as one line of CSV, as `--params` takes them: `name,code`, or `"name, first",code`. Written and read
 * here, so that what an error offers is read back as the same names. It knows no column.
 */

/** @throws SyntaxError what was expected, for a quote that is not closed, or text behind one */
export function parseNames(line: string): string[] {
  const names: string[] = [];
  let at = 0;
  for (;;) {
    const [whole, inQuotes, plain = ''] = CELL.exec(line.slice(at)) ?? [''];
    if (/^\s*"/.test(line.slice(at)) && inQuotes === undefined) {
      throw new SyntaxError('a second quote at the end of a name that begins with one');
    }
    names.push((inQuotes?.replaceAll('""', '"') ?? plain).trim());
    at += whole.length;
    if (at >= line.length) return names;
    if (line[at] !== ',') throw new SyntaxError('a comma after the quote that ends a name');
    at += 1;
  }
}

/** A name in quotes, in which a quote is doubled; or what there is up to the next comma. */
const CELL = /^(?:\s*"((?:[^"]|"")*)"\s*|([^,]*))/;

/** `all` alone means all columns: a column of that name is written in quotes. */
export function writeNames(names: readonly string[]): string {
  if (names.length === 1 && names[0]?.trim() === 'all') return '"all"';
  return names
    .map((name) => (/[,"\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name))
    .join(',');
}
