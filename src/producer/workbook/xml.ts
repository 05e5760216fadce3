/**
 * Reads the XML of a part, piece by piece: tags by their names without a prefix, and texts with their entities
 * resolved. saxen takes the tags apart. What it would pass over is refused here (attributes it cannot read), and so are
 * bytes that are not UTF-8 and texts without an end.
 */
import { isUtf8 } from 'node:buffer';
import { Parser } from 'saxen';
import { damaged } from './archive.ts';

/** A cell's text has at most 32,767 characters; what is far beyond is no workbook's. */
export const MOST_TEXT_BYTES = 1024 * 1024;
/** Between two tags: a text of the length above, each character of it written as an entity, and then some. */
const MOST_SILENT_BYTES = 16 * MOST_TEXT_BYTES;

const ENTITY = /&(?:#(\d+)|#x([\da-f]+)|(amp|lt|gt|quot|apos));/gi;
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};
const LAST_CODE_POINT = 0x10ffff;

export type Attributes = Readonly<Record<string, string | undefined>>;

/** What a reader of some part does with its tags. */
export interface XmlTaker {
  /** @param attributes taken apart only if called, and valid only for now; texts in them still have their entities */
  open(name: string, attributes: () => Attributes): void;
  close(name: string): void;
  /** One or more pieces of the text between two tags. */
  text(text: string): void;
}

/** Where a part stands, for errors. */
export interface PartName {
  readonly book: string;
  readonly part: string;
}

export class XmlReader {
  readonly #where: PartName;
  readonly #parser: Parser;
  /** The first bytes of a character whose last are in the next piece. */
  #held: Buffer = Buffer.alloc(0);
  /** From the last tag on, which may not be whole yet: saxen takes a `>` in half an attribute for the tag's end. */
  #tag = '';
  #isFirst = true;
  #silentBytes = 0;

  constructor(where: PartName, taker: XmlTaker) {
    this.#where = where;
    const open = (name: string, attributes: () => Attributes) => {
      this.#silentBytes = 0;
      taker.open(withoutPrefix(name), attributes);
    };
    this.#parser = new Parser()
      .on('openTag', open)
      .on('closeTag', (name) => taker.close(withoutPrefix(name)))
      .on('text', (text) => taker.text(resolved(text)))
      .on('cdata', (text) => taker.text(text))
      .on('warn', (error) => this.#refuse(error))
      .on('error', (error) => this.#refuse(error));
  }

  write(piece: Buffer): void {
    const text = this.#tag + this.#decode(piece);
    const whole = Math.max(0, text.lastIndexOf('<'));
    this.#silentBytes += piece.length;
    this.#tag = text.slice(whole);
    this.#parser.write(text.slice(0, whole));
    if (this.#silentBytes <= MOST_SILENT_BYTES) return;
    throw damaged(this.#where.book, `its part ${this.#where.part} has a text without an end`);
  }

  end(): void {
    if (this.#held.length > 0) throw this.#notUtf8('');
    this.#parser.write(this.#tag);
    this.#parser.end();
  }

  #decode(piece: Buffer): string {
    const bytes = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece]);
    const end = wholeCharacters(bytes);
    const whole = bytes.subarray(0, end);
    this.#held = end < bytes.length ? Buffer.from(bytes.subarray(end)) : Buffer.alloc(0);
    if (!isUtf8(whole)) throw this.#notUtf8(this.#isFirst && whole.includes(0) ? ' (UTF-16?)' : '');
    const text = whole.toString('utf8');
    if (!this.#isFirst) return text;
    this.#isFirst = false;
    return text.replace(/^\ufeff/, '');
  }

  #notUtf8(what: string): Error {
    const { book, part } = this.#where;
    return damaged(book, `expected its part ${part} in UTF-8, got other bytes${what}`);
  }

  #refuse(error: Error): never {
    throw damaged(this.#where.book, `its part ${this.#where.part} is no XML`, error);
  }
}

/** Reads a part to its end. */
export async function readXml(
  pieces: AsyncIterable<Buffer>,
  where: PartName,
  taker: XmlTaker,
): Promise<void> {
  const reader = new XmlReader(where, taker);
  for await (const piece of pieces) reader.write(piece);
  reader.end();
}

/** A text or an attribute's value as it is meant. */
export function resolved(text: string): string {
  // XML has one line end, however it was written.
  const lines = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  if (!lines.includes('&')) return lines;
  return lines.replace(ENTITY, (_all, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED[name.toLowerCase()] ?? '';
    const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return point <= LAST_CODE_POINT ? String.fromCodePoint(point) : '\ufffd';
  });
}

/** `x:row` is `row`: writers choose their prefixes, and no two elements that are read differ in their namespace alone. */
function withoutPrefix(name: string): string {
  const at = name.indexOf(':');
  return at === -1 ? name : name.slice(at + 1);
}

/** How many bytes there are up to the last character that is whole. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
