/**
 * Puts the texts of elements together, as they stand in shared strings and in cells: runs of rich text are joined, and
 * how a text is read aloud (phonetic runs) is left out.
 */
import { damaged } from './archive.ts';
import { type Attributes, MOST_TEXT_BYTES, type PartName, type XmlTaker } from './xml.ts';

const ESCAPE = /_x([\da-f]{4})_/gi;

export class TextTaker implements XmlTaker {
  readonly #where: PartName;
  readonly #element: string;
  readonly #take: (text: string) => void;
  #text = '';
  #isText = false;
  #isPhonetic = false;

  /** @param element what begins and ends a text, as `si` */
  constructor(where: PartName, element: string, take: (text: string) => void) {
    this.#where = where;
    this.#element = element;
    this.#take = take;
  }

  open(name: string, _attributes?: () => Attributes): void {
    if (name === 't') this.#isText = !this.#isPhonetic;
    else if (name === 'rPh') this.#isPhonetic = true;
    else if (name === this.#element) this.#text = '';
  }

  close(name: string): void {
    if (name === 't') this.#isText = false;
    else if (name === 'rPh') this.#isPhonetic = false;
    else if (name === this.#element) this.#take(unescaped(this.#text));
  }

  text(text: string): void {
    if (!this.#isText) return;
    this.#text = this.#text === '' ? text : this.#text + text;
    refuseLong(this.#text, this.#where);
  }
}

/** Characters that XML cannot hold are written as in `_x000D_`. */
export function unescaped(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(ESCAPE, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** @throws VolleyError `bad_input` */
export function refuseLong(text: string, { book }: PartName): void {
  if (text.length * 3 < MOST_TEXT_BYTES || Buffer.byteLength(text) < MOST_TEXT_BYTES) return;
  throw damaged(book, 'expected texts of less than 1 MB, got a longer one');
}
