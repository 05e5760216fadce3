/** What a workbook consists of: its sheets in their order, and the parts that they need. Reads no cell. */
import { VolleyError } from '../../shared/errors.ts';
import { type Archive, damaged } from './archive.ts';
import { foreignArchive } from './foreign.ts';
import { type Attributes, readXml, resolved, type XmlTaker } from './xml.ts';

export interface Sheet {
  readonly name: string;
  /** Its part of the archive. */
  readonly path: string;
  readonly isHidden: boolean;
}

export interface Book {
  /** Those with cells: no charts, no dialogs. */
  readonly sheets: readonly Sheet[];
  readonly isOf1904: boolean;
  readonly sharedStrings: string | undefined;
  readonly styles: string | undefined;
}

interface Relation {
  /** The last word of its type, as `worksheet`. */
  readonly type: string;
  readonly path: string;
}

/** @throws VolleyError `bad_input` for an archive that is no workbook, or has no sheet */
export async function readBook(archive: Archive): Promise<Book> {
  const path = await workbookPath(archive);
  const relations = await readRelations(archive, path);
  const pathOf = (type: string) =>
    [...relations.values()].find((relation) => relation.type === type)?.path;
  const named: Attributes[] = [];
  let isOf1904 = false;
  const taker: XmlTaker = {
    open: (name, attributes) => {
      if (name === 'sheet') named.push({ ...attributes() });
      else if (name === 'workbookPr') isOf1904 = countsFrom1904(attributes());
    },
    close: () => undefined,
    text: () => undefined,
  };
  await readXml(archive.read(path), { book: archive.name, part: path }, taker);
  const sheets = named.flatMap((attributes) => sheetOf(attributes, relations));
  if (sheets.length === 0) throw damaged(archive.name, 'it has no sheet with cells');
  return {
    sheets,
    isOf1904,
    sharedStrings: pathOf('sharedStrings'),
    styles: pathOf('styles'),
  };
}

async function workbookPath(archive: Archive): Promise<string> {
  const relations = archive.has('_rels/.rels') ? await readRelations(archive, '') : new Map();
  const main = [...relations.values()].find(({ type }) => type === 'officeDocument')?.path;
  const path = main ?? 'xl/workbook.xml';
  if (archive.has(path) && /(^|\/)workbook[^/]*\.xml$/i.test(path)) return path;
  if (main !== undefined && !archive.has(path)) throw damaged(archive.name, `it lacks ${path}`);
  const found = foreignArchive(archive.names);
  throw new VolleyError('bad_input', `${archive.name}: expected an Excel workbook, ${found}`);
}

/** The parts that a part names, by the ids that it calls them. @param path of the part; empty for the whole archive */
async function readRelations(archive: Archive, path: string): Promise<Map<string, Relation>> {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
  const part = `${folder}_rels/${path.slice(folder.length)}.rels`;
  const relations = new Map<string, Relation>();
  const taker: XmlTaker = {
    open: (name, attributes) => {
      if (name !== 'Relationship') return;
      const { Id = '', Type = '', Target = '' } = attributes();
      const type = Type.slice(Type.lastIndexOf('/') + 1);
      relations.set(Id, { type, path: absolute(folder, resolved(Target)) });
    },
    close: () => undefined,
    text: () => undefined,
  };
  await readXml(archive.read(part), { book: archive.name, part }, taker);
  return relations;
}

/** A target as a path from the archive's root, to which `/xl/…` is bound and `../…` leads back. */
function absolute(folder: string, target: string): string {
  const base = `zip:///${target.startsWith('/') ? '' : folder}`;
  return decoded(new URL(target.replaceAll('\\', '/').replace(/^\/+/, ''), base).pathname.slice(1));
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function sheetOf(attributes: Attributes, relations: ReadonlyMap<string, Relation>): Sheet[] {
  // `r:id`, whatever its prefix; `sheetId` is another thing.
  const [, id = ''] = Object.entries(attributes).find(([name]) => /:id$/.test(name)) ?? [];
  const relation = relations.get(id);
  if (relation?.type !== 'worksheet') return [];
  const { name = '', state = 'visible' } = attributes;
  return [{ name: resolved(name), path: relation.path, isHidden: state !== 'visible' }];
}

function countsFrom1904({ date1904 }: Attributes): boolean {
  return date1904 === '1' || date1904 === 'true' || date1904 === 'on';
}
