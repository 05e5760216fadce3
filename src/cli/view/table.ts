/** Columns in plain text, for results on a terminal. */

export type Alignment = 'left' | 'right';

/** Lines with two spaces between columns; the last column is not filled up. */
export function tableLines(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
): string[] {
  const widths = alignments.map((_alignment, at) =>
    Math.max(0, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, at) => {
        const width = widths[at] ?? 0;
        return alignments[at] === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
