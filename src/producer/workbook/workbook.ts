/**
 * An open workbook: which of its sheets is read, and its rows, in pieces of the sheet's XML. Only the shared texts are
 * kept in memory. What the rows mean is for the readers of lists.
 */
import type { FileHandle } from 'node:fs/promises';
import { VolleyError } from '../../shared/errors.ts';
import { shellWord } from '../../shared/shell.ts';
import { Archive, damaged } from './archive.ts';
import { type Book, readBook, type Sheet } from './book.ts';
import { SharedStrings } from './shared-strings.ts';
import { type Cell, type SheetRow, SheetTaker } from './sheet.ts';
import { readFormats, Styles } from './styles.ts';
import { XmlReader } from './xml.ts';

/** How many names of sheets an error repeats. */
const MOST_NAMES = 20;

export class Workbook {
  readonly #archive: Archive;
  readonly #book: Book;
  readonly #styles: Styles;
  #strings: SharedStrings | undefined;

  private constructor(archive: Archive, book: Book, styles: Styles) {
    this.#archive = archive;
    this.#book = book;
    this.#styles = styles;
  }

  /** @throws VolleyError `bad_input` for what is no workbook. The file is for the caller to close. */
  static async open(file: FileHandle, name: string, signal?: AbortSignal): Promise<Workbook> {
    const archive = await Archive.open(file, name, signal);
    const book = await readBook(archive);
    const { styles: part } = book;
    const formats =
      part === undefined ? [] : await readFormats(archive.read(part), { book: name, part });
    return new Workbook(archive, book, new Styles(formats, book.isOf1904));
  }

  /**
   * The sheet of that name, by its letters' case or else without regard to it; without a name, the first one that is
   * not hidden. @throws VolleyError `bad_input`, with the names that there are
   */
  sheet(name: string | undefined): Sheet {
    const { sheets } = this.#book;
    const [first] = sheets;
    const chosen =
      name === undefined
        ? (sheets.find(({ isHidden }) => !isHidden) ?? first)
        : onlyOne(sheets, name);
    if (chosen !== undefined) return chosen;
    const names = sheets.slice(0, MOST_NAMES).map((each) => shellWord(each.name));
    const more = sheets.length > MOST_NAMES ? ' and more' : '';
    throw new VolleyError(
      'bad_input',
      `${this.#archive.name}: expected a sheet ${shellWord(name ?? '')}, got ${names.join(', ')}${more}; ` +
        'name one with --sheet',
    );
  }

  /** Sheets that are not hidden and have a row with something in it, beside the one that is read. */
  async othersWithRows(read: Sheet): Promise<Sheet[]> {
    const others: Sheet[] = [];
    for (const sheet of this.#book.sheets) {
      if (sheet === read || sheet.isHidden || !this.#archive.has(sheet.path)) continue;
      for await (const rows of this.#rowsOf(sheet)) {
        if (rows.every(({ cells }) => cells.length === 0)) continue;
        others.push(sheet);
        break;
      }
    }
    return others;
  }

  /**
   * Its rows, in their order, as many at a time as a piece of it holds.
   * @throws VolleyError `bad_input` for a part that is missing or damaged
   */
  async *rows(sheet: Sheet): AsyncGenerator<readonly SheetRow[]> {
    await this.#readStrings();
    yield* this.#rowsOf(sheet);
  }

  /**
   * A string of its own: a slice of a piece of the sheet would keep that whole piece in memory for as long as a message
   * waits to be filled. @throws VolleyError `bad_input` for a shared text that is not there
   */
  text(cell: Cell | undefined): string {
    if (typeof cell !== 'number') return ownCopy(cell ?? '');
    const text = this.#strings?.at(cell);
    if (text !== undefined) return text;
    throw damaged(this.#archive.name, `it has no shared text ${cell}`);
  }

  async #readStrings(): Promise<void> {
    const part = this.#book.sharedStrings;
    if (part === undefined || !this.#archive.has(part)) return;
    const where = { book: this.#archive.name, part };
    this.#strings ??= await SharedStrings.read(this.#archive.read(part), where);
  }

  async *#rowsOf({ path }: Sheet): AsyncGenerator<readonly SheetRow[]> {
    const where = { book: this.#archive.name, part: path };
    const taker = new SheetTaker(where, this.#styles);
    const reader = new XmlReader(where, taker);
    for await (const piece of this.#archive.read(path)) {
      reader.write(piece);
      const { rows } = taker;
      taker.rows = [];
      if (rows.length > 0) yield rows;
    }
    reader.end();
  }
}

function onlyOne(sheets: readonly Sheet[], name: string): Sheet | undefined {
  const exact = sheets.find((sheet) => sheet.name === name);
  if (exact !== undefined) return exact;
  const wanted = name.trim().toLowerCase();
  const alike = sheets.filter((sheet) => sheet.name.trim().toLowerCase() === wanted);
  return alike.length === 1 ? alike[0] : undefined;
}

/** V8 copies what is shorter. */
const SHORTEST_SLICE = 13;

function ownCopy(text: string): string {
  return text.length < SHORTEST_SLICE ? text : Buffer.from(text).toString('utf8');
}
