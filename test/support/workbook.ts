/**
 * Writes Excel workbooks for tests: texts shared or in their cells, styles, several sheets, and the ways in which the
 * programs that write workbooks differ. Shares nothing with what reads them.
 */
import { type ZipPart, zipOf } from './zip.ts';

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006/relationships';
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const PIECE_CHARS = 256 * 1024;

/** A text, a number, or the XML of a cell's inside with its attributes, as `t="b"`. Undefined: no cell. */
export type WrittenCell =
  | string
  | number
  | undefined
  | { readonly attributes?: string; readonly inside: string };

export interface WrittenSheet {
  readonly name: string;
  /** By their place: the first is row 1. Undefined: no row. An iterable of a generator may be as long as it likes. */
  readonly rows: Iterable<readonly WrittenCell[] | undefined>;
  /** Further attributes of its entry in the workbook, as `state="hidden"`. */
  readonly attributes?: string;
}

export interface WrittenBook {
  readonly sheets: readonly WrittenSheet[];
  /** Default: shared. */
  readonly texts?: 'shared' | 'inline';
  /** Of the elements, as openpyxl's cousins write them: `x:` */
  readonly prefix?: string;
  /** Whether cells and rows say where they stand. Default: true. */
  readonly places?: boolean;
  /** Codes of number formats; the style N of a cell has the Nth of them, counted from 1. A number is one that is built in. */
  readonly formats?: readonly (string | number)[];
  readonly isOf1904?: boolean;
  /** Before the targets of relations. Default: none, they are relative. */
  readonly root?: string;
  /** Parts to put in, or in place of others. */
  readonly parts?: readonly ZipPart[];
}

export async function writeWorkbook(book: WrittenBook): Promise<Buffer> {
  const own = book.parts?.map(({ name }) => name) ?? [];
  const parts = partsOf(book).filter(({ name }) => !own.includes(name));
  return zipOf([...parts, ...(book.parts ?? [])]);
}

/** One sheet, of rows of texts and numbers. */
export function sheetOf(
  rows: WrittenSheet['rows'],
  options: Omit<WrittenBook, 'sheets'> = {},
): Promise<Buffer> {
  return writeWorkbook({ ...options, sheets: [{ name: 'Sheet1', rows }] });
}

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/_x(?=[0-9A-Fa-f]{4}_)/g, '_x005F_x')
    .replaceAll('\r', '_x000D_');
}

function partsOf(book: WrittenBook): ZipPart[] {
  const { sheets, texts = 'shared', root = '' } = book;
  const shared = new Map<string, number>();
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`;
  const relations = [
    ...sheets.map((_, at) =>
      relation(`rId${at + 1}`, 'worksheet', `${root}worksheets/s${at + 1}.xml`),
    ),
    relation('rIdS', 'styles', `${root}styles.xml`),
    ...(texts === 'shared' ? [relation('rIdT', 'sharedStrings', `${root}sharedStrings.xml`)] : []),
  ];
  const top = relation(
    'rId1',
    'officeDocument',
    root === '' ? 'xl/workbook.xml' : '/xl/workbook.xml',
  );
  return [
    { name: '[Content_Types].xml', text: [contentTypes(sheets.length)] },
    {
      name: '_rels/.rels',
      text: [`${HEAD}<Relationships xmlns="${PACKAGE}">${top}</Relationships>`],
    },
    { name: 'xl/workbook.xml', text: [workbookXml(book)] },
    {
      name: 'xl/_rels/workbook.xml.rels',
      text: [`${HEAD}<Relationships xmlns="${PACKAGE}">${relations.join('')}</Relationships>`],
    },
    { name: 'xl/styles.xml', text: [stylesXml(book)] },
    ...sheets.map(({ rows }, at) => ({
      name: `xl/worksheets/s${at + 1}.xml`,
      text: inPieces(sheetXml(rows, book, shared)),
    })),
    // Last, for the texts are known once the sheets are written.
    ...(texts === 'shared'
      ? [{ name: 'xl/sharedStrings.xml', text: inPieces(sharedXml(shared, book)) }]
      : []),
  ];
}

function contentTypes(sheets: number): string {
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const overrides = Array.from(
    { length: sheets },
    (_, at) =>
      `<Override PartName="/xl/worksheets/s${at + 1}.xml" ContentType="${type}.worksheet+xml"/>`,
  );
  return (
    `${HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
    '<Default Extension="xml" ContentType="application/xml"/>' +
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    `<Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/>${overrides.join('')}</Types>`
  );
}

