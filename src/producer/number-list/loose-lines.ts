/**
 * Bytes of a text → its lines, whatever is in them: bytes that are no UTF-8 are read as Latin-1, for digits and a plus
 * are the same in both; a NUL is a blank; LF, CR and CRLF all end a line. A line without an end is handed on in parts,
 * so that memory stays bounded. It refuses nothing, and knows nothing of cells.
 */
import { isUtf8 } from 'node:buffer';

/** No honest line is longer. */
const MAX_LINE_BYTES = 1024 * 1024;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
/** Where a line that is too long may be cut without cutting a number. */
const GAPS: readonly number[] = [...',;|\t '].map((text) => text.charCodeAt(0));

export interface Line {
  readonly text: string;
  /** Counted from 1. */
  readonly number: number;
  /** Whether it is only part of a line, which is too long. */
  readonly isPart: boolean;
}

export class LooseLines {
  #held: Buffer = Buffer.alloc(0);
  #number = 1;
  /** Whether parts of the line that is held have been handed on. */
  #isCut = false;

  /** Takes the next bytes, and hands out the lines that have ended. */
  take(bytes: Buffer): Line[] {
    this.#held = Buffer.concat([this.#held, bytes]);
    const lines = this.#whole(lastEnd(this.#held));
    while (this.#held.length > MAX_LINE_BYTES) lines.push(this.#part());
    return lines;
  }

  /** What is left at the end. */
  rest(): Line[] {
    return this.#whole(this.#held.length);
  }

  #whole(end: number): Line[] {
    if (end === 0) return [];
    const block = this.#held.subarray(0, end);
    this.#held = this.#held.subarray(end);
    const texts = isUtf8(block) ? linesOf(block.toString('utf8')) : linesOfForeign(block);
    const lines: Line[] = [];
    for (const text of texts) {
      lines.push({ text: withoutNul(text), number: this.#number, isPart: this.#isCut });
      this.#isCut = false;
      this.#number += 1;
    }
    return lines;
  }

  #part(): Line {
    let end = MAX_LINE_BYTES;
    while (end > 0 && !GAPS.includes(this.#held[end - 1] ?? 0)) end -= 1;
    if (end === 0) end = MAX_LINE_BYTES;
    const text = withoutNul(textOf(this.#held.subarray(0, end)));
    this.#held = this.#held.subarray(end);
    this.#isCut = true;
    return { text, number: this.#number, isPart: true };
  }
}

/** After the last line end. A CR at the very end may have its LF in what comes next. */
function lastEnd(bytes: Buffer): number {
  const known = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 2 : bytes.length - 1;
  if (known < 0) return 0;
  return (
    Math.max(bytes.lastIndexOf(LINE_FEED, known), bytes.lastIndexOf(CARRIAGE_RETURN, known)) + 1
  );
}

function linesOf(text: string): string[] {
  const lines = text.split(text.includes('\r') ? /\r\n|\n|\r/ : '\n');
  // What follows the last line end is no line.
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Only the lines that are no UTF-8 are read otherwise: in others, digits may be of any script. */
function linesOfForeign(block: Buffer): string[] {
  return linesOf(block.toString('latin1')).map((line) => textOf(Buffer.from(line, 'latin1')));
}

function textOf(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}

function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', ' ') : text;
}
