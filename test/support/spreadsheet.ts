/**
 * Writes a list the way that spreadsheets, shops and CRMs do: with their delimiters, quotes, text marks, blank rows and
 * encodings. It knows nothing of how Volley reads; what it writes, a test expects back.
 */
import { gzipSync } from 'node:zlib';

/** A person of the list: digits with `+`, and the values. */
export interface WrittenRow {
  readonly to: string;
  readonly values: readonly string[];
}

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252' | 'gb18030' | 'big5';

export interface SheetStyle {
  readonly delimiter: ',' | ';' | '\t' | '|';
  readonly lineEnd: '\n' | '\r\n' | '\r';
  readonly quotes: 'where needed' | 'all';
  /** What makes a spreadsheet take the number for text. */
  readonly numberMark: 'none' | 'apostrophe' | 'formula';
  /** A byte-order mark, where the encoding has one. */
  readonly mark: boolean;
  readonly encoding: TextEncoding;
  /** A first line `sep=`. */
  readonly sepLine: boolean;
  /** Rows of nothing but delimiters, after every so many rows and at the end; 0 is none. */
  readonly blankEvery: number;
  /** Each row ends in so many empty cells beyond the header. */
  readonly surplus: number;
  /** Spaces around each value. */
  readonly padding: '' | ' ' | '\u00a0' | ' \u3000 ';
  /** Lines above the header. */
  readonly titles: readonly string[];
  readonly endsInLineEnd: boolean;
  readonly gzip: boolean;
}

export interface Sheet {
  readonly bytes: Buffer;
  /** Rows that are empty in every cell. */
  readonly blank: number;
  /** The line of the header, counted from 1. */
  readonly headerRow: number;
}

/** @param header the number's column first */
export function writeSheet(
  header: readonly string[],
  rows: readonly WrittenRow[],
  style: SheetStyle,
): Sheet {
  const { delimiter, padding, surplus, titles, sepLine } = style;
  const lineOf = (cells: readonly string[]) =>
    cells.map((text) => quoted(text, style)).join(delimiter) + delimiter.repeat(surplus);
  const blankLine = delimiter.repeat(header.length + surplus);
  const lines = [...(sepLine ? [`sep=${delimiter}`] : []), ...titles, lineOf(header)];
  let blank = 0;
  for (const [index, { to, values }] of rows.entries()) {
    lines.push(lineOf([marked(to, style), ...values.map((text) => padding + text + padding)]));
    if (style.blankEvery > 0 && (index + 1) % style.blankEvery === 0) {
      lines.push(blankLine);
      blank += 1;
    }
  }
  const text = lines.join(style.lineEnd) + (style.endsInLineEnd ? style.lineEnd : '');
  const bytes = encode(text, style);
  const headerRow = (sepLine ? 1 : 0) + titles.length + 1;
  return { bytes: style.gzip ? gzipSync(bytes) : bytes, blank, headerRow };
}

function marked(to: string, { numberMark }: SheetStyle): string {
  if (numberMark === 'apostrophe') return `'${to}`;
  return numberMark === 'formula' ? `="${to}"` : to;
}

function quoted(text: string, { quotes, delimiter }: SheetStyle): string {
  const isNeeded = text.includes(delimiter) || /["\r\n]/.test(text);
  return quotes === 'all' || isNeeded ? `"${text.replaceAll('"', '""')}"` : text;
}

function encode(text: string, { encoding, mark }: SheetStyle): Buffer {
  if (encoding === 'utf-8') return Buffer.from((mark ? '\ufeff' : '') + text, 'utf8');
  if (encoding === 'utf-16le') return Buffer.from((mark ? '\ufeff' : '') + text, 'utf16le');
  if (encoding === 'utf-16be') {
    return Buffer.from((mark ? '\ufeff' : '') + text, 'utf16le').swap16();
  }
  const table = tableOf(encoding);
  return Buffer.concat([...text].map((character) => table.get(character) ?? absent(character)));
}

/** Whether an encoding has all the characters of a text. */
export function canEncode(text: string, encoding: TextEncoding): boolean {
  if (encoding.startsWith('utf-')) return true;
  const table = tableOf(encoding);
  return [...text].every((character) => table.has(character));
}

function absent(character: string): never {
  throw new Error(`not in this encoding: ${JSON.stringify(character)}`);
}

const tables = new Map<TextEncoding, Map<string, Buffer>>();

/** Node only decodes these: every one and two bytes are decoded, and the shortest that make a character are its bytes. */
function tableOf(encoding: TextEncoding): Map<string, Buffer> {
  const known = tables.get(encoding);
  if (known) return known;
  const table = new Map<string, Buffer>();
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  const note = (bytes: Buffer) => {
    try {
      const text = decoder.decode(bytes);
      if ([...text].length === 1 && !table.has(text)) table.set(text, bytes);
    } catch {
      // No character has these bytes.
    }
  };
  for (let byte = 0; byte < 256; byte++) note(Buffer.from([byte]));
  if (encoding !== 'windows-1252') {
    for (let pair = 0x8100; pair < 0xff00; pair++) note(Buffer.from([pair >> 8, pair & 255]));
  }
  tables.set(encoding, table);
  return table;
}
