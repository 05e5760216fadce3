/**
 * CSV as RFC 4180 writes it. Nothing is put before a cell that begins with `=`, `+`, `-` or `@`: the number in it
 * would no longer be the number. Whoever opens it in a spreadsheet imports the columns as text.
 */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: string | number | null): string {
  if (value === null) return '';
  const text = String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
