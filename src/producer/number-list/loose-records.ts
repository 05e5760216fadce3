/**
 * Lines → records with their cells, for one delimiter. A quote that is never closed, or closed in the middle of a cell,
 * would swallow other people's rows: its line is then taken without regard to quotes, with a fault, and reading goes
 * on with the next one. It judges no cell.
 */
import type { Line } from './loose-lines.ts';

/** Text within one pair of quotes that is longer is a quote that is never closed. */
const MAX_QUOTED = 1024 * 1024;

export interface LooseRecord {
  readonly cells: readonly string[];
  /** The lines that it is made of: several where a line end stands within quotes. */
  readonly lines: readonly Line[];
  /** The line, where it is one without a quote. */
  readonly plain: Line | undefined;
  /** What kept it from being taken apart as it should be. */
  readonly fault: string | undefined;
}

/** Nearly all are like this one: its cells are taken apart only where somebody asks for them. */
class PlainRecord implements LooseRecord {
  readonly plain: Line;
  readonly fault = undefined;
  readonly #delimiter: string;

  constructor(line: Line, delimiter: string) {
    this.plain = line;
    this.#delimiter = delimiter;
  }

  get cells(): readonly string[] {
    return this.plain.text.split(this.#delimiter);
  }

  get lines(): readonly Line[] {
    return [this.plain];
  }
}

export class LooseRecords {
  readonly #delimiter: string;
  /** From the line on whose quote is still open. */
  #open: readonly Line[] = [];

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  /** The records that are whole; at the `last` lines, all. Lines of nothing but blanks are none. */
  take(lines: readonly Line[], last: boolean): LooseRecord[] {
    const queue = this.#open.length === 0 ? lines : [...this.#open, ...lines];
    const records: LooseRecord[] = [];
    let at = 0;
    while (at < queue.length) {
      const line = queue[at];
      if (line !== undefined && isPlain(line)) {
        if (line.text.trim() !== '') records.push(new PlainRecord(line, this.#delimiter));
        at += 1;
        continue;
      }
      const record = recordAt(queue, at, this.#delimiter);
      if (record === undefined && !last && lengthFrom(queue, at) < MAX_QUOTED) break;
      const taken = record ?? unquoted(queue, at, this.#delimiter, 'the quote is not closed');
      if (taken.lines.some(({ text }) => text.trim() !== '')) records.push(taken);
      at += taken.lines.length;
    }
    this.#open = queue.slice(at);
    return records;
  }
}

function isPlain({ text, isPart }: Line): boolean {
  return !isPart && !text.includes('"');
}

/** Undefined where a quote is open at the last of the lines. */
function recordAt(
  lines: readonly Line[],
  start: number,
  delimiter: string,
): LooseRecord | undefined {
  const line = lines[start];
  if (line === undefined) return undefined;
  if (line.isPart) return unquoted(lines, start, delimiter, 'the line is longer than 1 MB');
  let { text } = line;
  const cells: string[] = [];
  let end = start;
  for (let from = 0; from <= text.length; from++) {
    if (text[from] !== '"') {
      const next = text.indexOf(delimiter, from);
      const to = next === -1 ? text.length : next;
      cells.push(text.slice(from, to));
      from = to;
      continue;
    }
    let cell = '';
    let at = from + 1;
    for (;;) {
      const quote = text.indexOf('"', at);
      if (quote === -1) {
        end += 1;
        const next = lines[end];
        if (next === undefined) return undefined;
        cell += `${text.slice(at)}\n`;
        text = next.text;
        at = 0;
        continue;
      }
      cell += text.slice(at, quote);
      at = quote + 1;
      if (text[at] !== '"') break;
      cell += '"';
      at += 1;
    }
    while (text[at] === ' ') at += 1;
    if (at < text.length && text[at] !== delimiter) {
      return unquoted(lines, start, delimiter, 'text follows a closing quote');
    }
    cells.push(cell);
    from = at;
  }
  return { cells, lines: lines.slice(start, end + 1), plain: undefined, fault: undefined };
}

function unquoted(
  lines: readonly Line[],
  at: number,
  delimiter: string,
  fault: string,
): LooseRecord {
  const taken = lines.slice(at, at + 1);
  const text = taken[0]?.text ?? '';
  return { cells: text.split(delimiter), lines: taken, plain: undefined, fault };
}

function lengthFrom(lines: readonly Line[], start: number): number {
  let length = 0;
  for (let at = start; at < lines.length; at++) length += lines[at]?.text.length ?? 0;
  return length;
}
