/**
 * Names of columns: what is no part of one, which column a name means, and how names are shown and offered in errors.
 * Which column is what is decided in `choice.ts`.
 */
import { VolleyError } from '../../shared/errors.ts';
import { writeNames } from '../../shared/name-list.ts';
import { maskPhonesIn } from '../../shared/phone.ts';
import { shellWord } from '../../shared/shell.ts';

/** Zero widths, direction marks, variation selectors, soft hyphens, byte-order marks, control characters: nobody sees them. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}|(?![\s\u0085])\p{Cc}/gu;
const SHOWN = 20;
const LONGEST_SHOWN = 64;
const SHOWN_PLACES = 5;

/** The name as it is sent: composed, without what nobody sees, every kind of blank a plain one, and none at its ends. */
export function cleanName(text: string): string {
  return text
    .normalize('NFC')
    .replace(INVISIBLE, '')
    .replace(/\r\n|[\s\u0085]/g, ' ')
    .trim();
}

/** Equal for two names that differ in case alone, or in how many blanks stand in a row. */
function folded(name: string): string {
  return cleanName(name).toLowerCase().replace(/ +/g, ' ').normalize('NFC');
}

/** Where each name of a header stands; made once for a header, of which many names may be asked. */
interface Places {
  readonly exact: ReadonlyMap<string, readonly number[]>;
  readonly folded: ReadonlyMap<string, readonly number[]>;
}

const placesOf = new WeakMap<readonly string[], Places>();

/** Indexes of the columns that a name means: those of that very name, else those that differ from it in case. */
export function columnsNamed(name: string, columns: readonly string[]): readonly number[] {
  const wanted = folded(name);
  // A column without a name is none that could be meant.
  if (wanted === '') return [];
  let places = placesOf.get(columns);
  if (places === undefined) {
    const all = [...columns.keys()];
    places = {
      exact: Map.groupBy(all, (index) => columns[index] ?? ''),
      folded: Map.groupBy(all, (index) => folded(columns[index] ?? '')),
    };
    placesOf.set(columns, places);
  }
  return places.exact.get(cleanName(name)) ?? places.folded.get(wanted) ?? [];
}

export function indexesOf(columns: readonly string[], is: (column: string) => boolean): number[] {
  return [...columns.keys()].filter((index) => is(columns[index] ?? ''));
}

/** Whether a cell is somebody's number, and so no name of a column. */
export function looksLikeNumber(cell: string): boolean {
  return /^['"=\s]*[+＋(]?\p{Nd}(?:[\s().\p{Pd}/]*\p{Nd}){5,}['"\s]*$/u.test(cleanName(cell));
}

/** Whether a name can stand in an error as it is: some lines that ought to be a header hold somebody's number. */
export function isShowable(name: string): boolean {
  return maskPhonesIn(name) === name && !looksLikeNumber(name);
}

/** An option with its value, as a shell takes it. */
export function offer(option: string, value: string): string {
  return `${option} ${shellWord(value)}`;
}

export function offerParams(names: readonly string[]): string {
  return offer('--params', writeNames(names));
}

/** `a`, `a or b`, `a or b or c`: nothing stands at a value that is no part of it. */
export function either(offers: readonly string[]): string {
  return offers.join(' or ');
}

/** In quotes, cut short, and without anybody's number. */
export function quote(text: string): string {
  const shown = maskPhonesIn(text);
  const short = shown.length > LONGEST_SHOWN ? `${shown.slice(0, LONGEST_SHOWN)}…` : shown;
  return JSON.stringify(short).replace(/[\u007f-\u009f]/g, '?');
}

export function list(columns: readonly string[]): string {
  const shown = columns.slice(0, SHOWN).map(quote);
  return columns.length > SHOWN ? `${shown.join(', ')} and more` : shown.join(', ');
}

/** `columns 2 and 5`, counted from 1 as people count them. */
export function positions(indexes: readonly number[]): string {
  const shown = indexes.slice(0, SHOWN_PLACES).map((index) => index + 1);
  return `columns ${shown.join(' and ')}${indexes.length > SHOWN_PLACES ? ' and more' : ''}`;
}

export function refuse(where: string, why: string): never {
  throw new VolleyError('bad_input', `${where}: ${why}`);
}