function workbookXml({ sheets, prefix = '', isOf1904 }: WrittenBook): string {
  const listed = sheets.map(
    ({ name, attributes = '' }, at) =>
      `<${prefix}sheet name="${escaped(name)}" sheetId="${at + 7}" ${attributes} r:id="rId${at + 1}"/>`,
  );
  const properties = isOf1904 ? `<${prefix}workbookPr date1904="1"/>` : '';
  return (
    `${HEAD}<${prefix}workbook ${namespaces(prefix)} xmlns:r="${OFFICE}">${properties}` +
    `<${prefix}sheets>${listed.join('')}</${prefix}sheets></${prefix}workbook>`
  );
}

function stylesXml({ prefix = '', formats = [] }: WrittenBook): string {
  const p = prefix;
  const idOf = (format: string | number, at: number) =>
    typeof format === 'number' ? format : 164 + at;
  const own = formats.flatMap((format, at) =>
    typeof format === 'number'
      ? []
      : [`<${p}numFmt numFmtId="${idOf(format, at)}" formatCode="${escaped(format)}"/>`],
  );
  const styles = ['0', ...formats.map((format, at) => String(idOf(format, at)))].map(
    (id) => `<${p}xf numFmtId="${id}" fontId="0" fillId="0" borderId="0" xfId="0"/>`,
  );
  return (
    `${HEAD}<${p}styleSheet ${namespaces(p)}><${p}numFmts>${own.join('')}</${p}numFmts>` +
    // Not the styles that cells name: a reader that takes them for those is off by some.
    `<${p}cellStyleXfs><${p}xf numFmtId="14"/><${p}xf numFmtId="14"/></${p}cellStyleXfs>` +
    `<${p}cellXfs>${styles.join('')}</${p}cellXfs>` +
    `<${p}dxfs><${p}dxf><${p}numFmt numFmtId="164" formatCode="0"/></${p}dxf></${p}dxfs></${p}styleSheet>`
  );
}

function* sheetXml(
  rows: WrittenSheet['rows'],
  { prefix = '', places = true, texts = 'shared' }: WrittenBook,
  shared: Map<string, number>,
): Generator<string> {
  const p = prefix;
  const insideOf = (text: string): [string, string] => {
    if (texts === 'inline') return ['t="inlineStr"', `<${p}is>${textXml(text, p)}</${p}is>`];
    const index = shared.get(text) ?? shared.size;
    shared.set(text, index);
    return ['t="s"', `<${p}v>${index}</${p}v>`];
  };
  const cellXml = (cell: WrittenCell, column: number, row: number): string => {
    if (cell === undefined) return '';
    const [attributes, inside] =
      typeof cell === 'number'
        ? ['', `<${p}v>${cell}</${p}v>`]
        : typeof cell === 'string'
          ? insideOf(cell)
          : [cell.attributes ?? '', cell.inside];
    const place = places ? ` r="${letters(column)}${row}"` : '';
    return `<${p}c${place} ${attributes}>${inside}</${p}c>`;
  };
  yield `${HEAD}<${p}worksheet ${namespaces(p)}><${p}sheetData>`;
  let number = 0;
  for (const row of rows) {
    number += 1;
    if (row === undefined) continue;
    const cells = row.map((cell, column) => cellXml(cell, column, number));
    yield `<${p}row${places ? ` r="${number}"` : ''}>${cells.join('')}</${p}row>`;
  }
  yield `</${p}sheetData></${p}worksheet>`;
}

function* sharedXml(shared: ReadonlyMap<string, number>, { prefix: p = '' }: WrittenBook) {
  yield `${HEAD}<${p}sst ${namespaces(p)} count="${shared.size}" uniqueCount="${shared.size}">`;
  for (const text of shared.keys()) yield `<${p}si>${textXml(text, p)}</${p}si>`;
  yield `</${p}sst>`;
}

function textXml(text: string, p: string): string {
  const space = text.trim() === text ? '' : ' xml:space="preserve"';
  return `<${p}t${space}>${escaped(text)}</${p}t>`;
}

function namespaces(prefix: string): string {
  return prefix === '' ? `xmlns="${MAIN}"` : `xmlns:${prefix.slice(0, -1)}="${MAIN}"`;
}

/** 0 is A, 27 is AB. */
export function letters(column: number): string {
  const rest = Math.floor(column / 26);
  return (rest > 0 ? letters(rest - 1) : '') + String.fromCharCode(65 + (column % 26));
}

function* inPieces(texts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length < PIECE_CHARS) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
