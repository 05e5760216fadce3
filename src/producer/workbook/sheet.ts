/**
 * The XML of a sheet → its rows of cells, each in its column. Numbers and dates become text here; shared texts stay
 * the numbers they go by, for most of them are never asked for. Judges no row, and skips none.
 */
import { damaged } from './archive.ts';
import { numberText } from './number-text.ts';
import type { Styles } from './styles.ts';
import { refuseLong, TextTaker, unescaped } from './text-taker.ts';
import type { Attributes, PartName, XmlTaker } from './xml.ts';

/** The columns of the widest sheet there is, A to XFD. */
export const MOST_COLUMNS = 16_384;

/** Text, or the index of a shared text. */
export type Cell = string | number;

export interface SheetRow {
  /** Counted from 1, as the sheet counts. */
  readonly number: number;
  /** What is in it, in the order of the sheet. Empty cells are not there. */
  readonly cells: readonly Cell[];
  /** In which column each of them stands, counted from 0: a row may have two cells, in A and in XFD. */
  readonly columns: readonly number[];
}

/** What stands in a column of a row. */
export function cellAt({ cells, columns }: SheetRow, column: number): Cell | undefined {
  // Most rows are full up to there.
  if (columns[column] === column) return cells[column];
  const at = columns.indexOf(column);
  return at === -1 ? undefined : cells[at];
}

export class SheetTaker implements XmlTaker {
  /** Rows that are whole: to be taken away by whoever feeds this. */
  rows: SheetRow[] = [];
  readonly #where: PartName;
  readonly #styles: Styles;
  readonly #inline: TextTaker;
  #inRow = false;
  #number = 0;
  #cells: Cell[] = [];
  #columns: number[] = [];
  #column = -1;
  #kind: string | undefined;
  #style = 0;
  #isValue = false;
  #value = '';

  constructor(where: PartName, styles: Styles) {
    this.#where = where;
    this.#styles = styles;
    this.#inline = new TextTaker(where, 'is', (text) => {
      this.#value = text;
    });
  }

  open(name: string, attributes: () => Attributes): void {
    switch (name) {
      case 'c':
        this.#beginCell(attributes());
        return;
      case 'v':
        this.#isValue = true;
        return;
      case 'row':
        this.#beginRow(attributes());
        return;
      default:
        if (this.#inRow) this.#inline.open(name);
    }
  }

  close(name: string): void {
    switch (name) {
      case 'c':
        this.#endCell();
        return;
      case 'v':
        this.#isValue = false;
        return;
      case 'row':
        this.#inRow = false;
        this.rows.push({ number: this.#number, cells: this.#cells, columns: this.#columns });
        return;
      default:
        if (this.#inRow) this.#inline.close(name);
    }
  }

  text(text: string): void {
    if (this.#isValue) {
      this.#value = this.#value === '' ? text : this.#value + text;
      refuseLong(this.#value, this.#where);
    } else if (this.#inRow) {
      this.#inline.text(text);
    }
  }

  #beginRow({ r }: Attributes): void {
    this.#inRow = true;
    this.#number = r === undefined ? this.#number + 1 : Number(r);
    this.#cells = [];
    this.#columns = [];
    this.#column = -1;
    if (Number.isSafeInteger(this.#number) && this.#number > 0) return;
    throw this.#damaged('a row without a number');
  }

  #beginCell({ r, t, s }: Attributes): void {
    this.#column = r === undefined ? this.#column + 1 : columnOf(r);
    this.#kind = t;
    this.#style = s === undefined ? 0 : Number(s);
    this.#value = '';
    if (this.#column >= 0 && this.#column < MOST_COLUMNS) return;
    throw this.#damaged(`a cell beyond column ${MOST_COLUMNS}`);
  }

  #endCell(): void {
    if (this.#value === '') return;
    this.#cells.push(this.#cellOf(this.#value));
    this.#columns.push(this.#column);
  }

  #cellOf(value: string): Cell {
    switch (this.#kind) {
      case 's':
        return Number(value);
      case undefined:
      case 'n': {
        const show = this.#styles.showOf(this.#style);
        return show === undefined ? numberText(value) : show(value);
      }
      case 'b':
        return value.trim() === '1' || value.trim() === 'true' ? 'TRUE' : 'FALSE';
      case 'd':
        return this.#styles.showIso(value, this.#style);
      case 'str':
        return unescaped(value);
      default:
        return value;
    }
  }

  #damaged(what: string): Error {
    const { book, part } = this.#where;
    return damaged(book, `its part ${part} has, after row ${this.#number}, ${what}`);
  }
}

/** `AB12` is 27; -1 for what is no place of a cell. */
function columnOf(place: string): number {
  let column = 0;
  for (let at = 0; at < place.length; at++) {
    // Letters alone, in either case.
    const letter = place.charCodeAt(at) & ~32;
    if (letter < 65 || letter > 90) break;
    column = column * 26 + letter - 64;
    if (column > MOST_COLUMNS) break;
  }
  return column - 1;
}
